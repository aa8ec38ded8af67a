"""When the fold says that something is wrong, and when it keeps quiet."""

import re

import pytest

from omf.alarms.alarm_texts import SEVERITY
from omf.alarms.rules import RULES
from omf.texts import LANGUAGES, render
from tests.support.said import (
    DPS,
    DRILL,
    FTS,
    HBW,
    Teller,
    bays,
    doing,
    loads,
    online,
    order,
    paired,
    standing,
)


def test_a_fatal_error_is_an_alarm_and_a_warning_or_an_empty_one_is_none() -> None:
    told = Teller()
    mild = [{}, {"errorType": "RESET_WARNING", "errorLevel": "WARNING"}]
    told.say("module_state", doing(DRILL, None, errors=mild), serial=DRILL)
    assert told.alarms() == {}
    fatal = {"errorType": "PICK_failed", "errorLevel": "FATAL"}
    told.say("module_state", doing(DRILL, None, errors=[*mild, fatal]), serial=DRILL)
    assert told.alarms() == {f"device-fatal:{DRILL}": told.now}


def test_an_obstacle_is_an_alarm_until_the_vehicle_drives_on() -> None:
    told = Teller()
    obstacle = {"errorType": "COLLISION", "errorLevel": "WARNING"}
    told.say("fts_state", standing("1", errors=[obstacle]), serial=FTS)
    began = told.now
    told.say("fts_state", standing("1", errors=[obstacle]), serial=FTS)
    assert told.alarms() == {f"collision:{FTS}": began}
    told.say("fts_state", standing("1"), serial=FTS)
    assert told.alarms() == {}


def test_a_failed_action_is_an_alarm_because_the_ccu_waits_for_ever() -> None:
    told = Teller()
    told.say("module_state", doing(DRILL, "PICK", "FAILED"), serial=DRILL)
    assert list(told.alarms()) == [f"action-failed:{DRILL}"]


@pytest.mark.parametrize("state", ["OFFLINE", "CONNECTIONBROKEN"])
def test_a_lost_connection_is_an_alarm(state: str) -> None:
    told = Teller()
    told.say("module_connection", online(DRILL), serial=DRILL)
    told.say("module_connection", online(DRILL, state), serial=DRILL)
    assert told.alarms() == {f"connection-lost:{DRILL}": told.now}


def test_a_silent_vehicle_is_stale_after_three_minutes_and_not_before() -> None:
    told = Teller()
    told.say("fts_state", standing("1"), serial=FTS)
    told.wait(190)
    assert told.alarms() == {}
    told.wait(11)
    assert list(told.alarms()) == [f"device-silent:{FTS}"]


def test_the_charger_has_no_heartbeat_to_miss() -> None:
    told = Teller()
    told.say("ccu_pairing_state", {"modules": [paired("CHRG0", "CHRG")], "transports": []})
    told.wait(55)
    assert told.alarms() == {}


def test_a_silent_ccu_is_an_alarm() -> None:
    told = Teller()
    told.say("ccu_pairing_state", {"modules": [], "transports": []})
    told.wait(61)
    assert list(told.alarms()) == ["ccu-silent:ccu"]


def test_modules_of_another_version_are_named_with_both() -> None:
    told = Teller()
    told.say("module_connection", online(DRILL), serial=DRILL)
    odd = [
        {
            "serialNumber": "X1",
            "moduleType": "MILL",
            "version": "1.0.0",
            "requiredVersion": "2.0.*",
        },
        {"serialNumber": DRILL},
        "nonsense",
        {"serialNumber": "one too many"},
    ]
    told.say("ccu_state_version_mismatch", {"ccuVersion": "1.3.0", "mismatchedModules": odd})
    (alarm,) = told.state.alarms(told.now)
    assert alarm.en == (
        f"Version does not match the CCU 1.3.0: MILL X1 1.0.0 ≠ 2.0.*, {DRILL} 1.3.0, ? ?, …"
    )


def test_a_storage_order_that_waits_beside_a_ready_vehicle_and_dps_is_stuck() -> None:
    told = Teller()
    waiting = {"id": "s", "type": "NAVIGATION", "state": "ENQUEUED"}
    stuck = order("a", orderType="STORAGE", productionSteps=[waiting])
    told.say("ccu_order_active", [stuck])
    told.wait(60)
    told.say("ccu_order_active", [stuck])
    assert told.alarms() == {}
    transport = {"serialNumber": FTS, "available": "READY", "connected": True}
    busy = paired(DPS, "DPS", available="BUSY")
    told.say("ccu_pairing_state", {"modules": [busy], "transports": [transport]})
    told.wait(20)
    assert told.alarms() == {}
    told.say("ccu_pairing_state", {"modules": [paired(DPS, "DPS")], "transports": [transport]})
    told.wait(4)
    assert told.alarms() == {}
    told.wait(2)
    assert list(told.alarms()) == ["order-stuck:a"]


def test_an_order_that_does_not_move_is_an_alarm() -> None:
    told = Teller()
    for _ in range(31):
        told.say("ccu_order_active", [order("a")])
        told.wait(9)
    (alarm,) = told.state.alarms(told.now)
    assert alarm.id == "order-standstill:a"
    assert alarm.en.startswith(
        "Order Production Red a has not moved for more than 5 minutes: the step"
    )


