"""Whether a vehicle takes an order: the checks of C.21, in their order."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, NamedTuple

from omf.constants import VEHICLE_BAYS
from omf.simulation.simulated_factory import UNKNOWN
from omf.simulation.vehicles.state import SimulatedState

NODE_ACTIONS = ("DOCK", "TURN", "PASS")


class OrderCheck(NamedTuple):
    """Refused with `error`; or known already (`repeat`); or accepted, to `fail` at once or not."""

    error: dict[str, Any] | None = None
    repeat: bool = False
    fail: bool = False


def check_order(vehicle: SimulatedState, order: Any) -> OrderCheck:
    """Decide about an order as the vehicle's program does."""
    if not _complete(order):
        return OrderCheck(_error("validationError", order if isinstance(order, dict) else {}))
    update_id = order.get("orderUpdateId") or 0
    if order["orderId"] == vehicle.order_id and update_id < vehicle.order_update_id:
        return OrderCheck(_error("orderUpdateError", order))
    if order["orderId"] == vehicle.order_id and update_id == vehicle.order_update_id:
        return OrderCheck(repeat=True)
    if _occupied(vehicle) or order.get("zoneSetId"):
        return OrderCheck(_error("orderError", order))
    if (wrong := _wrong_action(vehicle, order)) is not None:
        return OrderCheck(wrong)
    return OrderCheck(fail=not _drivable(vehicle.last_node, order))


def _occupied(vehicle: SimulatedState) -> bool:
    fatal = any(error.get("errorLevel") == "FATAL" for error in vehicle.errors)
    return vehicle.executing or vehicle.waiting or fatal or vehicle.paused


def _complete(order: Any) -> bool:
    if not isinstance(order, dict) or not (order.get("orderId") and order.get("timestamp")):
        return False
    lists = order.get("nodes"), order.get("edges")
    return all(isinstance(part, list) and all(isinstance(x, dict) for x in part) for part in lists)


def _wrong_action(vehicle: SimulatedState, order: Mapping[str, Any]) -> dict[str, Any] | None:
    for node in order["nodes"]:
        action = node.get("action")
        if action is None:
            continue
        if not (
            isinstance(action, dict) and action.get("id") and action.get("type") in NODE_ACTIONS
        ):
            return _error("orderError", order)
        if action["type"] == "DOCK" and not _bay_fits(vehicle, action.get("metadata") or {}):
            load = action.get("metadata") or {}
            told = {key: load.get(key) for key in ("loadId", "loadPosition")}
            return _error("orderError", order, told)
    return None


def _bay_fits(vehicle: SimulatedState, dock: Mapping[str, Any]) -> bool:
    if dock.get("loadPosition") not in VEHICLE_BAYS:
        return False
    skipped = dock.get("noLoadChange") or dock.get("charge")
    return bool(skipped) or vehicle.loads.accepts(dock["loadPosition"], dock.get("loadId"))


def _drivable(last_node: str, order: Mapping[str, Any]) -> bool:
    nodes, edges = order["nodes"], order["edges"]
    if not nodes or last_node == UNKNOWN or nodes[0].get("id") != last_node:
        return False
    steps = pairwise(nodes)
    ways = [edge.get("linkedNodes") for edge in edges]
    return ways == [[a.get("id"), b.get("id")] for a, b in steps]


def _error(
    kind: str, order: Mapping[str, Any], load: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    told = {"orderId": order.get("orderId"), **(load or {})}
    references = [{"referenceKey": key, "referenceValue": value} for key, value in told.items()]
    return {"errorType": kind, "errorLevel": "WARNING", "errorReferences": references}
