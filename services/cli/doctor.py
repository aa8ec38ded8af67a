"""`omf doctor`: what is wrong here and how to mend it; each finding says both."""

import importlib.metadata
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import typer
from packaging.requirements import Requirement
from packaging.version import Version

from services.cli import status
from services.cli.connection import Endpoints, connect, data_folder
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import EXIT_FAILED, data, finish, show
from services.common.store.bus import StoreError
from services.common.store.entries import text
from services.common.store.keys import Environment
from services.supervisor import engines
from services.supervisor.ports import is_free
from services.supervisor.runfile import NotRunningError

DISTRIBUTION = "omf-dashboard"
OLDEST_PYTHON = (3, 11)
OLDEST_STORE = Version("7.0")
"""Consumer groups with their lag, and functions the scripts use (DEPENDENCIES A1)."""
UI_PORT = 8080
LEVEL_MARKS = {"ok": "ok     ", "warn": "note   ", "fail": "WRONG  "}
Level = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class CheckupFinding:
    """One thing looked at."""

    subject: str
    level: Level
    text: str
    mend: str = ""

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        return asdict(self)


def command(
    *, environment: EnvironmentOption = "mock", as_json: JsonOption = False, run: RunOption = None
) -> None:
    """Check this machine, its packages and servers, the folder and what runs; exit 1 if wrong."""

    async def work() -> None:
        found = [finding async for finding in findings(environment, run)]
        for finding in found:
            if as_json:
                data(finding.as_json())
                continue
            show(f"{LEVEL_MARKS[finding.level]}{finding.subject}: {finding.text}")
            if finding.mend:
                show(f"       mend: {finding.mend}")
        if any(finding.level == "fail" for finding in found):
            raise typer.Exit(EXIT_FAILED)

    finish(work())


async def findings(environment: Environment, run: Path | None) -> AsyncIterator[CheckupFinding]:
    """From the ground up: machine, packages, servers, folder, port, then what runs."""
    here: list[Callable[[], Iterator[CheckupFinding]]] = [_python, _packages]
    if not os.environ.get("OMF_STORE_URL"):  # else the servers are started by somebody else
        here.append(_servers)
    for look in here:
        for finding in look():
            yield finding
    yield _folder(data_folder(run))
    try:
        place = connect(environment, run)
    except NotRunningError as error:
        yield CheckupFinding("system", "fail", str(error))
        return
    async for finding in _running(place):
        yield finding


def _python() -> Iterator[CheckupFinding]:
    version = ".".join(map(str, sys.version_info[:3]))
    fits = sys.version_info >= OLDEST_PYTHON
    yield CheckupFinding(
        "python", "ok" if fits else "fail", version, "" if fits else "Use 3.11 or newer."
    )


def _packages() -> Iterator[CheckupFinding]:
    try:
        wanted = importlib.metadata.requires(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        yield CheckupFinding("packages", "warn", f"{DISTRIBUTION} is not installed", "make install")
        return
    wrong = [text for line in wanted if (text := _misfit(Requirement(line)))]
    for text in wrong:
        yield CheckupFinding("packages", "fail", text, "make install")
    if not wrong:
        yield CheckupFinding("packages", "ok", "all there, in versions that fit")


def _misfit(wanted: Requirement) -> str:
    """What is wrong with one requirement; extras for tests may be absent."""
    try:
        there = importlib.metadata.version(wanted.name)
    except importlib.metadata.PackageNotFoundError:
        return "" if wanted.marker else f"{wanted.name} is missing"
    fits = wanted.specifier.contains(there, prereleases=True)
    return "" if fits else f"{wanted.name} {there} is there, {wanted.specifier} is needed"


def _servers() -> Iterator[CheckupFinding]:
    for part, found in (("store", engines.stores()), ("broker", engines.brokers())):
        if not found:
            yield CheckupFinding(part, "fail", *engines.mend(part))
            continue
        names = ", then ".join(engine.name for engine in found)
        yield CheckupFinding(part, "ok", f"`omf up` would start {names}")
    for name in ("valkey-server", "redis-server"):
        path = engines.program(name)
        if path and (version := _version(path)) and version < OLDEST_STORE:
            text = f"{path} is version {version}, too old"
            yield CheckupFinding(
                name, "fail", text, f"Install {OLDEST_STORE} or newer, or remove it."
            )


def _version(path: str) -> Version | None:
    """The version of a redis or valkey server, from `v=7.0.15`."""
    told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    words = (word.removeprefix("v=") for word in told.stdout.split() if word.startswith("v="))
    return next((Version(word) for word in words), None)


def _folder(data: Path) -> CheckupFinding:
    there = next(path for path in (data, *data.absolute().parents) if path.exists())
    if os.access(there, os.W_OK):
        return CheckupFinding("folder", "ok", f"{data} can be written")
    return CheckupFinding(
        "folder", "fail", f"{there} cannot be written", "omf up --data ANOTHER_FOLDER"
    )


async def _running(place: Endpoints) -> AsyncIterator[CheckupFinding]:
    if place.run is None and not os.environ.get("OMF_STORE_URL"):
        taken = "" if is_free(UI_PORT) else f"; port {UI_PORT} is taken, the next one will be used"
        yield CheckupFinding(
            "system", "ok", f"nothing runs here yet; start it with `omf up`{taken}"
        )
        return
    async for row in status.status_rows(place):
        name = f"{row.part} {row.environment or ''}".strip()
        level: Level = "ok" if row.healthy else "fail"
        yield CheckupFinding(name, level, f"{row.state} {row.detail}".strip(), _mend(row, place))
        for note in row.notes:
            yield CheckupFinding(name, "warn", note)
    async for finding in _store_settings(place):
        yield finding


def _mend(row: status.Row, place: Endpoints) -> str:
    if row.healthy:
        return ""
    if place.run is None:
        return "Its log says why: `docker compose logs`, `journalctl -u`; see docs/runbook.md."
    if row.part == "store" or row.part.startswith("broker"):
        return "Start it, or correct its address; `omf up` starts one here."
    return "Its log in the data folder says why (logs/*.log); `omf up` starts it again."


async def _store_settings(place: Endpoints) -> AsyncIterator[CheckupFinding]:
    """A store that evicts forgets consumer groups; one without a log forgets everything."""
    wanted = {"maxmemory-policy": "noeviction", "appendonly": "yes"}
    try:
        async with place.bus() as bus:
            for name, value in wanted.items():
                told = await bus.call(bus.client.config_get(name))
                is_set = {text(k): text(v) for k, v in told.items()}.get(name)
                if is_set == value:
                    yield CheckupFinding("store", "ok", f"{name} is {value}")
                else:
                    mend = f"Set `{name} {value}` in its configuration."
                    yield CheckupFinding("store", "fail", f"{name} is {is_set}, not {value}", mend)
    except StoreError as error:
        yield CheckupFinding("store", "warn", f"its settings cannot be read: {error}")
