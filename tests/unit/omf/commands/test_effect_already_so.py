"""What was already so before a command is no effect of it, and is said to be nothing new."""

import json
from typing import Any

import pytest

from omf.commands import judge
from omf.messages.message import Message
from tests.support.factory import (
    FTS,
    NOW,
    SERIALS,
    Factory,
    layout_message,
    module_state,
    vehicle_state,
    warehouse_loads,
)
from tests.unit.omf.commands.test_effect_is_a_change import effect_of, outcome

HBW = SERIALS["HBW"]


@pytest.mark.parametrize("before_s", [None, 60.0, 5.0])
def test_a_new_period_shows_in_two_readings_not_in_the_next_one(before_s: float | None) -> None:
    factory, topic = Factory.known(), "/j1/txt/1/i/ldr"
    reading = {"ts": "x", "br": 50.0, "ldr": 900}
    for wait_s in (0, before_s) if before_s else ():
        factory.wait(wait_s).raw(topic, reading)
    effect = effect_of("sensor-period", factory.state, period=20)

    def heard(*seconds: float) -> str | None:
        text = json.dumps(reading).encode()
        told = [Message(topic, text, f"{int((NOW + 100 + s) * 1000)}-0") for s in seconds]
        found = judge(effect, told[-1], told[:-1])
        return found.outcome if found else None

    assert heard(3) is None
    assert heard(3, 63) is None
    assert heard(3, 8) is None
    assert heard(3, 23.2) == "effect"
    assert heard(3, 63, 83.2) == "effect"


def test_contents_written_again_are_proven_by_their_new_times() -> None:
    factory, topic = Factory.known(), f"module/v1/ff/{HBW}/state"
    loads = warehouse_loads(A1="RED")
    factory.raw(topic, module_state(HBW, loads=loads))
    effect = effect_of("set-storage", factory.state)
    assert outcome(effect, topic, module_state(HBW, loads=loads)) is None
    assert effect.already
    loads[0]["loadTimestamp"] = 1_786_094_461_000
    assert outcome(effect, topic, module_state(HBW, loads=loads)) == "effect"


def test_a_module_without_an_action_is_reset_only_by_what_names_the_reset() -> None:
    serial, topic = SERIALS["AIQS"], f"module/v1/ff/{SERIALS['AIQS']}/state"
    effect = effect_of("module-reset")
    assert outcome(effect, topic, module_state(serial)) is None
    own = {"id": effect.expect["action_id"], "command": "reset", "state": "RUNNING"}
    assert outcome(effect, topic, module_state(serial, actionState=own)) == "effect"
    factory = Factory.known()
    done = {"id": "old", "command": "DROP", "state": "FINISHED"}
    factory.raw(topic, module_state(serial, actionState=done))
    again = effect_of("module-reset", factory.state)
    assert outcome(again, topic, module_state(serial, actionState=done)) is None
    assert outcome(again, topic, module_state(serial)) == "effect"


@pytest.mark.parametrize("kind", ["fts-reset", "factory-reset"])
def test_a_vehicle_reset_again_names_no_order_any_more(kind: str) -> None:
    def reset(order_id: str) -> dict[str, Any]:
        named = [{"referenceKey": "orderId", "referenceValue": order_id}]
        note = {"errorType": "RESET", "errorLevel": "WARNING", "errorReferences": named}
        return vehicle_state("UNKNOWN", errors=[note])

    factory, topic = Factory.known(), f"fts/v1/ff/{FTS}/state"
    factory.raw(topic, reset("order-1"))
    effect = effect_of(kind, factory.state)
    effect = effect.otherwise or effect
    assert outcome(effect, topic, reset("order-1")) is None
    assert outcome(effect, topic, reset("")) == "effect"
    factory.raw(topic, reset(""))
    assert effect_of("fts-reset", factory.state).already


@pytest.mark.parametrize(
    ("kind", "changes", "topic"),
    [
        ("layout", {}, "ccu/state/layout"),
        ("default-layout", {}, "ccu/state/layout"),
        ("flows", {}, "ccu/state/flows"),
    ],
)
def test_settings_that_held_before_say_so(kind: str, changes: dict[str, Any], topic: str) -> None:
    told = layout_message() if "layout" in kind else {"RED": {"steps": ["MILL", "AIQS"]}}
    found = judge(effect_of(kind, **changes), Message(topic, json.dumps(told).encode(), "9-0"))
    assert found
    assert "nothing to change" in found.en


def test_a_default_layout_that_is_another_one_is_a_change() -> None:
    less = {**layout_message(), "modules": layout_message()["modules"][1:]}
    found = judge(
        effect_of("default-layout"), Message("ccu/state/layout", json.dumps(less).encode(), "9-0")
    )
    assert found
    assert found.en == "The CCU reports the new layout"
