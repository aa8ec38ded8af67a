"""The fold's orders, steps, stock and checks against the real factory's ground truth."""

from typing import Any

from omf.state import Order
from tests.support.folds import every_recording, folded, seconds
from tests.support.shared import truth


@every_recording
def test_every_order_ends_as_the_factory_told_it(name: str) -> None:
    state, told = folded(name), truth(name)["orders"]
    assert list(state.orders) == [order["orderId"] for order in told]
    for expected in told:
        assert facts(state.orders[expected["orderId"]]) == {
            "type": expected["orderType"],
            "colour": expected["colour"],
            "state": expected["final_state"],
            "workpiece_id": expected["workpieceId"],
            "request_id": expected["requestId"],
            "requested_at": expected["requestedAt"],
            "received_at": expected["receivedAt"],
            "started_at": expected["startedAt"],
            "stopped_at": expected["stoppedAt"],
            "first_seen": seconds(expected["first_seen"]),
            "last_seen": seconds(expected["last_seen"]),
            "vanished": expected["disappeared_without_completion"],
            "states": [
                (seen["list"], seen["state"], seconds(seen["ts"]))
                for seen in expected["state_sequence"]
            ],
        }


def facts(order: Order) -> dict[str, Any]:
    same = (
        "type",
        "colour",
        "state",
        "workpiece_id",
        "request_id",
        "requested_at",
        "received_at",
        "started_at",
        "stopped_at",
        "first_seen",
        "last_seen",
        "vanished",
    )
    states = [(seen.list, seen.state, seen.at) for seen in order.sightings]
    return {**{key: getattr(order, key) for key in same}, "states": states}


STEP_FIELDS = {
    "id": "id",
    "type": "type",
    "state": "state",
    "command": "command",
    "moduleType": "module_type",
    "source": "source",
    "target": "target",
    "serialNumber": "serial",
    "dependentActionId": "depends_on",
    "startedAt": "started_at",
    "stoppedAt": "stopped_at",
}


@every_recording
def test_every_step_ends_as_the_factory_told_it(name: str) -> None:
    for expected in truth(name)["orders"]:
        steps = folded(name).orders[expected["orderId"]].steps
        assert len(steps) == len(expected["steps"])
        for step, told in zip(steps, expected["steps"], strict=True):
            assert set(told) <= set(STEP_FIELDS)
            assert {key: getattr(step, STEP_FIELDS[key]) for key in told} == told


@every_recording
def test_the_lists_of_the_ccu_are_exactly_its_last_ones(name: str) -> None:
    state, told = folded(name), truth(name)["order_lists"]
    last_active = told["last_active"] or {"orderIds": []}
    last_completed = told["last_completed"] or {"orderIds": []}
    assert list(state.active_orders) == last_active["orderIds"]
    assert list(state.completed_orders) == last_completed["orderIds"]
    for expected in truth(name)["orders"]:
        order = state.orders[expected["orderId"]]
        assert (order.list == "active") == expected["in_last_active"]
        assert (order.list == "completed") == expected["in_last_completed"]


@every_recording
def test_the_stock_ends_as_the_ccu_last_told_it(name: str) -> None:
    stock, told = folded(name).stock, truth(name)["stock_final"]
    assert stock.known is (told is not None)
    if told is None:
        return
    assert stock.counts() == told["by_colour"]
    assert stock.by_state() == told["by_colour_and_state"]
    assert (len(stock.bays), stock.empty_bays) == (told["slots"], told["empty_slots"])
    lying = {
        place: (bay.workpiece_id or "", bay.colour or "", bay.state or "RAW")
        for place, bay in stock.bays.items()
    }
    assert lying == {
        place: (bay["id"], bay["type"], bay["state"]) for place, bay in told["locations"].items()
    }
    assert stock.conflicts == []


@every_recording
def test_every_quality_check_is_kept(name: str) -> None:
    checks, told = folded(name).quality.checks, truth(name)["quality_checks"]
    assert [(c.picture.at, c.result, c.classification) for c in checks] == [
        (seconds(check["ts"]), check["result"], check["classification"]) for check in told
    ]


@every_recording
def test_every_quality_check_is_tied_to_the_order_it_ended(name: str) -> None:
    state = folded(name)
    for check in state.quality.checks:
        assert check.order_id is not None
        order = state.orders[check.order_id]
        assert order.workpiece_id == check.workpiece_id
        assert (order.state == "ERROR") == (check.result == "FAILED")


@every_recording
def test_every_order_request_found_its_order(name: str) -> None:
    state, told = folded(name), truth(name)
    assert len(state.requests.orders) == told["filters_extra"]["ccu/order/request"]
    for request in state.requests.orders:
        assert request.order_id in state.orders
        assert request.answered_at is not None
        assert request.answered_at - request.at < 1
