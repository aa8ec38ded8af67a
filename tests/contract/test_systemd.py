"""The units start the same services with the same accounts as the containers."""

import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from deploy.accounts.__main__ import draw
from tests.contract.test_deploy import SERVICES, _settings
from tests.support.factory_server import mounts

UNITS = Path(__file__).parents[2] / "deploy/systemd"
SERVICE_UNITS = sorted(UNITS.glob("*.service"))
ENVIRONMENTS = ("live", "mock", "replay")
ONLY = {"omf-ingest@": ENVIRONMENTS, "omf-orders@": ENVIRONMENTS, "omf-gateway@": ENVIRONMENTS}
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
    words = " ".join(_values(unit, "Environment")).replace("%i", instance).split()
    return dict(word.split("=", 1) for word in words if word.startswith("OMF_"))


@pytest.mark.parametrize("unit", SERVICE_UNITS, ids=lambda unit: unit.stem)
def test_a_unit_runs_a_service_and_tells_it_only_what_it_reads(unit: Path) -> None:
    (command,) = _values(unit, "ExecStart")
    service = command.rpartition("services.")[2]
    assert find_spec(f"services.{service}.__main__")
    assert set(_variables(unit, "mock")) <= _settings(service)


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
def test_a_unit_uses_the_account_of_its_container(unit: Path) -> None:
    for instance in ONLY.get(unit.stem, ("",)):
        name = CONTAINER.get(unit.stem) or f"{unit.stem[4:-1]}-{instance}"
        here, there = _variables(unit, instance), SERVICES[name]["environment"]
        for variable in ("OMF_STORE_URL", "OMF_MQTT_URL"):
            if variable in there and instance != "live":
                account = there[variable].partition("@")[0]
                assert here[variable].partition("@")[0] == account


def test_systemd_itself_accepts_the_units(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.xfail("no systemd-analyze on this machine; the units were read as text")
    for unit in sorted(UNITS.iterdir()):
        text = unit.read_text("utf-8").replace("/opt/omf/bin/python", sys.executable)
        name = unit.name.replace("@.", "@mock.")
        (tmp_path / name).write_text(text, "utf-8")
    units = sorted(str(path) for path in tmp_path.iterdir())
    done = subprocess.run([program, "verify", *units], capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if "omf" in line]
    assert not ours, done.stderr
