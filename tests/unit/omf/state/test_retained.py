"""A copy the broker kept tells the state and is no news."""

import pytest

from omf.commands.facts.factory import retainable
from tests.support.factory import AIQS, DRILL, FTS, HBW, Factory, module_state, order


def test_a_retained_state_is_known_and_of_unknown_age() -> None:
    told = Factory().module(DRILL, "DRILL", "RUNNING", retain=True)
    told.online(DRILL, retain=True)
    shown = told.state.view(told.now)["modules"][DRILL]
    assert (shown["connection"], shown["action"]["state"]) == ("ONLINE", "RUNNING")
    ages = ("age_s", "state_age_s", "connection_age_s")
    assert [shown[key] for key in ages] == [None, None, None]
    assert [shown["action"][key] for key in ("age_s", "elapsed_s")] == [None, None]


def test_a_redelivered_copy_does_not_make_a_value_look_fresh() -> None:
    told = Factory().vehicle("1")
    heard = told.now
    told.wait(100)
    told.vehicle("1", retain=True)
    vehicle = told.state.vehicles[FTS]
    assert (vehicle.last_message, vehicle.state_at, vehicle.last_node_since) == (heard,) * 3


def test_a_retained_online_of_a_dead_module_becomes_an_alarm() -> None:
    told = Factory().online(DRILL, retain=True)
    assert told.alarms() == {}
    told.wait(41)
    assert list(told.alarms()) == [f"device-silent:{DRILL}"]
    assert told.state.view(told.now)["modules"][DRILL]["stale"] is True
    told.online(DRILL, retain=True)
    assert list(told.alarms()) == [f"device-silent:{DRILL}"]
    told.online(DRILL)
    assert told.alarms() == {}


def test_the_retained_result_of_the_last_check_is_no_second_check() -> None:
    told = Factory()
    check = {"ts": "2026-08-07T09:00:00.000Z", "result": "PASSED", "data": "x"}
    told.say("txt_quality_check", check, retain=True)
    told.say("txt_quality_check", check, retain=True)
    assert len(told.state.quality.checks) == 1
    told.say("txt_quality_check", check)
    assert told.state.quality.by_result == {"PASSED": 2}


def test_a_check_belongs_to_the_order_of_the_one_station_that_checks() -> None:
    told = Factory()
    checking = module_state(AIQS, "CHECK_QUALITY", "RUNNING", orderId="o")
    told.say("module_state", checking, serial=AIQS)
    told.say("txt_quality_check", {"result": "FAILED", "data": "x"})
    assert told.state.quality.checks[0].order_id == "o"
    told.say("module_state", checking, serial="AIQS2")
    told.say("txt_quality_check", {"result": "FAILED", "data": "x"})
    assert told.state.quality.checks[1].order_id is None


def test_a_retained_command_is_an_alarm_and_never_an_event() -> None:
    told = Factory()
    reset = {"timestamp": "2026-08-07T09:00:00.000Z", "withStorage": False}
    told.say("ccu_set_reset", reset, retain=True)
    began = told.now
    assert told.state.requests.reset_at is None
    told.say("ccu_set_reset", reset, retain=True)
    assert told.alarms() == {"retained-command:ccu/set/reset": began}
    told.delete("ccu_set_reset")
    assert "retained-command:ccu/set/reset" not in told.alarms()


def test_a_retained_order_list_is_exact_and_of_unknown_age() -> None:
    told = Factory().orders(order("a"), retain=True)
    lists = told.state.view(told.now)["order_lists"]
    assert (lists["active"], lists["active_age_s"]) == (["a"], None)
    shown = told.state.view(told.now)["orders"][0]
    assert (shown["age_s"], shown["steps"][0]["age_s"]) == (None, None)


def test_a_retained_stock_is_known_and_of_unknown_age() -> None:
    told = Factory().stock(A1="RED:t", retain=True)
    stock = told.state.view(told.now)["stock"]
    assert (stock["known"], stock["counts"]["RED"], stock["age_s"]) == (True, 1, None)
    assert stock["bays"]["A1"]["age_s"] is None


def test_only_a_live_change_of_a_connection_has_a_since() -> None:
    told = Factory().say("nodered_status", {"connectionState": "OFFLINE"}, retain=True)
    assert told.alarms() == {"bridge-down:nodered": None}
    told.say("nodered_status", {"connectionState": "ONLINE"})
    told.say("nodered_status", {"connectionState": "OFFLINE"})
    assert told.alarms() == {"bridge-down:nodered": told.now}


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("ccu/global", {"type": "reset"}),
        ("/j1/txt/1/f/o/nfc/ds", {"cmd": "delete"}),
        (
            f"module/v1/ff/NodeRed/{HBW}/order",
            {"orderId": "0", "action": {"id": "a", "command": "RGB_NFC"}},
        ),
        (f"module/v1/ff/NodeRed/{HBW}/instantAction", {"actions": []}),
    ],
)
def test_what_a_device_carries_out_is_alarmed_though_no_operator_may_send_it(
    topic: str, body: dict[str, object]
) -> None:
    told = Factory().raw(topic, body, retain=True)
    assert f"retained-command:{topic}" in told.alarms()
    (alarm,) = (one for one in told.state.alarms(told.now) if one.subject == topic)
    # The CCU does not listen there, so nobody has to stop it first.
    assert "Stop the CCU first" not in alarm.action.en
    assert not retainable(topic)
    told.raw(topic, b"", retain=False)
    assert f"retained-command:{topic}" not in told.alarms()


@pytest.mark.parametrize("topic", ["dsp/aiqs/action", "osf/arduino/alarm/enabled", "site/lamp"])
def test_what_only_shows_something_may_be_kept(topic: str) -> None:
    told = Factory().raw(topic, {"command": "changeLight", "color": "#008000"}, retain=True)
    assert f"retained-command:{topic}" not in told.alarms()
    assert retainable(topic)
