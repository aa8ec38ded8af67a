"""What a factory in a certain state lets nobody do, and what it does (PROTOCOL C, D, F)."""

import json
from typing import Any

import pytest

from omf.commands import KINDS, CommandError, PlannedStep
from omf.state import FactoryState
from tests.support.command_examples import plan_of
from tests.support.factory import (
    FTS,
    OTHER_FTS,
    SERIALS,
    TAG,
    Factory,
    known_factory,
    module_state,
    pairing,
    stock_message,
    vehicle_state,
)


def body(step: PlannedStep) -> Any:
    return json.loads(step.payload)


def test_two_vehicles_make_it_necessary_to_say_which() -> None:
    state = known_factory()
    state.vehicle(OTHER_FTS)
    with pytest.raises(CommandError, match="which vehicle"):
        plan_of("charge", state)
    assert plan_of("charge", state, serial=FTS).allowed


def _refusals(kind: str, state: FactoryState, **changes: Any) -> list[str]:
    return [check.id for check in plan_of(kind, state, **changes).refusals]


def test_no_piece_no_order() -> None:
    assert _refusals("production-order", known_factory(), colour="BLUE") == ["stock-free"]


def test_a_reserved_piece_is_no_free_piece() -> None:
    factory = Factory.known()
    reserved = stock_message(A1="RED")
    reserved["stockItems"][0]["workpiece"]["state"] = "RESERVED"
    factory.say("ccu_state_stock", reserved)
    assert _refusals("production-order", factory.state) == ["stock-free"]


def test_direct_orders_wait_until_the_ccu_is_idle() -> None:
    factory = Factory.known().orders({"orderId": "o", "state": "IN_PROGRESS", "type": "RED"})
    for kind in ("module-step", "module-sequence", "fts-navigate", "storage-drop", "park"):
        assert "ccu-idle" in _refusals(kind, factory.state), kind


def test_only_a_queued_order_can_be_cancelled() -> None:
    factory = Factory.known()
    orders = [
        {"orderId": "one", "state": "ENQUEUED", "orderType": "PRODUCTION", "type": "RED"},
        {"orderId": "two", "state": "IN_PROGRESS", "orderType": "PRODUCTION", "type": "RED"},
    ]
    factory.say("ccu_order_active", orders)
    assert _refusals("cancel-order", factory.state, order_ids="one") == []
    assert _refusals("cancel-order", factory.state) == ["orders-queued"]
    assert body(plan_of("cancel-order", factory.state).steps[0]) == ["one", "two"]


def test_a_serial_of_another_module_type_is_refused() -> None:
    refused = _refusals("module-sequence", known_factory(), serial=SERIALS["DPS"])
    assert refused == ["module-matches"]
    refused = _refusals("module-step", known_factory(), serial=SERIALS["MILL"], command="DRILL")
    assert "module-type" in refused


def test_steps_go_in_their_order() -> None:
    assert _refusals("module-step", known_factory(), command="DROP") == ["step-fits", "piece-there"]


def test_a_step_goes_on_in_the_bracket_open_on_the_module() -> None:
    factory, serial = Factory.known(), SERIALS["AIQS"]
    first = plan_of("module-step", factory.state, serial=serial).steps[0]
    factory.raw(first.topic, first.payload.encode())
    done = {"id": first.action_id, "command": "PICK", "state": "FINISHED"}
    factory.module(serial, orderId=first.order_id, actionState=done, loads=[{"loadType": "RED"}])
    assigned = pairing()
    for module in assigned["modules"]:
        module["assigned"] = module["serialNumber"] == serial
    factory.say("ccu_pairing_state", assigned)
    plan = plan_of("module-step", factory.state, serial=serial, command="CHECK_QUALITY")
    assert plan.allowed
    assert (plan.steps[0].order_id, plan.steps[0].order_update_id) == (first.order_id, 2)


