"""When the fold says that something is wrong, and when it keeps quiet."""

import re

import pytest

from omf.alarms.alarm_texts import SEVERITY
from omf.alarms.rules import RULES
from omf.texts import LANGUAGES, render
from tests.support.factory import (
    DPS,
    DRILL,
    FTS,
    HBW,
    Factory,
    connection,
    order,
    paired,
    warehouse_loads,
)


def test_a_fatal_error_is_an_alarm_and_a_warning_or_an_empty_one_is_none() -> None:
    told = Factory()
    mild = [{}, {"errorType": "RESET_WARNING", "errorLevel": "WARNING"}]
    told.module(DRILL, errors=mild)
    assert told.alarms() == {}
    fatal = {"errorType": "PICK_failed", "errorLevel": "FATAL"}
    told.module(DRILL, errors=[*mild, fatal])
    assert told.alarms() == {f"device-fatal:{DRILL}": told.now}


def test_an_obstacle_is_an_alarm_until_the_vehicle_drives_on() -> None:
    told = Factory()
    obstacle = {"errorType": "COLLISION", "errorLevel": "WARNING"}
    told.vehicle("1", errors=[obstacle])
    began = told.now
    told.vehicle("1", errors=[obstacle])
    assert told.alarms() == {f"collision:{FTS}": began}
    told.vehicle("1")
    assert told.alarms() == {}


def test_a_failed_action_is_an_alarm_because_the_ccu_waits_for_ever() -> None:
    told = Factory().module(DRILL, "PICK", "FAILED")
    assert list(told.alarms()) == [f"action-failed:{DRILL}"]


@pytest.mark.parametrize("state", ["OFFLINE", "CONNECTIONBROKEN"])
def test_a_lost_connection_is_an_alarm(state: str) -> None:
    told = Factory().online(DRILL)
    told.online(DRILL, state)
    assert told.alarms() == {f"connection-lost:{DRILL}": told.now}


def test_a_silent_vehicle_is_stale_after_three_minutes_and_not_before() -> None:
    told = Factory().vehicle("1")
    told.wait(190)
    assert told.alarms() == {}
    told.wait(11)
    assert list(told.alarms()) == [f"device-silent:{FTS}"]


def test_the_charger_has_no_heartbeat_to_miss() -> None:
    told = Factory()
    told.say("ccu_pairing_state", {"modules": [paired("CHRG0", "CHRG")], "transports": []})
    told.wait(55)
    assert told.alarms() == {}


def test_a_silent_ccu_is_an_alarm() -> None:
    told = Factory().say("ccu_pairing_state", {"modules": [], "transports": []})
    told.wait(61)
    assert list(told.alarms()) == ["ccu-silent:ccu"]


def test_modules_of_another_version_are_named_with_both() -> None:
    told = Factory().online(DRILL)
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
    told = Factory()
    waiting = {"id": "s", "type": "NAVIGATION", "state": "ENQUEUED"}
    stuck = order("a", orderType="STORAGE", productionSteps=[waiting])
    told.orders(stuck)
    told.wait(60)
    told.orders(stuck)
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
    told = Factory()
    for _ in range(31):
        told.orders(order("a"))
        told.wait(9)
    (alarm,) = told.state.alarms(told.now)
    assert alarm.id == "order-standstill:a"
    assert alarm.en.startswith(
        "Order Production Red a has not moved for more than 5 minutes: the step"
    )


def test_a_stock_conflict_is_an_alarm_only_when_it_lasts() -> None:
    told = Factory().stock(A1="RED:t1")
    told.module(HBW, loads=warehouse_loads())
    began = told.now
    told.wait(9)
    assert told.alarms() == {}
    told.wait(2)
    assert told.alarms() == {f"stock-conflict:A1/{HBW}": began}


def test_a_vehicle_without_position_is_an_advice_and_not_also_blocked() -> None:
    told = Factory()
    transport = {"serialNumber": FTS, "available": "BLOCKED", "connected": True}
    told.vehicle("UNKNOWN")
    told.say("ccu_pairing_state", {"transports": [transport]})
    told.wait(59)
    assert list(told.alarms()) == [f"position-unknown:{FTS}"]


def test_a_module_blocked_for_no_reason_known_is_an_advice() -> None:
    told = Factory()
    blocked = {"modules": [paired(DPS, "DPS", available="BLOCKED")]}
    for _ in range(7):
        told.say("ccu_pairing_state", blocked)
        told.wait(9)
    assert list(told.alarms()) == [f"device-blocked:{DPS}"]


