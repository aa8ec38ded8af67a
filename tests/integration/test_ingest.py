"""Ingest between a real broker and a real store: every message once, in order, under one id."""

import json
import sys
from collections.abc import Iterator

import pytest

from omf.messages.stream_id import StreamId
from omf.topics import catalogue
from services.common.mqtt.link import LinkCallbacks
from services.common.mqtt.mqtt_link import MqttLink
from services.common.store.keys import JOURNAL, buffer_key
from services.supervisor.server import LocalServer
from tests.support.ledger import Ledger
from tests.support.mirrored import Mirrored
from tests.support.processes import Processes, wait_for
from tests.support.servers import Addresses

STATE = "module/v1/ff/T1/state"
STATES = catalogue.find("module_state").pattern
AHEAD_S = 3600
ODD = [b"", b"{", b"\x00\xff\xfe", b'"\xf0\x9f\x8f\xad"', b"[" * 5000, b"x" * 1_000_000]


@pytest.fixture
def mirrored(processes: Processes, servers: Addresses) -> Iterator[Mirrored]:
    mirrored = Mirrored(processes, *servers).ready()
    yield mirrored
    mirrored.store.close()


@pytest.fixture
def publisher(mirrored: Mirrored) -> Iterator[MqttLink]:
    link = mirrored.publisher()
    yield link
    link.stop()


def ids(mirrored: Mirrored, topic_filter: str) -> list[str]:
    return [message.id for message in mirrored.messages(topic_filter)]


def test_a_message_has_one_id_in_every_buffer_and_as_the_last_one(
    mirrored: Mirrored, publisher: MqttLink
) -> None:
    publisher.publish(STATE, b'{"a":1}').result(5)
    mirrored.wait_count(1)
    assert ids(mirrored, STATES) == ids(mirrored, JOURNAL) == [mirrored.latest(STATE).id]
    assert mirrored.latest(STATE).payload == b'{"a":1}'
    assert mirrored.counter("appended") == 1
    assert mirrored.counter(f"appended:{STATES}") == 1


def test_order_is_kept_and_ids_rise(mirrored: Mirrored, publisher: MqttLink) -> None:
    for future in [publisher.publish(STATE, b"%d" % n) for n in range(900)]:
        future.result(10)
    mirrored.wait_count(900)
    messages = mirrored.messages(STATES)
    assert [m.payload for m in messages] == [b"%d" % n for n in range(900)]
    stamps = [tuple(map(int, m.id.split("-"))) for m in messages]
    assert stamps == sorted(set(stamps))


def test_equal_messages_in_a_burst_all_count(mirrored: Mirrored, publisher: MqttLink) -> None:
    for future in [publisher.publish(STATE, b"same") for _ in range(300)]:
        future.result(10)
    mirrored.wait_count(300)
    assert len(mirrored.messages(STATES)) == 300


@pytest.mark.parametrize("payload", ODD, ids=lambda payload: f"{len(payload)} bytes")
def test_whatever_a_payload_is_it_is_shown_as_it_is(
    mirrored: Mirrored, publisher: MqttLink, payload: bytes
) -> None:
    publisher.publish("odd/topic", payload).result(10)
    publisher.publish(STATE, payload).result(10)
    mirrored.wait_count(2)
    assert [m.payload for m in mirrored.messages()] == [payload, payload]
    assert mirrored.latest("odd/topic").payload == payload


def test_a_payload_beyond_the_limit_is_counted_and_stops_nothing(
    mirrored: Mirrored, publisher: MqttLink
) -> None:
    publisher.publish("odd/topic", bytes(3 * 1024 * 1024)).result(10)
    publisher.publish(STATE, b"after").result(10)
    mirrored.wait_count(1)
    assert [m.payload for m in mirrored.messages()] == [b"after"]
    assert mirrored.counter("rejected:too_large") == 1


def test_what_came_while_ingest_was_away_is_there_when_it_is_back(
    mirrored: Mirrored, publisher: MqttLink
) -> None:
    mirrored.ingest.stop()
    assert mirrored.ingest.returncode == 0
    for number in range(100):
        publisher.publish(STATE, b"%d" % number).result(10)
    mirrored.launch()
    mirrored.wait_count(100)
    assert mirrored.ready().link().session_present
    assert len(mirrored.messages()) == 100


