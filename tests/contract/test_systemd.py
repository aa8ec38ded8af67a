"""The units start the same services with the same accounts as the containers."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from deploy.accounts.__main__ import draw
from services.api.context import QUESTIONS_AT_ONCE
from services.history.query import Question
from tests.contract.test_container_settings import settings_of
from tests.contract.test_deploy import SERVICES
from tests.support.factory_server import mounts
from tests.support.prometheus import SHIPPED

UNITS = Path(__file__).parents[2] / "deploy/systemd"
SERVICE_UNITS = sorted(UNITS.glob("*.service"))
ENVIRONMENTS = ("live", "mock", "replay")
ONLY = {
    f"omf-{service}@": ENVIRONMENTS
    for service in ("ingest", "orders", "gateway", "alarms", "notifications", "historian")
}
CONTAINER = {"omf-mock": "mock", "omf-station": "station-replay", "omf-ui": "ui", "omf-api": "api"}
HARDENED = {
    "DynamicUser=yes",
    "NoNewPrivileges=yes",
    "CapabilityBoundingSet=",
    "ProtectSystem=strict",
    "PrivateTmp=yes",
    "SystemCallFilter=@system-service",
    "Restart=always",
    "StartLimitIntervalSec=0",
    "TimeoutStopSec=20",
}


def _values(unit: Path, name: str) -> list[str]:
    return re.findall(rf"(?m)^{name}=(.*)$", unit.read_text("utf-8"))


def _variables(unit: Path, instance: str) -> dict[str, str]:
    words = shlex.split(" ".join(_values(unit, "Environment")).replace("%i", instance))
    return dict(word.split("=", 1) for word in words if word.startswith("OMF_"))


def _started() -> dict[str, dict[str, str]]:
    """Every process that the units can start, with its variables: its own drop-ins win."""
    found = {}
    for unit in SERVICE_UNITS:
        for instance in ONLY.get(unit.stem, ("",)):
            told = _variables(unit, instance)
            for own in (UNITS / f"{unit.stem}{instance}.service.d").glob("*.conf"):
                told |= _variables(own, instance)
            found[f"{unit.stem}{instance}"] = told
    return found


def _port(told: dict[str, str]) -> int:
    return int(told.get("OMF_METRICS_PORT", 0))


def _named(unit: str) -> tuple[str, str]:
    """Service and environment of a unit as a monitor labels them."""
    service, _, instance = unit.removeprefix("omf-").partition("@")
    return service, instance or {"mock": "mock", "station": "replay"}.get(service, "")


def test_every_unit_answers_on_a_port_that_nothing_else_of_ours_takes() -> None:
    started = _started()
    ports = [_port(told) for told in started.values()]
    others = [told[key] for told in started.values() for key in told if key.endswith("_PORT")]
    addresses = [told[key] for told in started.values() for key in told if key.endswith("_URL")]
    assert len(started) == 22
    assert 0 not in ports
    assert len(set(others)) == len(others)
    assert not {urlsplit(address).port for address in addresses} & set(ports)
    assert all("OMF_METRICS_HOST" not in told for told in started.values()), "on loopback"


def test_the_native_monitor_asks_every_unit_where_it_answers() -> None:
    text = (SHIPPED / "native/targets.yml").read_text("utf-8")
    asked = {
        (group["labels"]["service"], group["labels"].get("environment", "")): group["targets"]
        for group in yaml.safe_load(text)
    }
    assert asked == {_named(u): [f"127.0.0.1:{_port(told)}"] for u, told in _started().items()}


def test_the_pages_ask_the_same_parts_as_in_containers_where_the_units_answer() -> None:
    started = _started()
    parts = json.loads(started["omf-ui"]["OMF_UI_PARTS"])
    at = {"-".join(filter(None, _named(u))): _port(told) for u, told in started.items()}
    assert parts == {name: f"http://127.0.0.1:{at[name]}" for name in parts}
    assert set(parts) == set(json.loads(SERVICES["ui"]["environment"]["OMF_UI_PARTS"]))


@pytest.mark.prometheus
def test_prometheus_takes_the_native_targets(tmp_path: Path) -> None:
    there = tmp_path / "prometheus"
    shutil.copytree(SHIPPED, there, ignore=shutil.ignore_patterns("targets", "tests"))
    (there / "targets").mkdir()
    shutil.copy(SHIPPED / "native/targets.yml", there / "targets")
    command = ["promtool", "check", "config", "--lint=all", str(there / "prometheus.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("unit", SERVICE_UNITS, ids=lambda unit: unit.stem)
def test_a_unit_runs_a_service_and_tells_it_only_what_it_reads(unit: Path) -> None:
    (command,) = _values(unit, "ExecStart")
    service = command.rpartition("services.")[2]
    assert find_spec(f"services.{service}.__main__")
    assert set(_variables(unit, "mock")) <= settings_of(service)


@pytest.mark.parametrize("unit", SERVICE_UNITS, ids=lambda unit: unit.stem)
def test_a_unit_is_hardened(unit: Path) -> None:
    assert set(unit.read_text("utf-8").splitlines()) >= HARDENED


@pytest.mark.parametrize("unit", SERVICE_UNITS, ids=lambda unit: unit.stem)
def test_a_unit_is_given_the_secrets_of_its_container(
    unit: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    drawn = tmp_path_factory.mktemp("drawn")
    draw(drawn)
    for instance in ONLY.get(unit.stem, ("",)):
        given = dict(
            line.replace("%i", instance).split(":") for line in _values(unit, "LoadCredential")
        )
        for source in given.values():
            assert source.startswith("/etc/omf/secrets/")
            assert (drawn / Path(source).name).is_file()
        name = CONTAINER.get(unit.stem) or f"{unit.stem[4:-1]}-{instance}"
        files = {target: Path(source).name for target, source in given.items()}
        if instance != "live":  # there our own bridge may stand before the factory's broker
            assert files == mounts(name)


@pytest.mark.parametrize("unit", SERVICE_UNITS, ids=lambda unit: unit.stem)
def test_a_unit_uses_account_and_broker_of_its_container(unit: Path) -> None:
    for instance in ONLY.get(unit.stem, ("",)):
        name = CONTAINER.get(unit.stem) or f"{unit.stem[4:-1]}-{instance}"
        here, there = _started()[f"{unit.stem}{instance}"], SERVICES[name]["environment"]
        for variable in ("OMF_STORE_URL", "OMF_MQTT_URL"):
            if variable in there and instance != "live":
                account, _, server = there[variable].partition("@")
                assert here[variable].partition("@")[0] == account
                assert urlsplit(here[variable]).port == _published(server)


def _published(server: str) -> int:
    """Where this machine reaches a server of ours; the store is native here and listens itself."""
    name, _, port = server.partition("/")[0].partition(":")
    published = SERVICES[name].get("ports", (port,))
    return int(published[0].rpartition(f":{port}")[0].rpartition(":")[2] or port)


def test_systemd_itself_accepts_the_units(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.xfail("no systemd-analyze on this machine; the units were read as text")
    for unit in [*SERVICE_UNITS, *UNITS.glob("*.target")]:
        text = unit.read_text("utf-8").replace("/opt/omf/bin/python", sys.executable)
        name = unit.name.replace("@.", "@mock.")
        (tmp_path / name).write_text(text, "utf-8")
    units = sorted(str(path) for path in tmp_path.iterdir())
    for own in UNITS.glob("*@mock.service.d"):
        shutil.copytree(own, tmp_path / own.name)
    done = subprocess.run([program, "verify", *units], capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if "omf" in line]
    assert not ours, done.stderr


def test_questions_about_the_archive_have_memory_beside_the_pages_of_the_api() -> None:
    own_mb = 512
    together_mb = own_mb + QUESTIONS_AT_ONCE * Question.memory_mb
    unit = UNITS / "omf-api.service"
    [limit] = _values(unit, "MemoryMax")
    assert int(limit.removesuffix("M")) >= together_mb
    assert _values(unit, "OOMPolicy") == ["continue"]
    assert int(SERVICES["api"]["mem_limit"].removesuffix("m")) >= together_mb
