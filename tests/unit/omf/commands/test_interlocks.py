"""What a factory in a certain state lets nobody do, and what it does (PROTOCOL C, D, F)."""

import json
from typing import Any

import pytest

from omf.commands import KINDS, CommandError, PlannedStep
from omf.state import FactoryState
from tests.support.command_examples import plan_of
from tests.support.floor import SERIALS
from tests.support.known_factory import (
    OTHER_VEHICLE,
    TAG,
    VEHICLE,
    known_factory,
    module_state,
    pairing,
    stock,
    tell,
    vehicle_state,
)


def body(step: PlannedStep) -> Any:
    return json.loads(step.payload)


def test_two_vehicles_make_it_necessary_to_say_which() -> None:
    state = known_factory()
    state.vehicle(OTHER_VEHICLE)
    with pytest.raises(CommandError, match="which vehicle"):
        plan_of("charge", state)
    assert plan_of("charge", state, serial=VEHICLE).allowed


def _refusals(kind: str, state: FactoryState, **changes: Any) -> list[str]:
    return [check.id for check in plan_of(kind, state, **changes).refusals]


def test_no_piece_no_order() -> None:
    assert _refusals("production-order", known_factory(), colour="BLUE") == ["stock-free"]


def test_a_reserved_piece_is_no_free_piece() -> None:
    state = known_factory()
    reserved = stock(A1="RED")
    reserved["stockItems"][0]["workpiece"]["state"] = "RESERVED"
    tell(state, "ccu/state/stock", reserved)
    assert _refusals("production-order", state) == ["stock-free"]


def test_direct_orders_wait_until_the_ccu_is_idle() -> None:
    state = known_factory()
    tell(state, "ccu/order/active", [{"orderId": "o", "state": "IN_PROGRESS", "type": "RED"}])
    for kind in ("module-step", "module-sequence", "fts-navigate", "storage-drop", "park"):
        assert "ccu-idle" in _refusals(kind, state), kind


def test_only_a_queued_order_can_be_cancelled() -> None:
    state = known_factory()
    orders = [
        {"orderId": "one", "state": "ENQUEUED", "orderType": "PRODUCTION", "type": "RED"},
        {"orderId": "two", "state": "IN_PROGRESS", "orderType": "PRODUCTION", "type": "RED"},
    ]
    tell(state, "ccu/order/active", orders)
    assert _refusals("cancel-order", state, order_ids="one") == []
    assert _refusals("cancel-order", state) == ["orders-queued"]
    assert body(plan_of("cancel-order", state).steps[0]) == ["one", "two"]


def test_a_serial_of_another_module_type_is_refused() -> None:
    refused = _refusals("module-sequence", known_factory(), serial=SERIALS["DPS"])
    assert refused == ["module-matches"]
    refused = _refusals("module-step", known_factory(), serial=SERIALS["MILL"], command="DRILL")
    assert "module-type" in refused


def test_steps_go_in_their_order() -> None:
    assert _refusals("module-step", known_factory(), command="DROP") == ["step-fits", "piece-there"]


def test_a_step_goes_on_in_the_bracket_open_on_the_module() -> None:
    state, serial = known_factory(), SERIALS["AIQS"]
    first = plan_of("module-step", state, serial=serial).steps[0]
    tell(state, first.topic, first.payload)
    done = {"id": first.action_id, "command": "PICK", "state": "FINISHED"}
    told = module_state(
        serial, orderId=first.order_id, actionState=done, loads=[{"loadType": "RED"}]
    )
    tell(state, f"module/v1/ff/{serial}/state", told)
    assigned = pairing()
    for module in assigned["modules"]:
        module["assigned"] = module["serialNumber"] == serial
    tell(state, "ccu/pairing/state", assigned)
    plan = plan_of("module-step", state, serial=serial, command="CHECK_QUALITY")
    assert plan.allowed
    assert (plan.steps[0].order_id, plan.steps[0].order_update_id) == (first.order_id, 2)


def test_a_module_another_order_has_is_left_alone() -> None:
    state, assigned = known_factory(), pairing()
    for module in assigned["modules"]:
        module["assigned"] = True
    tell(state, "ccu/pairing/state", assigned)
    assert _refusals("module-step", state) == ["module-unassigned"]


def test_a_piece_handed_in_is_taken_by_hand_until_the_ccu_has_ordered_its_storage() -> None:
    state, assigned, serial = known_factory(), pairing(), SERIALS["DPS"]
    for module in assigned["modules"]:
        module["assigned"] = module["serialNumber"] == serial
    tell(state, "ccu/pairing/state", assigned)
    handed_in = module_state(serial, orderId="0", loads=[{"loadType": "UNKNOWN"}])
    tell(state, f"module/v1/ff/{serial}/state", handed_in)
    assert plan_of("delivery-drop", state).allowed
    assert _refusals("delivery-pick", state) == ["module-unassigned"]
    tell(state, f"module/v1/ff/{serial}/state", handed_in | {"orderId": "the-ccus"})
    assert _refusals("delivery-drop", state) == ["module-unassigned"]


def test_a_mill_that_still_counts_gets_a_higher_number() -> None:
    state, serial = known_factory(), SERIALS["MILL"]
    done = {"id": "x", "command": "PICK", "state": "FAILED"}
    told = module_state(serial, orderId="old", orderUpdateId=7, actionState=done)
    tell(state, f"module/v1/ff/{serial}/state", told)
    plan = plan_of("module-step", state, serial=serial, command="PICK")
    assert plan.steps[0].order_update_id == 8


def test_a_sequence_is_one_bracket_with_rising_numbers() -> None:
    plan = plan_of("module-sequence", duration=9, workpiece_id=TAG)
    orders = [body(step) for step in plan.steps]
    assert [order["action"]["command"] for order in orders] == ["PICK", "MILL", "DROP"]
    assert [order["orderUpdateId"] for order in orders] == [1, 2, 3]
    assert len({order["orderId"] for order in orders}) == 1
    assert len({order["action"]["id"] for order in orders}) == 3
    assert orders[1]["action"]["metadata"] == {"type": "RED", "duration": 9}
    assert orders[2]["action"]["metadata"] == {"type": "RED", "workpieceId": TAG}


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
    state = known_factory()
    told = vehicle_state(VEHICLE, SERIALS["DPS"]) | change
    tell(state, f"fts/v1/ff/{VEHICLE}/state", told)
    assert refusal in _refusals("fts-navigate", state)


def test_a_warning_does_not_stop_a_vehicle() -> None:
    state = known_factory()
    warned = [{"errorType": "COLLISION", "errorLevel": "WARNING"}, {}]
    told = vehicle_state(VEHICLE, SERIALS["DPS"], errors=warned)
    tell(state, f"fts/v1/ff/{VEHICLE}/state", told)
    assert plan_of("fts-navigate", state).allowed


def test_a_paused_module_and_a_blocked_one_are_not_asked() -> None:
    state = known_factory()
    tell(state, "ccu/pairing/state", pairing(MILL="BLOCKED"))
    assert _refusals("module-sequence", state) == ["module-ready"]


def test_a_retained_command_is_never_sent() -> None:
    changes = {"topic": "ccu/set/reset", "payload": "{}", "retain": True, "confirm": "RETAIN"}
    assert _refusals("free-message", known_factory(), **changes) == ["retain-allowed"]
    retaining = [plan_of(kind).steps[0] for kind in KINDS if plan_of(kind).steps[0].retain]
    assert [step.payload for step in retaining] == [""]  # clear-retained: nothing to carry out
