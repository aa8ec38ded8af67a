"""Fixtures of the chaos tests, and the seed in the head of every run."""

from collections.abc import Iterator

import pytest

from services.up.server import Server
from tests.chaos.scene import ROUNDS, SEED, Scene
from tests.support.processes import Processes


def pytest_report_header() -> str:
    return (
        f"chaos: seed {SEED}, {ROUNDS} rounds (make chaos LONG=1 SEED={SEED} repeats the long one)"
    )


@pytest.fixture
def scene(processes: Processes, store: Server, broker: Server) -> Iterator[Scene]:
    print(f"seed {SEED}, {ROUNDS} rounds")  # noqa: T201 - shown with a failure, to repeat it
    scene = Scene(processes, store, broker)
    yield scene
    scene.close()