def test_a_module_another_order_has_is_left_alone() -> None:
    factory, assigned = Factory.known(), pairing()
    for module in assigned["modules"]:
        module["assigned"] = True
    factory.say("ccu_pairing_state", assigned)
    assert _refusals("module-step", factory.state) == ["module-unassigned"]


def test_a_piece_handed_in_is_taken_by_hand_until_the_ccu_has_ordered_its_storage() -> None:
    factory, assigned, serial = Factory.known(), pairing(), SERIALS["DPS"]
    for module in assigned["modules"]:
        module["assigned"] = module["serialNumber"] == serial
    factory.say("ccu_pairing_state", assigned)
    handed_in = module_state(serial, orderId="0", loads=[{"loadType": "UNKNOWN"}])
    factory.say("module_state", handed_in, serial=serial)
    assert plan_of("delivery-drop", factory.state).allowed
    assert _refusals("delivery-pick", factory.state) == ["module-unassigned"]
    factory.say("module_state", handed_in | {"orderId": "the-ccus"}, serial=serial)
    assert _refusals("delivery-drop", factory.state) == ["module-unassigned"]


def test_a_mill_that_still_counts_gets_a_higher_number() -> None:
    factory, serial = Factory.known(), SERIALS["MILL"]
    done = {"id": "x", "command": "PICK", "state": "FAILED"}
    factory.module(serial, orderId="old", orderUpdateId=7, actionState=done)
    plan = plan_of("module-step", factory.state, serial=serial, command="PICK")
    assert plan.steps[0].order_update_id == 8


def test_a_sequence_is_one_bracket_with_rising_numbers() -> None:
    plan = plan_of("module-sequence", duration=9, workpiece_id=TAG)
    orders = [body(step) for step in plan.steps]
    assert [order["action"]["command"] for order in orders] == ["PICK", "MILL", "DROP"]
    assert [order["orderUpdateId"] for order in orders] == [1, 2, 3]
    assert len({order["orderId"] for order in orders}) == 1
    assert len({order["action"]["id"] for order in orders}) == 3
    carried = {"priority": "NORMAL", "timeout": 300}
    assert orders[1]["action"]["metadata"] == {"type": "RED", "duration": 9, **carried}
    assert orders[2]["action"]["metadata"] == {"type": "RED", "workpieceId": TAG, **carried}


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"lastNodeId": "UNKNOWN"}, "position-known"),
        ({"lastNodeId": "2"}, "vehicle-docked"),
        ({"driving": True}, "vehicle-still"),
        ({"waitingForLoadHandling": True}, "vehicle-unburdened"),
        ({"paused": True}, "vehicle-unpaused"),
        ({"errors": [{"errorType": "DOCK_ERROR", "errorLevel": "FATAL"}]}, "vehicle-sound"),
    ],
)
def test_a_vehicle_that_would_refuse_is_not_asked(change: dict[str, Any], refusal: str) -> None:
    factory = Factory.known()
    told = vehicle_state(SERIALS["DPS"]) | change
    factory.say("fts_state", told, serial=FTS)
    assert refusal in _refusals("fts-navigate", factory.state)


def test_a_warning_does_not_stop_a_vehicle() -> None:
    factory = Factory.known()
    warned = [{"errorType": "COLLISION", "errorLevel": "WARNING"}, {}]
    factory.vehicle(SERIALS["DPS"], errors=warned)
    assert plan_of("fts-navigate", factory.state).allowed


def test_a_paused_module_and_a_blocked_one_are_not_asked() -> None:
    factory = Factory.known().say("ccu_pairing_state", pairing(MILL="BLOCKED"))
    assert _refusals("module-sequence", factory.state) == ["module-ready"]


def test_a_retained_command_is_never_sent() -> None:
    changes = {"topic": "ccu/set/reset", "payload": "{}", "retain": True, "confirm": "RETAIN"}
    assert _refusals("free-message", known_factory(), **changes) == ["retain-allowed"]
    retaining = [plan_of(kind).steps[0] for kind in KINDS if plan_of(kind).steps[0].retain]
    assert [step.payload for step in retaining] == [""]  # clear-retained: nothing to carry out
