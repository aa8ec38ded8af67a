"""Clusters of brokers for `make brokers`; `make test` leaves them out, for their servers are large.

NATS comes in a wheel that the Makefile puts below build/brokers, RabbitMQ from Debian.
"""

from collections.abc import Callable, Iterator

import pytest

from services.supervisor.server import LocalServer
from tests.brokers.clustered import ClusteredScene
from tests.support.broker_nodes import BrokerNodes, NatsNodes, RabbitNodes
from tests.support.processes import Processes

KINDS: dict[str, type[BrokerNodes]] = {"nats": NatsNodes, "rabbitmq": RabbitNodes}


@pytest.fixture(scope="module", params=KINDS)
def nodes(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrokerNodes]:
    kind = KINDS[request.param]
    assert kind.program(), f"no server of {request.param} here: `make brokers` says where from"
    made = kind(tmp_path_factory.mktemp(request.param))
    try:
        yield made.start()
    finally:
        made.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was counted, also by tests that passed."""
    for report in terminalreporter.getreports(""):
        for name, value in report.user_properties if report.when == "teardown" else ():
            terminalreporter.write_line(f"{report.nodeid.rpartition('::')[2]}: {name} {value}")


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Keep a figure for the summary."""
    return lambda name, value: request.node.user_properties.append((name, value))


@pytest.fixture
def clustered(
    processes: Processes,
    store: LocalServer,
    nodes: BrokerNodes,
    note: Callable[[str, str], None],
) -> Iterator[ClusteredScene]:
    scene = ClusteredScene(processes, store, nodes)
    yield scene
    scene.close()
    for figure in scene.figures.items():
        note(*figure)
