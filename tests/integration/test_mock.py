"""The simulated factory on a real broker: alone, in separate processes, through bad days."""

import json
import signal
import time

import pytest

from omf.simulation.device import message
from omf.topics.catalogue import address
from services.mock.settings import MOCK_PARTS
from tests.support.processes import wait_for
from tests.support.recorder import Recorder

DEVICES = {"SVR3QA0022", "SVR4H76449", "SVR3QA2098", "SVR4H73275", "SVR4H76530", "CHRG0", "5iO4"}
STAMP = "2026-08-07T09:00:00.000Z"
ORDER_S = 60.0
"""A production lasts two seconds at speed 100; both cores may be busy with many other tests."""


@pytest.fixture
def recorder(mqtt_url):
    recorder = Recorder(mqtt_url)
    wait_for(lambda: recorder.ready)
    yield recorder
    recorder.close()


def mock(processes, mqtt_url, **settings):
    return processes.service("mock", mqtt_url=mqtt_url, mock_speed="100", **settings)


def all_ready(recorder):
    return {s for s, available in recorder.available().items() if available == "READY"} == DEVICES


def blocked_and_ready(recorder, since):
    """Since so many messages the CCU called the warehouse blocked, and behind that ready."""
    told = [m for m in recorder.seen[since:] if m.topic == address("ccu_pairing_state")]
    said = [
        module["available"]
        for m in told
        for module in json.loads(m.payload)["modules"]
        if module["serialNumber"] == "SVR3QA0022"
    ]
    return "BLOCKED" in said and "READY" in said[said.index("BLOCKED") :]


def produce(recorder, colour):
    body = {"type": colour, "timestamp": STAMP, "orderType": "PRODUCTION"}
    recorder.publish(message("ccu_order_request", body))


def story(recorder):
    return lambda: f"{recorder.orders()} {recorder.available()} {recorder.last('ccu/order/active')}"


@pytest.mark.alike
def test_every_colour_is_finished_and_the_fold_of_the_traffic_shows_it(
    processes, mqtt_url, recorder
):
    mock(processes, mqtt_url).wait_ready()
    wait_for(lambda: all_ready(recorder), 10, story(recorder))
    for colour in ("RED", "WHITE", "BLUE"):
        produce(recorder, colour)
        finished = {colour: "FINISHED"}
        wait_for(
            lambda f=finished: f.items() <= recorder.orders().items(), ORDER_S, story(recorder)
        )
    assert recorder.state.stock.counts() == {"RED": 1, "WHITE": 1, "BLUE": 1}
    wait_for(lambda: all_ready(recorder), 10, story(recorder))


def test_parts_in_processes_of_their_own_meet_on_the_broker_alone(processes, mqtt_url, recorder):
    for part in MOCK_PARTS:
        mock(processes, mqtt_url, mock_parts=part).wait_ready()
    wait_for(lambda: all_ready(recorder), 10, story(recorder))
    produce(recorder, "WHITE")
    wait_for(lambda: recorder.orders() == {"WHITE": "FINISHED"}, ORDER_S, story(recorder))


@pytest.mark.alike
def test_a_bad_piece_a_charge_and_a_reset_between_processes(processes, mqtt_url, recorder):
    for part in ("ccu", "modules", "vehicles"):
        mock(processes, mqtt_url, mock_parts=part, mock_failing="1").wait_ready()
    wait_for(lambda: all_ready(recorder), 10, story(recorder))
    produce(recorder, "RED")
    wait_for(lambda: recorder.orders() == {"RED": "ERROR"}, ORDER_S, story(recorder))
    wait_for(lambda: all_ready(recorder), 10, story(recorder))
    for charge, charger in ((True, "BUSY"), (False, "READY")):
        wanted = {"serialNumber": "5iO4", "charge": charge}
        recorder.publish(message("ccu_set_charge", wanted))
        wait_for(lambda c=charger: recorder.available()["CHRG0"] == c, ORDER_S, story(recorder))
        wait_for(lambda c=charge: recorder.state.vehicles["5iO4"].charging is c)
    before = len(recorder.seen)
    recorder.publish(message("ccu_set_reset", {"timestamp": STAMP, "withStorage": False}))
    # At a hundred times the speed it is over before a look at the state: every word is read.
    wait_for(lambda: blocked_and_ready(recorder, before), ORDER_S, story(recorder))
    assert recorder.last("ccu/order/completed") == []
    recorder.publish(message("ccu_pairing_pair_fts", {"serialNumber": "5iO4"}))
    wait_for(lambda: recorder.state.vehicles["5iO4"].last_node == "SVR4H73275")


