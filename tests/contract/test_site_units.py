"""Units of systemd for further factories: the same processes as in the compose file of the site."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from deploy import factories as site_compose
from deploy import site_units
from omf.factories import read_factories

FILE = """\
factories:
  - {name: hall-2, kind: live, title: Hall 2, broker: "mqtts://omf@192.168.2.100:8883"}
  - {name: mock, kind: mock}
  - {name: training, kind: mock}
  - {name: archive, kind: replay}
"""
UNITS = site_units.UNIT_PATTERNS
UNIT = re.compile(r"(?P<unit>omf-[a-z0-9-]+@?)(?P<instance>[a-z0-9-]*)\.service(\.d/site\.conf)?")


@pytest.fixture
def out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    (tmp_path / "factories.yaml").write_text(FILE, "utf-8")
    out = tmp_path / "units"
    assert site_units.main([str(tmp_path / "factories.yaml"), "--out", str(out)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "broker mock 8883",
        "broker training 8885",
        "broker archive 8886",
    ]
    return out


def _variables(text: str) -> dict[str, str]:
    return dict(re.findall(r"(?<=[ =])(OMF_[A-Z_]+)=([^\s']+)", text))


def _written(out: Path) -> dict[str, str]:
    """Path below the folder of units, and content."""
    return {
        str(path.relative_to(out)): path.read_text("utf-8")
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


def test_each_factory_has_the_processes_it_has_in_containers(out: Path) -> None:
    found = read_factories(FILE)
    pattern = yaml.safe_load(site_compose.PATTERN.read_text("utf-8"))
    made = site_compose.compose(pattern, found, "factories.yaml", "out.yml")["services"]
    parts = {
        name
        for name, one in made.items()
        if one.get("environment", {}).get("OMF_ENVIRONMENT") and "init" not in name
    }
    here = set()
    for path in _written(out):
        if not (told := UNIT.fullmatch(path)):
            continue
        unit = told["unit"].removeprefix("omf-").rstrip("@")
        here.add(f"{unit}-{told['instance']}" if told["instance"] else unit)
    assert here - {"ui", "api"} == parts


def test_no_two_processes_of_the_site_take_one_port(out: Path) -> None:
    written = _written(out)
    told = [_variables(text) for path, text in written.items() if path != "targets.yml"]
    ports = [one["OMF_METRICS_PORT"] for one in told if "OMF_METRICS_PORT" in one]
    assert len(ports) == len(set(ports)) == 4 * 6 + 3
    brokers = {urlsplit(one["OMF_MQTT_URL"]).port for one in told if "OMF_MQTT_URL" in one}
    assert brokers == {8883, 8885, 8886}
    asked = [one["targets"][0] for one in yaml.safe_load(written["targets.yml"])]
    assert sorted(asked) == sorted(f"127.0.0.1:{port}" for port in (*ports, 17101, 17102))
    line = next(
        line
        for line in written["omf-ui.service.d/site.conf"].splitlines()
        if "OMF_UI_PARTS" in line
    )
    parts = json.loads(line.partition("OMF_UI_PARTS=")[2].rstrip("'"))
    assert set(parts) >= {"ingest-hall-2", "station-archive", "historian-training", "ui", "api"}
    assert "mock-training" not in parts


def test_what_a_unit_is_given_of_the_secrets_is_drawn(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMF_FACTORIES", str(tmp_path / "factories.yaml"))
    drawn = tmp_path / "drawn"
    subprocess.run(
        [sys.executable, "-m", "deploy.accounts", "--out", str(drawn)],
        check=True,
        capture_output=True,
    )
    for path, text in _written(out).items():
        told = UNIT.fullmatch(path)
        if not told:
            continue
        template = UNITS / f"{told['unit']}.service"
        both = text + (template.read_text("utf-8") if template.exists() else "")
        given = dict(
            line.replace("%i", told["instance"]).split(":")
            for line in re.findall(r"(?m)^LoadCredential=(.*)$", both)
        )
        own = dict(line.split(":") for line in re.findall(r"(?m)^LoadCredential=(.*)$", text))
        for source in (given | own).values():
            assert (drawn / Path(source).name).is_file(), (path, source)


def test_systemd_itself_accepts_them(out: Path, tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.xfail("no systemd-analyze on this machine; the units were read as text")
    there = tmp_path / "system"
    shutil.copytree(out, there)
    (there / "targets.yml").unlink()
    shutil.copy(UNITS / "omf.target", there)
    for path in _written(out):
        told = UNIT.fullmatch(path)
        if told and path.endswith(".conf"):
            name = f"{told['unit']}{told['instance']}.service"
            shutil.copy(UNITS / f"{told['unit']}.service", there / name)
    units = sorted(str(one) for one in there.iterdir() if one.is_file())
    for unit in units:
        text = Path(unit).read_text("utf-8").replace("/opt/omf/bin/python", sys.executable)
        Path(unit).write_text(text, "utf-8")
    done = subprocess.run([program, "verify", *units], capture_output=True, text=True, check=False)
    assert not [line for line in done.stderr.splitlines() if "omf" in line], done.stderr


def test_a_file_that_does_not_fit_writes_nothing_and_says_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(FILE + "  - {name: mock, kind: mock}\n", "utf-8")
    assert site_units.main([str(wrong), "--out", str(tmp_path / "units")]) == 1
    assert "line 6" in capsys.readouterr().err
    assert not (tmp_path / "units").exists()