def test_a_low_battery_is_measured_against_the_threshold_of_the_ccu() -> None:
    told = Factory()
    low = {"charging": False, "percentage": 9, "currentVoltage": 7.9}
    told.vehicle("1", batteryState=low)
    assert told.alarms() == {}
    told.say("ccu_state_config", {"ftsSettings": {"chargeThresholdPercent": 10}})
    assert list(told.alarms()) == [f"battery-low:{FTS}"]
    told.vehicle("1", batteryState=low | {"currentVoltage": 0})
    assert told.alarms() == {}


def test_fire_and_gas_are_alarms_and_vibration_is_none() -> None:
    told = Factory().say("arduino_state", {"vibrationDetected": True}, kind="vibration", sensor="v")
    told.say("arduino_state", {"flameDetected": True, "rawValue": 3}, kind="flame", sensor="f")
    began = told.now
    told.say("arduino_state", {"flameDetected": True, "rawValue": 4}, kind="flame", sensor="f")
    assert told.alarms() == {"danger:flame/f": began}


def test_a_request_without_answer_is_shown_as_refused_for_ten_minutes() -> None:
    told = Factory()
    stamp = "2026-08-07T09:00:00.000Z"
    told.say("ccu_order_request", {"type": "RED", "orderType": "PRODUCTION", "timestamp": stamp})
    asked = told.now
    assert told.alarms() == {}
    told.wait(6)
    assert told.alarms() == {f"request-unanswered:{int(asked * 1000)}-0": asked + 5}
    told.say("ccu_order_response", order("a", timestamp=stamp))
    assert told.alarms() == {}


def test_a_sensor_is_silent_only_beyond_the_period_it_was_set_to() -> None:
    told = Factory().say("txt_ldr", {"ts": "x", "br": 40.0, "ldr": 1000})
    told.wait(301)
    assert list(told.alarms()) == ["sensor-silent:ldr"]
    told.say("txt_set_ldr", {"ts": "x", "period": 600})
    assert told.alarms() == {}


def test_a_sensor_of_a_lost_board_is_one_alarm_and_not_two() -> None:
    told = Factory().say("arduino_connection", connection("f"), kind="flame", sensor="f")
    told.say("arduino_state", {"flameDetected": False}, kind="flame", sensor="f")
    told.say("arduino_connection", connection("f", "OFFLINE"), kind="flame", sensor="f")
    lost = told.now
    told.wait(400)
    assert told.alarms() == {"connection-lost:flame/f": lost}


def test_a_camera_that_stops_is_an_alarm_unless_somebody_switched_it_off() -> None:
    told = Factory().say("txt_cam", {"ts": "x", "data": "data:"})
    told.wait(61)
    assert list(told.alarms()) == ["camera-silent:camera"]
    told.say("txt_set_cam", {"ts": "x", "on": False, "fps": 1})
    assert told.alarms() == {}


def test_an_unreadable_message_is_an_advice_for_five_minutes() -> None:
    told = Factory().raw(f"module/v1/ff/{DRILL}/state", b"not json")
    assert list(told.alarms()) == ["messages-rejected:messages"]
    told.wait(301)
    assert "messages-rejected:messages" not in told.alarms()


def test_every_alarm_is_said_in_every_language_and_advises() -> None:
    for key in (f"alarm.{rule}{part}" for rule in SEVERITY for part in ("", ".action")):
        said = [render(language, key, {}) for language in LANGUAGES]
        assert len(set(said)) == len(said) or said[0] == "{action}", key
        assert not re.findall(r"[A-Z_]{4,}", " ".join(said)), key


def test_the_gravest_alarm_comes_first() -> None:
    told = Factory().online(DRILL, "OFFLINE")
    fatal = {"errorType": "x", "errorLevel": "FATAL"}
    told.module(HBW, errors=[fatal])
    found = told.state.alarms(told.now)
    assert [alarm.severity for alarm in found] == ["critical", "communication"]
    assert found[0].de == f"{HBW}: schwerer Fehler x"


def test_a_silent_factory_has_no_alarm_of_itself() -> None:
    assert Factory().state.alarms(1e9) == ()
    assert len(RULES) == len(set(RULES))
