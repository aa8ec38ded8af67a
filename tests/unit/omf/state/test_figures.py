import json

from prometheus_client.core import CollectorRegistry
from prometheus_client.openmetrics.exposition import generate_latest

from omf.alarms.alarm_texts import SEVERITY
from omf.messages.message import Message
from omf.state import FactoryState
from omf.topics.catalogue import address
from services.orders.metrics import MAX_LABELLED_DEVICES, FactoryMetrics
from tests.support.circle import STOCK, stock

NOW = 1_700_000_000.0


def told(state: FactoryState, topic: str, payload: bytes, at: float = NOW) -> None:
    message = Message(topic, payload, f"{int(at * 1000)}-0", 1, retain=False, dup=False)
    state.apply(message, at)


def samples(state: FactoryState, now: float = NOW) -> dict[str, float]:
    figures = FactoryMetrics()
    figures.update(state, now)
    registry = CollectorRegistry()
    registry.register(figures)
    lines = generate_latest(registry).decode().splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    return {name: float(value) for name, value in pairs}


def test_what_nobody_told_is_absent_and_not_zero() -> None:
    found = samples(FactoryState())
    told_of = ("omf_factory_stock", "omf_factory_order", "omf_factory_battery")
    assert not [name for name in found if name.startswith(told_of)]
    assert len([name for name in found if name.startswith("omf_factory_alarms")]) == len(SEVERITY)


def test_free_pieces_are_counted_by_colour() -> None:
    state = FactoryState()
    told(state, STOCK, stock(WHITE=2, RED=1))
    found = samples(state)
    assert found['omf_factory_stock_free{colour="WHITE"}'] == 2
    assert found['omf_factory_stock_free{colour="BLUE"}'] == 0
    assert found["omf_factory_stock_empty_bays"] == 6


def test_a_battery_is_told_within_its_scale() -> None:
    state = FactoryState()
    body = {"batteryState": {"percentage": -50}, "serialNumber": "5iO4"}
    told(state, address("fts_state", serial="5iO4"), json.dumps(body).encode())
    assert samples(state)['omf_factory_battery_percent{serial="5iO4"}'] == 0


def test_a_module_without_heartbeat_is_silent_in_its_time() -> None:
    state = FactoryState()
    topic = address("module_connection", serial="SVR3QA0022")
    told(state, topic, b'{"connectionState":"ONLINE","serialNumber":"SVR3QA0022"}')
    silent = 'omf_factory_device_silent{serial="SVR3QA0022",type="?"}'
    assert samples(state)[silent] == 0
    assert samples(state, NOW + 60)[silent] == 1


def test_invented_serials_do_not_become_series_without_end() -> None:
    state = FactoryState()
    for number in range(500):
        told(state, address("fts_state", serial=f"X{number}"), b"{}")
    devices = [name for name in samples(state) if name.startswith("omf_factory_device_silent")]
    assert len(devices) == MAX_LABELLED_DEVICES


def test_what_a_device_counted_and_nobody_heard_is_missing() -> None:
    state = FactoryState()
    topic = address("fts_state", serial="5iO4")
    missing = 'omf_factory_missing_messages_total{serial="5iO4"}'
    # 1. two are lost, 2. one comes twice, 3. the vehicle is started anew, 4. one is lost again
    for number, lost in ((7, 0), (10, 2), (10, 2), (11, 2), (1, 2), (2, 2), (4, 3)):
        told(state, topic, json.dumps({"headerId": number, "serialNumber": "5iO4"}).encode())
        assert samples(state)[missing] == lost


def test_where_two_count_on_one_topic_nothing_seems_missing() -> None:
    """The state of DPS carries the numbers of two programs (B.3)."""
    state = FactoryState()
    for number in range(1, 20):
        for own in (number, 500 + number):
            body = {"headerId": own, "serialNumber": "SVR4H73275"}
            told(state, address("module_state", serial="SVR4H73275"), json.dumps(body).encode())
    assert not [name for name in samples(state) if "missing" in name]


def test_a_copy_the_broker_kept_is_no_gap() -> None:
    state, topic = FactoryState(), address("fts_state", serial="5iO4")
    for number, kept in ((20, False), (12, True), (21, False)):
        body = json.dumps({"headerId": number, "serialNumber": "5iO4"}).encode()
        state.apply(Message(topic, body, f"{number}-0", 1, retain=kept, dup=False), NOW)
    assert samples(state)['omf_factory_missing_messages_total{serial="5iO4"}'] == 0