def test_equal_messages_before_and_after_a_restart_all_count(
    mirrored: Mirrored, publisher: MqttLink
) -> None:
    for _ in range(5):
        publisher.publish(STATE, b"same").result(10)
    mirrored.wait_count(5)
    mirrored.ingest.stop()
    mirrored.launch()
    mirrored.ready()
    for _ in range(5):
        publisher.publish(STATE, b"same").result(10)
    mirrored.wait_count(10)
    mirrored.quiet()
    assert len(mirrored.messages(STATES)) == 10


def test_a_retained_value_is_marked_and_no_news_at_the_next_connect(
    mirrored: Mirrored, publisher: MqttLink
) -> None:
    mirrored.ingest.stop()
    publisher.publish(STATE, b"kept", retain=True).result(5)
    mirrored.store.flushall()
    mirrored._settings["instance"] = "new"  # a session that never existed
    mirrored.launch()
    mirrored.wait_count(1)
    assert [(m.payload, m.retain) for m in mirrored.messages(STATES)] == [(b"kept", True)]
    mirrored.ingest.stop()
    mirrored.launch()
    mirrored.ready().quiet()
    assert [m.payload for m in mirrored.messages(STATES)] == [b"kept"]


def test_an_older_retained_value_does_not_overwrite_a_newer_one(
    mirrored: Mirrored, publisher: MqttLink
) -> None:
    publisher.publish(STATE, b"old", retain=True).result(5)
    publisher.publish(STATE, b"new").result(5)
    mirrored.wait_count(2)
    mirrored.ingest.stop()
    mirrored.launch()
    mirrored.ready().quiet()
    assert mirrored.latest(STATE).payload == b"new"
    assert [m.payload for m in mirrored.messages(STATES)] == [b"old", b"new"]


def test_what_is_trimmed_is_counted(mirrored: Mirrored, publisher: MqttLink) -> None:
    topic, limit = "ccu/state/layout", 200
    for number in range(600):
        publisher.publish(topic, b"%d" % number + b" " * 2000).result(10)
    mirrored.wait_count(600)
    length = mirrored.store.xlen(buffer_key("mock", topic))
    assert limit <= length < 300
    assert mirrored.counter(f"trimmed:{topic}") == 600 - length
    assert mirrored.messages(topic)[-1].payload.startswith(b"599")


def test_the_class_changes_without_a_reconnect(mirrored: Mirrored, publisher: MqttLink) -> None:
    wait_for(lambda: mirrored.link().connected)
    before = mirrored.link().since
    mirrored.choose_class(1)
    publisher.publish("/j1/txt/1/i/bme680", b"5").result(5)
    publisher.publish(STATE, b"1").result(5)
    mirrored.wait_count(1)
    mirrored.choose_class(6)
    publisher.publish("/j1/txt/1/i/bme680", b"6").result(5)
    mirrored.wait_count(2)
    assert [m.payload for m in mirrored.messages()] == [b"1", b"6"]
    assert mirrored.link().since == pytest.approx(before, abs=0.5)


def test_the_link_tells_within_seconds_that_the_broker_went_and_came_back(
    processes: Processes, store_url: str, broker: LocalServer
) -> None:
    mirrored = Mirrored(processes, store_url, broker.url).ready()
    wait_for(lambda: mirrored.link().connected)
    broker.kill()
    wait_for(lambda: not mirrored.link().connected)
    assert mirrored.link().detail
    broker.restart()
    wait_for(lambda: mirrored.link().connected and not mirrored.link().detail)
    assert mirrored.link().reconnects == 1
    publisher = mirrored.publisher()
    publisher.publish(STATE, b"subscribed again").result(5)
    mirrored.wait_count(1)
    publisher.stop()


def test_a_store_that_comes_late_is_waited_for(
    processes: Processes, store: LocalServer, mqtt_url: str
) -> None:
    store.kill()
    mirrored = Mirrored(processes, store.url, mqtt_url)
    wait_for(lambda: "waiting for the store" in mirrored.ingest.tail())
    store.restart()
    mirrored.ready()


