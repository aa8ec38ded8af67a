"""A bench says at once what it needs and does not find, and how to get it."""

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from services.supervisor import engines
from tests.bench import needs
from tests.bench.needs import Need, installed, recordings, require
from tests.support import shared
from tests.support.processes import ROOT, base_env

BENCHES = sorted(
    path.stem
    for path in (ROOT / "tests" / "bench").glob("*.py")
    if "if __name__" in path.read_text("utf-8")
)
PARTS = {"operators", "load"}
"""Started by another bench."""
AT_ONCE_S = 30.0
THINGS = ("recordings", "no store", "no broker", "program mosquitto", "program chromium")
NEEDS = {
    "tests.bench.alarms": {"no store", "program chromium"},
    "tests.bench.cli": {"no store", "no broker"},
    "tests.bench.commands": {"no store", "no broker"},
    "tests.bench.disk": {"recordings", "no store", "no broker"},
    "tests.bench.durability": {"recordings", "no store", "program mosquitto"},
    "tests.bench.forecasts": {"recordings"},
    "tests.bench.history": {"recordings", "no store"},
    "tests.bench.history_questions": {"recordings"},
    "tests.bench.ingest": {"recordings", "no store", "program mosquitto"},
    "tests.bench.load": {"recordings"},
    "tests.bench.many_operators": {"no store", "no broker", "program chromium"},
    "tests.bench.omf": {"recordings"},
    "tests.bench.overload": {"no store", "no broker"},
    "tests.bench.page_race": {"no store", "program mosquitto", "program chromium"},
    "tests.bench.past": {"recordings", "no store", "program chromium"},
    "tests.bench.replay": {"recordings", "no broker"},
    "tests.bench.shared": {"no store", "program mosquitto"},
    "tests.bench.shift_report": {"recordings", "no store"},
    "tests.bench.soak": {"no store", "no broker"},
    "tests.bench.ui": {"no store", "no broker", "program chromium"},
    "tests.e2e.screenshots": {"no store", "no broker", "program chromium"},
}
ARGUMENTS = {"tests.bench.load": ("1", "1", "1", "1")}


def test_what_is_there_needs_no_word(capsys: pytest.CaptureFixture[str]) -> None:
    require("bench", Need(str, "buy one"))
    assert capsys.readouterr().err == ""


def test_everything_that_is_missing_is_told_together(capsys: pytest.CaptureFixture[str]) -> None:
    lacking = installed("no-such-program", "no-such-package"), recordings("no-such-recording")
    with pytest.raises(SystemExit) as ended:
        require("bench-x", *lacking)
    said = capsys.readouterr().err.splitlines()
    assert ended.value.code == needs.MISSING
    assert said[0].startswith(
        "bench-x: the program no-such-program is not installed; mend: install"
    )
    assert "no-such-recording" in said[1]
    assert "OMF_SHARED" in said[1]


def test_without_the_recordings_a_bench_ends_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.bench.ingest"]
    env = base_env({"OMF_SHARED": str(tmp_path / "nothing")})
    done = subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=AT_ONCE_S, check=False
    )
    assert done.returncode == needs.MISSING, done.stderr
    assert "recordings" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.timeout(60)
@pytest.mark.parametrize(("name", "wanted"), NEEDS.items())
def test_each_bench_first_names_all_it_needs_and_does_not_find(
    name: str, wanted: set[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shared, "RECORDINGS", {})
    monkeypatch.setattr(engines, "program", lambda _: None)
    monkeypatch.setattr(engines, "stores", list)
    monkeypatch.setattr(engines, "brokers", list)
    monkeypatch.setattr(sys, "argv", [name, *ARGUMENTS.get(name, ())])
    sys.modules.pop(name, None)
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(name, run_name="__main__")
    assert ended.value.code == needs.MISSING
    told = capsys.readouterr().err
    assert {thing for thing in THINGS if thing in told} == wanted
    assert all("; mend: " in line for line in told.splitlines())


@pytest.mark.parametrize("name", ["tests.bench.load", "tests.bench.operators"])
def test_a_part_of_a_bench_names_the_arguments_it_lacks(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [name])
    sys.modules.pop(name, None)
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(name, run_name="__main__")
    assert ended.value.code == needs.MISSING
    assert "the following arguments are required" in capsys.readouterr().err


def test_of_every_bench_it_is_known_what_it_needs() -> None:
    known = {name.rpartition(".")[2] for name in NEEDS} - {"screenshots"}
    # `operators` has no needs of its own: who starts it has looked for what both need.
    # `simulation` and `factories` need nothing but this project.
    assert known == set(BENCHES) - {"factories", "operators", "simulation"}


def test_every_bench_is_run_by_make() -> None:
    found = re.search(r"^PARTS +:= (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert found
    assert set(found[1].split()) == set(BENCHES) - PARTS - {"soak"}
    assert "-m tests.bench.soak" in (ROOT / "Makefile").read_text("utf-8")
