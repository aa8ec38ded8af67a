"""The simulated CCU over a real broker: it dies, is started again, and lists what it hears."""

import pytest

from omf.simulation.device import Send, message
from omf.simulation.machine import RESTART_AFTER_S
from tests.integration.test_mock import STAMP, all_ready, mock, produce, story
from tests.support.processes import wait_for
from tests.support.recorder import Recorder

MILL = "SVR3QA2098"


@pytest.fixture
def recorder(mqtt_url):
    recorder = Recorder(mqtt_url)
    wait_for(lambda: recorder.ready)
    yield recorder
    recorder.close()


def listed(recorder):
    told = recorder.last("ccu/pairing/state")
    return {entry["serialNumber"] for entry in told["modules"] + told["transports"]}


@pytest.mark.alike
def test_an_empty_message_ends_it_and_it_comes_back_without_its_vehicles(
    processes, mqtt_url, recorder
):
    service = mock(processes, mqtt_url).wait_ready()
    wait_for(lambda: all_ready(recorder), 10, story(recorder))
    recorder.publish(Send("ccu/set/reset", b"", 1, retain=True))
    wait_for(lambda: "ccu died of an empty payload on ccu/set/reset" in service.log.read_text())
    produce(recorder, "RED")
    known = len([m for m in recorder.seen if m.topic == "ccu/set/reset"])
    wait_for(
        lambda: len([m for m in recorder.seen if m.topic == "ccu/set/reset"]) > known,
        RESTART_AFTER_S + 5,
        story(recorder),
    )
    assert not [m for m in recorder.seen if m.topic == "ccu/order/response"]
    wait_for(lambda: "5iO4" not in listed(recorder) and MILL in listed(recorder))
    action = {"actions": [{"actionType": "reset", "actionId": "x"}]}
    body = {"serialNumber": "5iO4", "timestamp": STAMP} | action
    recorder.publish(message("fts_instant_action", body, {"serial": "5iO4"}))
    wait_for(lambda: "5iO4" in listed(recorder))
    recorder.publish(message("ccu_pairing_pair_fts", {"serialNumber": "5iO4"}))
    wait_for(lambda: all_ready(recorder), 10, story(recorder))
    produce(recorder, "RED")
    wait_for(lambda: recorder.orders() == {"RED": "FINISHED"}, 60, story(recorder))
    assert "Traceback" not in service.log.read_text()


def test_a_storage_by_hand_ends_and_a_deleted_module_is_cleared(processes, mqtt_url, recorder):
    mock(processes, mqtt_url).wait_ready()
    wait_for(lambda: all_ready(recorder), 10, story(recorder))
    stored = {"type": "RED", "orderType": "STORAGE", "workpieceId": "04a1b2c3d4e5f6"}
    recorder.publish(message("ccu_order_request", stored | {"timestamp": STAMP}))
    wait_for(lambda: recorder.orders() == {"RED": "FINISHED"}, 60, story(recorder))
    recorder.publish(message("ccu_set_delete_module", {"serialNumber": MILL}))
    cleared = {f"module/v1/ff/{MILL}/{name}" for name in ("order", "instantAction", "state")}
    wait_for(lambda: cleared <= {m.topic for m in recorder.seen if not m.payload})
    wait_for(lambda: MILL not in listed(recorder))  # told behind the deletions