def test_a_stock_conflict_is_an_alarm_only_when_it_lasts() -> None:
    told = Teller()
    told.say("ccu_state_stock", bays(A1="RED:t1"))
    told.say("module_state", doing(HBW, None, loads=loads()), serial=HBW)
    began = told.now
    told.wait(9)
    assert told.alarms() == {}
    told.wait(2)
    assert told.alarms() == {f"stock-conflict:A1/{HBW}": began}


def test_a_vehicle_without_position_is_an_advice_and_not_also_blocked() -> None:
    told = Teller()
    transport = {"serialNumber": FTS, "available": "BLOCKED", "connected": True}
    told.say("fts_state", standing("UNKNOWN"), serial=FTS)
    told.say("ccu_pairing_state", {"transports": [transport]})
    told.wait(59)
    assert list(told.alarms()) == [f"position-unknown:{FTS}"]


def test_a_module_blocked_for_no_reason_known_is_an_advice() -> None:
    told = Teller()
    blocked = {"modules": [paired(DPS, "DPS", available="BLOCKED")]}
    for _ in range(7):
        told.say("ccu_pairing_state", blocked)
        told.wait(9)
    assert list(told.alarms()) == [f"device-blocked:{DPS}"]


def test_a_low_battery_is_measured_against_the_threshold_of_the_ccu() -> None:
    told = Teller()
    low = {"charging": False, "percentage": 9, "currentVoltage": 7.9}
    told.say("fts_state", standing("1", batteryState=low), serial=FTS)
    assert told.alarms() == {}
    told.say("ccu_state_config", {"ftsSettings": {"chargeThresholdPercent": 10}})
    assert list(told.alarms()) == [f"battery-low:{FTS}"]
    told.say("fts_state", standing("1", batteryState=low | {"currentVoltage": 0}), serial=FTS)
    assert told.alarms() == {}


def test_fire_and_gas_are_alarms_and_vibration_is_none() -> None:
    told = Teller()
    told.say("arduino_state", {"vibrationDetected": True}, kind="vibration", sensor="v")
    told.say("arduino_state", {"flameDetected": True, "rawValue": 3}, kind="flame", sensor="f")
    began = told.now
    told.say("arduino_state", {"flameDetected": True, "rawValue": 4}, kind="flame", sensor="f")
    assert told.alarms() == {"danger:flame/f": began}


def test_a_request_without_answer_is_shown_as_refused_for_ten_minutes() -> None:
    told = Teller()
    stamp = "2026-08-07T09:00:00.000Z"
    told.say("ccu_order_request", {"type": "RED", "orderType": "PRODUCTION", "timestamp": stamp})
    asked = told.now
    assert told.alarms() == {}
    told.wait(6)
    assert told.alarms() == {f"request-unanswered:{int(asked * 1000)}-0": asked + 5}
    told.say("ccu_order_response", order("a", timestamp=stamp))
    assert told.alarms() == {}


def test_a_sensor_is_silent_only_beyond_the_period_it_was_set_to() -> None:
    told = Teller()
    told.say("txt_ldr", {"ts": "x", "br": 40.0, "ldr": 1000})
    told.wait(301)
    assert list(told.alarms()) == ["sensor-silent:ldr"]
    told.say("txt_set_ldr", {"ts": "x", "period": 600})
    assert told.alarms() == {}


def test_a_sensor_of_a_lost_board_is_one_alarm_and_not_two() -> None:
    told = Teller()
    told.say("arduino_connection", online("f"), kind="flame", sensor="f")
    told.say("arduino_state", {"flameDetected": False}, kind="flame", sensor="f")
    told.say("arduino_connection", online("f", "OFFLINE"), kind="flame", sensor="f")
    lost = told.now
    told.wait(400)
    assert told.alarms() == {"connection-lost:flame/f": lost}


def test_a_camera_that_stops_is_an_alarm_unless_somebody_switched_it_off() -> None:
    told = Teller()
    told.say("txt_cam", {"ts": "x", "data": "data:"})
    told.wait(61)
    assert list(told.alarms()) == ["camera-silent:camera"]
    told.say("txt_set_cam", {"ts": "x", "on": False, "fps": 1})
    assert told.alarms() == {}


def test_an_unreadable_message_is_an_advice_for_five_minutes() -> None:
    told = Teller()
    told.raw(f"module/v1/ff/{DRILL}/state", b"not json")
    assert list(told.alarms()) == ["messages-rejected:messages"]
    told.wait(301)
    assert "messages-rejected:messages" not in told.alarms()


def test_every_alarm_is_said_in_every_language_and_advises() -> None:
    for key in (f"alarm.{rule}{part}" for rule in SEVERITY for part in ("", ".action")):
        said = [render(language, key, {}) for language in LANGUAGES]
        assert len(set(said)) == len(said) or said[0] == "{action}", key
        assert not re.findall(r"[A-Z_]{4,}", " ".join(said)), key


def test_the_gravest_alarm_comes_first() -> None:
    told = Teller()
    told.say("module_connection", online(DRILL, "OFFLINE"), serial=DRILL)
    fatal = {"errorType": "x", "errorLevel": "FATAL"}
    told.say("module_state", doing(HBW, None, errors=[fatal]), serial=HBW)
    found = told.state.alarms(told.now)
    assert [alarm.severity for alarm in found] == ["critical", "communication"]
    assert found[0].de == f"{HBW}: schwerer Fehler x"


def test_a_silent_factory_has_no_alarm_of_itself() -> None:
    assert Teller().state.alarms(1e9) == ()
    assert len(RULES) == len(set(RULES))