def test_a_store_that_may_evict_is_refused_in_one_line(
    processes: Processes, store: LocalServer, mqtt_url: str
) -> None:
    mirrored = Mirrored(processes, store.url, mqtt_url)
    mirrored.ingest.kill()
    mirrored.store.config_set("maxmemory-policy", "allkeys-lru")
    ingest = mirrored.launch()
    wait_for(lambda: not ingest.alive, 15)
    assert ingest.returncode == 78
    last = json.loads(ingest.tail(1))
    assert last["level"] == "critical"
    assert "noeviction" in last["text"]


def test_a_second_ingest_takes_over_and_the_first_ends(mirrored: Mirrored) -> None:
    first = mirrored.ingest
    mirrored._settings["instance"] = "other"
    mirrored.launch()
    mirrored.ready()
    mirrored.quiet()
    wait_for(lambda: not first.alive, 15)
    assert first.returncode == 75


def test_a_frozen_store_makes_nothing_double(
    processes: Processes, store: LocalServer, mqtt_url: str
) -> None:
    mirrored = Mirrored(processes, store.url, mqtt_url).ready()
    ledger = Ledger(mqtt_url).start()
    ledger.publish(300)
    store.freeze()
    ledger.publish(300)
    mirrored.ingest.wait(8)
    store.thaw()
    ledger.publish(300)
    ledger.stop()
    mirrored.wait_count(900)
    assert ledger.check(mirrored.messages()) == ([], [], [])


@pytest.mark.alike
def test_an_administrator_chooses_the_class_on_the_command_line(
    mirrored: Mirrored, processes: Processes
) -> None:
    omf = processes.run(
        sys.executable,
        "-m",
        "services.cli",
        "buffers",
        "--class",
        "2",
        "--json",
        OMF_STORE_URL=mirrored.store_url,
        OMF_MQTT_URL=mirrored.mqtt_url,
    )
    assert omf.wait(20) == 0, omf.tail()
    wait_for(lambda: "mirrors class 2" in mirrored.ingest.tail(50), say=mirrored.ingest.tail)


def test_birth_and_will_are_retained_where_they_are_configured(
    processes: Processes, servers: Addresses
) -> None:
    mirrored = Mirrored(processes, *servers, announce="true").ready()
    topic = "omf/mock/ingest/state"
    seen: list[bytes] = []
    watcher = MqttLink(
        servers.mqtt_url, client_id="watcher", owner=LinkCallbacks(lambda m: seen.append(m.payload))
    )
    watcher.subscribe([topic])
    watcher.start()
    wait_for(lambda: seen == [b'{"state":"online"}'])
    mirrored.ingest.kill()
    wait_for(lambda: seen[-1] == b'{"state":"offline"}', 30)
    mirrored.launch()
    wait_for(lambda: seen[-1] == b'{"state":"online"}')
    assert mirrored.ready().ingest.stop() == 0
    wait_for(lambda: seen[-1] == b'{"state":"offline"}')
    watcher.stop()


def test_ids_go_on_behind_one_of_the_future(mirrored: Mirrored, publisher: MqttLink) -> None:
    mirrored.ingest.stop()
    seconds, _ = mirrored.store.time()
    ahead = f"{(seconds + AHEAD_S) * 1000}-5"
    mirrored.store.xadd(buffer_key("mock", JOURNAL), {"t": "x", "p": "y"}, ahead)
    for number in range(10):
        publisher.publish(STATE, b"%d" % number).result(5)
    mirrored.launch()
    mirrored.wait_count(11)
    later = mirrored.messages()[1:]
    assert [m.payload for m in later] == [b"%d" % n for n in range(10)]
    assert [StreamId.parse(m.id) for m in later] == sorted({StreamId.parse(m.id) for m in later})
    wait_for(lambda: mirrored.link().clock_step_s < -AHEAD_S / 2)
    now, _ = mirrored.store.time()
    # Its age is what it would be had the clock never been ahead.
    age_s = mirrored.link().message_now(now) - later[-1].received_at
    assert -2 < age_s < AHEAD_S / 2
