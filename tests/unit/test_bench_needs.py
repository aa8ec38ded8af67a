"""A bench says at once what it needs and does not find, and how to get it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench import needs
from tests.bench.needs import Need, installed, recordings, require
from tests.support.processes import ROOT, base_env

BENCHES = sorted(
    path.stem
    for path in (ROOT / "tests" / "bench").glob("*.py")
    if "if __name__" in path.read_text("utf-8")
)
AT_ONCE_S = 30.0


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


@pytest.mark.parametrize("name", ["ingest", "omf", "replay", "disk", "load"])
def test_without_the_recordings_a_bench_ends_at_once(name: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", f"tests.bench.{name}"]
    command += ["1", "1", "1", "1"] if name == "load" else []
    env = base_env({"OMF_SHARED": str(tmp_path / "nothing")})
    done = subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=AT_ONCE_S, check=False
    )
    assert done.returncode == needs.MISSING, done.stderr
    assert "recordings" in done.stderr
    assert "Traceback" not in done.stderr


def test_every_bench_says_what_it_needs() -> None:
    parts = {"ingest", "commands", "ui", "omf", "replay", "disk", "cli"} & set(BENCHES)
    silent = {
        part
        for part in parts
        if "require(" not in (ROOT / "tests" / "bench" / f"{part}.py").read_text("utf-8")
    }
    assert not silent
