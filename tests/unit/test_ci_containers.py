"""The last stage of CI: where no engine can be had it says why and passes, else its tests decide.

Engine and `make` are scripts of the test here; `make containers` shows both as they are.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.container_stack import ENGINE
from tests.support.processes import ROOT

STARTS = "echo an engine"
ELSEWHERE = "`make containers` runs it where one is"


class Stage:
    """`.ci/containers` in a tree of its own, and what it called."""

    def __init__(self, folder: Path, engine: str, make: str) -> None:
        self._folder = folder
        self.called = folder / "called"
        shutil.copytree(ROOT / ".ci", folder / ".ci")
        self._script("tests/support/container_engine.sh", f"[[ $1 == stop ]] || {{ {engine}; }}")
        self._script("bin/make", make)

    def _script(self, name: str, lines: str) -> None:
        path = self._folder / name
        path.parent.mkdir(parents=True)
        path.write_text(f'#!/bin/bash\necho "$*" >> {self.called}\n{lines}\n', "utf-8")
        path.chmod(0o755)

    def run(self, **limits: str) -> subprocess.CompletedProcess[str]:
        path = f"{self._folder / 'bin'}:{os.environ['PATH']}"
        command = [self._folder / ".ci/containers"]
        return subprocess.run(
            command, env={"PATH": path} | limits, capture_output=True, text=True, check=False
        )

    def calls(self) -> list[str]:
        """First word of each; the folder of the engine that was ended must be gone."""
        lines = self.called.read_text("utf-8").splitlines()
        assert not Path(lines[-1].removeprefix("stop ")).exists()
        return [line.split()[0] for line in lines]


@pytest.mark.parametrize(
    ("engine", "limit_s", "why"),
    [
        ("echo much; echo 'Docker engine: not permitted' >&2; exit 3", "60", "Docker engine: not"),
        ("sleep 60", "1", "it was not ready after 1 seconds"),
    ],
)
def test_without_an_engine_it_says_why_and_passes(
    tmp_path: Path, engine: str, limit_s: str, why: str
) -> None:
    stage = Stage(tmp_path, engine, "exit 1")
    done = stage.run(ENGINE_S=limit_s)
    assert done.returncode == 0
    assert done.stdout.startswith(f"no container engine here: {why}")
    assert done.stdout.endswith(f"{ELSEWHERE}\n")
    assert done.stdout.count("\n") == 1
    assert stage.calls()[-1] == "stop"


def test_a_fault_of_ours_is_no_missing_engine(tmp_path: Path) -> None:
    stage = Stage(tmp_path, "echo no such stage; exit 1", "exit 0")
    done = stage.run()
    assert done.returncode == 1
    assert "no such stage" in done.stderr
    assert stage.calls() == ["start", "stop"]


@pytest.mark.parametrize(
    ("make", "status", "runs"),
    [
        ("exit 0", 0, 1),
        ("exit 2", 2, 2),
        ('mkdir "$OMF_ENGINE/again" || exit 0; exit 2', 0, 2),
    ],
)
def test_its_tests_decide_and_are_run_once_more(
    tmp_path: Path, make: str, status: int, runs: int
) -> None:
    stage = Stage(tmp_path, STARTS, make)
    assert stage.run().returncode == status
    assert stage.calls() == ["start", *["containers"] * runs, "stop"]


def test_what_does_not_end_is_stopped_and_fails(tmp_path: Path) -> None:
    stage = Stage(tmp_path, STARTS, "sleep 60")
    done = stage.run(STEPS_S="1")
    assert done.returncode == 124
    assert "not through after 1 seconds" in done.stderr
    assert stage.calls()[-1] == "stop"


def test_the_engine_says_in_its_last_line_what_it_lacks(tmp_path: Path) -> None:
    full = tmp_path / "df"
    full.write_text("#!/bin/bash\necho Avail; echo 3\n", "utf-8")
    full.chmod(0o755)
    done = subprocess.run(
        ["bash", ENGINE, "start", tmp_path / "engine"],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}"}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 3
    assert done.stderr.splitlines()[-1].startswith("room: ")
    assert done.stderr.endswith(" has 3 GB of room, 12 are needed\n")