@pytest.mark.alike
def test_two_vehicles_make_every_colour_between_processes(processes, mqtt_url, recorder):
    for part in MOCK_PARTS:
        mock(processes, mqtt_url, mock_parts=part, mock_vehicles="2").wait_ready()
    wait_for(lambda: recorder.available().get("leJ4") == "READY", 10, story(recorder))
    for colour in ("RED", "WHITE", "BLUE"):
        produce(recorder, colour)
    done = dict.fromkeys(("RED", "WHITE", "BLUE"), "FINISHED")
    wait_for(lambda: recorder.orders() == done, ORDER_S, story(recorder))
    drivers = {m.topic for m in recorder.seen if m.topic.endswith("/order") and "fts" in m.topic}
    assert len(drivers) == 2


def test_what_a_late_subscriber_needs_is_retained(processes, mqtt_url, recorder):
    mock(processes, mqtt_url).wait_ready()
    wait_for(lambda: all_ready(recorder), 10, story(recorder))
    late = Recorder(mqtt_url)
    wait_for(
        lambda: late.available().keys() >= DEVICES and late.last("ccu/order/active") is not None
    )
    late.close()
    assert all(m.retain for m in late.seen if m.topic.startswith("ccu/state"))
    assert {m.type for m in late.state.modules.values()} >= {"HBW", "DPS", "AIQS", "MILL", "DRILL"}
    assert late.last("module/v1/ff/NodeRed/status") == {"connectionState": "ONLINE"}


def test_a_killed_vehicle_and_a_killed_bridge_are_told_by_their_last_wills(
    processes, mqtt_url, recorder
):
    vehicles = mock(processes, mqtt_url, mock_parts="vehicles").wait_ready()
    modules = mock(processes, mqtt_url, mock_parts="modules").wait_ready()
    wait_for(lambda: recorder.last("module/v1/ff/SVR3QA0022/connection") is not None)
    vehicles.send(signal.SIGKILL)
    modules.send(signal.SIGKILL)
    link = "fts/v1/ff/5iO4/connection"
    wait_for(lambda: (recorder.last(link) or {}).get("connectionState") == "CONNECTIONBROKEN")
    assert recorder.last(link)["headerId"] == 1
    assert recorder.last(link)["timestamp"] > "2000"
    wait_for(lambda: recorder.last("module/v1/ff/NodeRed/status") == {"connectionState": "OFFLINE"})
    assert recorder.last("module/v1/ff/SVR3QA0022/connection")["connectionState"] == "ONLINE"


def test_it_leaves_politely_when_it_is_told(processes, mqtt_url, recorder):
    service = mock(processes, mqtt_url).wait_ready()
    service.send(signal.SIGTERM)
    assert service.wait(60) == 0
    offline = {"connectionState": "OFFLINE"}
    wait_for(lambda: recorder.last("module/v1/ff/NodeRed/status") == offline)
    for link in ("fts/v1/ff/5iO4/connection", "module/v1/ff/NodeRed/SVR4H76530/connection"):
        wait_for(lambda t=link: (recorder.last(t) or {}).get("connectionState") == "OFFLINE")
        assert recorder.last(link)["headerId"] == 3


def test_it_waits_for_a_broker_and_goes_on_after_its_restart(processes, broker):
    broker.kill()
    service = mock(processes, broker.url)
    time.sleep(1)
    assert service.alive
    assert not service.ready()
    broker.start()
    service.wait_ready()
    broker.kill()
    broker.start()
    recorder = Recorder(broker.url)
    try:
        # What the old broker retained says READY too: only new words prove that all are back.
        wait_for(lambda: recorder.heard("ccu/pairing/state"), 40, story(recorder))
        service.wait_ready()
        wait_for(lambda: all_ready(recorder), 40, story(recorder))
        produce(recorder, "RED")
        wait_for(lambda: recorder.orders() == {"RED": "FINISHED"}, ORDER_S, story(recorder))
    finally:
        recorder.close()
