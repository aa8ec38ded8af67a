"""Runs by seed: nothing promised is broken, a run is repeated to the byte, seeded bugs are caught."""

import os
import subprocess
import sys

import pytest

from tests.simulation.seeded_bugs import BUGS

pytestmark = [pytest.mark.timeout(600)]

LONG = os.environ.get("OMF_SIMULATION") == "long"
"""`make simulate`: all bugs; else every fourth, for a run takes a second."""
SEEDS = 12
TRIES = 60 if LONG else 12
CHOSEN = BUGS if LONG else BUGS[::4]


def _simulate(*given: str) -> str:
    """What `python -m tests.simulation` says."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.simulation", *given],
        env={**os.environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr, done.stderr
    return done.stdout


def test_no_run_breaks_a_promise() -> None:
    said = _simulate("--seeds", str(SEEDS))
    assert f"{SEEDS} runs" in said
    assert "0 with findings" in said, said


def test_a_seed_happens_again_to_the_byte() -> None:
    first, again = (_simulate("--seeds", "1", "--first", "3", "--show") for _ in range(2))
    happened = first.splitlines()[:-1]
    assert happened == again.splitlines()[:-1]
    assert len(happened) > 20


@pytest.mark.parametrize("bug", CHOSEN, ids=lambda bug: bug.name)
def test_a_bug_is_caught(bug: str) -> None:
    said = _simulate("--bug", bug.name, "--seeds", str(TRIES), "--until-found")
    assert "1 with findings" in said, said
