"""Somebody empties the store, or deletes a part of it, while all runs: it fills again by itself."""

from collections.abc import Callable, Iterator

import pytest

from omf.messages.stream_id import StreamId
from omf.topics import catalogue
from services.common.mqtt.mqtt_link import MqttLink
from services.common.store.keys import JOURNAL, buffer_key, key
from tests.support.mirrored import Mirrored
from tests.support.processes import Processes, wait_for
from tests.support.servers import Addresses

STOCK = catalogue.address("ccu_state_stock")
LAYOUT = catalogue.address("ccu_state_layout")
SOON_S = 10.0

Loss = Callable[[Mirrored], object]


def deleted(*names: str) -> Loss:
    return lambda mirrored: mirrored.store.delete(*(key("mock", name) for name in names))


LOSSES: dict[str, Loss] = {
    "all": lambda mirrored: mirrored.store.flushall(),
    "database": lambda mirrored: mirrored.store.flushdb(),
    "latest": deleted("latest"),
    "journal": lambda mirrored: mirrored.store.delete(buffer_key("mock", JOURNAL)),
    "ingest": deleted("ingest"),
    "several": deleted("latest", "retained", "counters", "window", "marks"),
}


@pytest.fixture
def mirrored(processes: Processes, servers: Addresses) -> Iterator[Mirrored]:
    mirrored = Mirrored(processes, *servers).ready()
    yield mirrored
    mirrored.store.close()


@pytest.fixture
def factory(mirrored: Mirrored) -> Iterator[MqttLink]:
    """Two retained values, mirrored."""
    link = mirrored.publisher()
    for topic in (STOCK, LAYOUT):
        link.publish(topic, b'{"kept":1}', retain=True).result(5)
    link.publish("any/thing", b"before").result(5)
    mirrored.wait_count(3)
    wait_for(lambda: mirrored.link().born is not None)
    yield link
    link.stop()


def topics(mirrored: Mirrored) -> set[str]:
    return {message.topic for message in mirrored.messages()}


@pytest.mark.parametrize("loss", LOSSES)
def test_retained_values_come_again_at_once(
    mirrored: Mirrored, factory: MqttLink, loss: str
) -> None:
    last, born = mirrored.messages()[-1].id, mirrored.link().born
    # Told once a second: what is lost before the first look was never seen.
    at = mirrored.link().at
    wait_for(lambda: mirrored.link().at > at)
    LOSSES[loss](mirrored)
    wait_for(lambda: {STOCK, LAYOUT} <= topics(mirrored), SOON_S, mirrored.ingest.tail)
    wait_for(lambda: mirrored.store.hexists(key("mock", "latest"), STOCK), SOON_S)
    wait_for(lambda: (mirrored.link().born or 0) > (born or 0), SOON_S, mirrored.ingest.tail)
    assert mirrored.link().emptied_at is not None
    wait_for(
        lambda: all(StreamId.parse(m.id) > StreamId.parse(last) for m in mirrored.messages()[-2:]),
        SOON_S,
    )
    assert mirrored.ingest.tail().count("the store was emptied") == 1
    factory.publish("any/thing", b"after").result(5)
    wait_for(
        lambda: mirrored.messages()[-1].payload == b"after",
        SOON_S,
        lambda: f"{mirrored.messages()} {mirrored.link()}",
    )


def test_under_traffic_a_deletion_is_seen_too(mirrored: Mirrored, factory: MqttLink) -> None:
    at = mirrored.link().at
    wait_for(lambda: mirrored.link().at > at)
    mirrored.store.delete(key("mock", "latest"))
    for number in range(20):
        factory.publish("any/thing", b"%d" % number).result(5)
    wait_for(lambda: mirrored.store.hexists(key("mock", "latest"), STOCK), SOON_S)


def test_a_new_store_was_not_emptied(mirrored: Mirrored, factory: MqttLink) -> None:
    factory.publish("any/thing", b"x").result(5)
    assert mirrored.link().emptied_at is None


def test_three_parts_of_an_environment_ask_once_each(
    processes: Processes, servers: Addresses
) -> None:
    parts = [Mirrored(processes, *servers, shard=f"{n}/3") for n in (1, 2, 3)]
    for part in parts:
        part.ready()
    link = parts[0].publisher()
    for topic in (STOCK, LAYOUT, "any/thing"):
        link.publish(topic, b'{"kept":1}', retain=True).result(5)
    parts[0].wait_count(3)
    at = [part.link().at for part in parts]
    wait_for(lambda: all(part.link().at > then for part, then in zip(parts, at, strict=True)))
    parts[0].store.flushall()
    wait_for(lambda: topics(parts[0]) >= {STOCK, LAYOUT, "any/thing"}, SOON_S)
    wait_for(lambda: parts[0].store.hlen(key("mock", "latest")) >= 3, SOON_S)
    for part in parts:
        assert part.ingest.alive
        part.store.close()
    link.stop()
