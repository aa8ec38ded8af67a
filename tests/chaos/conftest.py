"""Fixtures of the chaos tests, and the seed in the head of every run."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.supervisor.engines import program
from services.supervisor.server import LocalServer
from tests.bench.ingest import broker as broker_in_memory
from tests.chaos.scene import ROUNDS, SEED, InMemory, Scene
from tests.support.processes import Processes
from tests.support.servers import forced_embedded


def pytest_report_header() -> str:
    return (
        f"chaos: seed {SEED}, {ROUNDS} rounds (make chaos LONG=1 SEED={SEED} repeats the long one)"
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was measured on the way, also by tests that passed."""
    for report in terminalreporter.getreports(""):
        for name, value in report.user_properties if report.when == "teardown" else ():
            test = report.nodeid.rpartition("::")[2]
            terminalreporter.write_line(f"{test}: {name} {value}")


@pytest.fixture
def scene(
    processes: Processes,
    store: LocalServer,
    broker: LocalServer,
    record_property: Callable[[str, str], None],
) -> Iterator[Scene]:
    yield from played(Scene(processes, store, broker), record_property)


@pytest.fixture
def busy_broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LocalServer | InMemory]:
    """The embedded one keeps all in memory by itself."""
    if forced_embedded() or not program("mosquitto"):
        yield request.getfixturevalue("broker")
        return
    mosquitto = InMemory(*broker_in_memory(tmp_path))
    yield mosquitto
    mosquitto.child.kill()


@pytest.fixture
def busy_scene(
    processes: Processes,
    store: LocalServer,
    busy_broker: LocalServer | InMemory,
    record_property: Callable[[str, str], None],
) -> Iterator[Scene]:
    yield from played(Scene(processes, store, busy_broker), record_property)


def played(scene: Scene, note: Callable[[str, str], None]) -> Iterator[Scene]:
    """Give it to a test and keep what it measured."""
    print(f"seed {SEED}, {ROUNDS} rounds")  # noqa: T201 - shown with a failure, to repeat it
    yield scene
    scene.close()
    for figure in scene.figures.items():
        note(*figure)
