"""Ingest and gateway at a cluster of three brokers that die one by one: nothing lost or doubled."""

import time
from collections import Counter
from collections.abc import Callable

import pytest

from services.supervisor.server import LocalServer
from tests.brokers.clustered import INGEST_AT, NOTHING, PUBLISHER_AT, WITNESS_AT, ClusteredScene
from tests.support.broker_nodes import BrokerNodes
from tests.support.circle import Desk, Factory, request
from tests.support.processes import Processes, wait_for

pytestmark = [pytest.mark.brokers, pytest.mark.timeout(900)]

LIFE_S = 11.5
"""As long as an order may live; a cluster elects a leader meanwhile."""
SENT = ("acknowledged", "unknown")
FROZEN_S = 12.0
"""Longer than NATS waits for a PUBACK here: everything it delivered meanwhile comes again."""


@pytest.mark.parametrize("node", [INGEST_AT, WITNESS_AT, PUBLISHER_AT])
def test_a_node_that_dies_and_comes_back_loses_and_doubles_nothing(
    clustered: ClusteredScene, node: int
) -> None:
    with clustered.under_load():
        clustered.goes_on()
        clustered.nodes.kill(node)
        clustered.goes_on()
        clustered.nodes.restart(node)
        clustered.goes_on()
    assert clustered.account() == NOTHING


def test_what_was_not_acknowledged_when_a_node_died_is_told_apart(
    clustered: ClusteredScene,
) -> None:
    with clustered.under_load():
        clustered.goes_on()
        clustered.store.freeze()
        time.sleep(1)
        clustered.nodes.kill(INGEST_AT)
        clustered.store.thaw()
        clustered.goes_on()
        clustered.nodes.restart(INGEST_AT)
        clustered.goes_on()
    assert clustered.account() == NOTHING


def test_what_comes_again_while_the_store_is_away_is_appended_once(
    clustered: ClusteredScene,
) -> None:
    with clustered.under_load():
        clustered.goes_on()
        clustered.store.freeze()
        time.sleep(FROZEN_S)
        clustered.store.thaw()
        clustered.goes_on()
    assert clustered.account() == NOTHING


def test_an_ingest_that_dies_before_its_pubacks_doubles_nothing(
    clustered: ClusteredScene,
) -> None:
    with clustered.under_load():
        clustered.goes_on()
        for _ in range(2):
            clustered.store.freeze()
            time.sleep(1)
            clustered.mirrored.ingest.kill()
            clustered.store.thaw()
            clustered.mirrored.launch().wait_ready()
            clustered.goes_on()
    assert clustered.account() == NOTHING


def test_the_gateway_publishes_once_and_goes_on_at_another_node(
    processes: Processes,
    store: LocalServer,
    nodes: BrokerNodes,
    note: Callable[[str, str], None],
) -> None:
    desk = Desk(store.url)
    settings = {"store_url": store.url, "mqtt_url": nodes.url_from(INGEST_AT)}
    processes.service("gateway", **settings).wait_ready()
    with Factory(nodes.url_from(WITNESS_AT)) as factory:
        told = {f"before{n}/0": _told(desk, f"before{n}/0") for n in range(5)}
        nodes.kill(INGEST_AT)
        told |= {f"while{n}/0": _told(desk, f"while{n}/0") for n in range(5)}
        nodes.restart(INGEST_AT)
        told |= {f"after{n}/0": _told(desk, f"after{n}/0") for n in range(5)}
        acknowledged = {name for name, stage in told.items() if stage == "acknowledged"}
        assert told["before0/0"] == told["after4/0"] == "acknowledged"
        wait_for(lambda: acknowledged <= {body["requestId"] for _, body in factory.commands})
        times = Counter(body["requestId"] for _, body in factory.commands)
    assert set(times.values()) == {1}
    # "Unknown" may have arrived; of what was refused or expired nothing was sent.
    assert times.keys() <= {name for name, stage in told.items() if stage in SENT}
    note("receipts", str(dict(Counter(told.values()))))


def _told(desk: Desk, outbox_id: str) -> str:
    """The gateway's last word about a command that it is given now."""
    desk.add("outbox", request(outbox_id, lives_s=LIFE_S))
    wait_for(lambda: desk.receipts(outbox_id)[-1:] not in ([], ["attempted"]), 60)
    return desk.receipts(outbox_id)[-1]
