"""A vehicle as it stands or drives: place, load, battery, and the rest of its way."""

from functools import partial
from typing import Any

from omf.simulation.device import LEAST_REST_S, DeviceRuntime
from omf.simulation.simulated_factory import UNKNOWN
from omf.simulation.vehicles.battery import PLUGGED_V
from omf.simulation.vehicles.drive import (
    APPROACH_S,
    DOCK_SPAN_S,
    EDGE_SPAN_S,
    TURN_SPAN_S,
    Drive,
)
from omf.simulation.vehicles.instant import FIND_TAKES_S
from omf.simulation.vehicles.vehicle import SimulatedVehicle
from omf.state import FactoryState
from omf.state.assignments import DOCK_TYPE
from omf.state.values import Action, ReportedError
from omf.state.vehicles import Vehicle
from omf.texts import Text, text

NODE_COMMANDS = ("DOCK", "TURN", "PASS")
CHARGER_TYPE = "CHRG"


def seed(machine: SimulatedVehicle, state: FactoryState, now: float) -> list[Text]:
    """Set a vehicle that was not connected yet; what had to be assumed."""
    vehicle = state.vehicles[machine.serial]
    own = machine.state
    own.last_node = vehicle.last_node or UNKNOWN
    own.order_id, own.order_update_id = vehicle.order_id, vehicle.order_update_id or 0
    own.paused, own.waiting = bool(vehicle.paused), bool(vehicle.waiting_for_load)
    own.driving = bool(vehicle.driving)
    own.actions = [action_body(one) for one in vehicle.actions]
    shown = vehicle.action.id if vehicle.action else None
    own.active = next((one for one in own.actions if one["id"] == shown), None)
    own.errors = [error_body(fault) for fault in vehicle.errors]
    own.docked_bay = vehicle.last_load_position or own.docked_bay
    for bay, load in vehicle.bays.items():
        if load is not None:
            own.loads.put(bay, load.colour, load.workpiece_id)
    _charge(machine, vehicle)
    machine.lost = vehicle.connection in ("OFFLINE", "CONNECTIONBROKEN")
    return _drive(machine, state, vehicle, now)


def action_body(action: Action) -> dict[str, Any]:
    """An action as a device tells it."""
    told = {"id": action.id, "command": action.command, "state": action.state}
    return told | {"timestamp": action.timestamp or ""}


def error_body(fault: ReportedError) -> dict[str, Any]:
    """An error as a device tells it."""
    references = [
        {"referenceKey": key, "referenceValue": value} for key, value in fault.references.items()
    ]
    return {"errorType": fault.type, "errorLevel": fault.level, "errorReferences": references}


def _charge(machine: SimulatedVehicle, vehicle: Vehicle) -> None:
    battery = machine.state.battery
    if vehicle.battery_voltage is not None:
        plugged = PLUGGED_V if vehicle.charging else 0.0
        battery.begin(vehicle.battery_voltage - plugged, machine.now.plant)
    if vehicle.charging:
        machine.drive.charging.begin()


def _drive(
    machine: SimulatedVehicle, state: FactoryState, vehicle: Vehicle, now: float
) -> list[Text]:
    """Go on with the drive under way; one that was sent and not taken yet begins."""
    own, drive = machine.state, machine.drive
    wanted = vehicle.ordered.action_id if vehicle.ordered else None
    stages = {one.id: one for one in vehicle.actions}
    if wanted in stages and stages[wanted].state in ("FINISHED", "FAILED"):
        if vehicle.driving:
            own.executing = True
            drive.stop_soon()
        return []
    if wanted is None or not vehicle.path or machine.lost:
        return _finding(machine, state, vehicle, now)
    drive.nodes = _nodes(state, vehicle)
    own.actions = _actions(own.actions, drive.nodes)
    if wanted not in stages:
        order = {
            "orderId": vehicle.ordered.order_id if vehicle.ordered else "",
            "orderUpdateId": vehicle.ordered.order_update_id if vehicle.ordered else 0,
            "nodes": drive.nodes,
        }
        if _fresh(vehicle, now):
            drive.accept(order, fail=vehicle.path[0] != vehicle.last_node)
        return []
    own.executing = own.driving = True
    own.active = next((one for one in own.actions if one["id"] == wanted), own.active)
    _resume(drive, machine, vehicle, now)
    return []


LOST_AFTER_S = 5.0


def _fresh(vehicle: Vehicle, now: float) -> bool:
    """An order the vehicle has not taken for so long was refused, or lost."""
    return vehicle.ordered is not None and now - vehicle.ordered.at <= LOST_AFTER_S


def _nodes(state: FactoryState, vehicle: Vehicle) -> list[dict[str, Any]]:
    """The nodes of the order, as far as the state keeps them: their actions are those reported."""
    known = [one for one in vehicle.actions if one.command in NODE_COMMANDS]
    behind = vehicle.path[1:] or vehicle.path
    ids = [one.id for one in known][-len(behind) :]
    commands = [one.command for one in known][-len(behind) :]
    while len(ids) < len(behind):
        ids.insert(0, f"pass {len(ids)}")
        commands.insert(0, "PASS")
    nodes: list[dict[str, Any]] = [] if len(vehicle.path) == 1 else [{"id": vehicle.path[0]}]
    for node, action_id, command in zip(behind, ids, commands, strict=True):
        nodes.append({"id": node, "action": {"id": action_id, "type": command}})
    last = nodes[-1]["action"]
    last["type"] = "DOCK"
    last["id"] = vehicle.ordered.action_id if vehicle.ordered else last["id"]
    last["metadata"] = _dock(state, vehicle)
    return nodes


def _actions(told: list[dict[str, Any]], nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those told, and those of nodes that nobody told of."""
    known = {one["id"] for one in told}
    wanted = [node["action"] for node in nodes if "action" in node]
    missing = [
        {"id": one["id"], "command": one["type"], "state": "WAITING", "timestamp": ""}
        for one in wanted
        if one["id"] not in known
    ]
    return [*told, *missing]


def _dock(state: FactoryState, vehicle: Vehicle) -> dict[str, Any]:
    """What it was told to take or bring: as its order wants it, nothing on a drive of none."""
    layout, target = state.layout, vehicle.path[-1]
    if layout is not None and layout.modules.get(target) == CHARGER_TYPE:
        return {"charge": True, "loadPosition": vehicle.path_bay}
    told = vehicle.ordered.order_id if vehicle.ordered else vehicle.order_id
    order = state.orders.get(told)
    bay = vehicle.path_bay or vehicle.last_load_position
    if order is None or not order.open:
        return {"noLoadChange": True, "loadPosition": bay}
    tag = {"loadId": order.workpiece_id} if order.workpiece_id else {}
    return {"loadType": order.colour, "loadPosition": bay, **tag}


def _resume(drive: Drive, machine: SimulatedVehicle, vehicle: Vehicle, now: float) -> None:
    """At the first action that is not finished, so much of it as is left."""
    stages = {one.id: one for one in vehicle.actions}
    indexes = [i for i, node in enumerate(drive.nodes) if "action" in node]
    open_ones = [i for i in indexes if _stage(stages, drive.nodes[i]) != "FINISHED"]
    index = open_ones[0] if open_ones else indexes[-1]
    node = drive.nodes[index]
    action = stages.get(node["action"]["id"])
    waited = _since(action, vehicle, now) * machine.speed
    state = action.state if action else "WAITING"
    last = index == len(drive.nodes) - 1
    drive.resume(index, state or "WAITING", _left(machine, state, waited, last=last))


def _stage(stages: dict[str | None, Action], node: dict[str, Any]) -> str | None:
    found = stages.get(node["action"]["id"])
    return found.state if found else None


def _since(action: Action | None, vehicle: Vehicle, now: float) -> float:
    """Seconds since the stage began: an action that waits began when the node before was left."""
    if action is not None and action.state in ("INITIALIZING", "RUNNING") and action.since:
        return max(0.0, now - action.since)
    began = [
        at
        for at in (vehicle.last_node_since, vehicle.ordered.at if vehicle.ordered else None)
        if at is not None
    ]
    return max(0.0, now - max(began)) if began else 0.0


def _left(machine: DeviceRuntime, state: str | None, waited: float, *, last: bool) -> float:
    if state == "RUNNING":
        span = DOCK_SPAN_S if last else TURN_SPAN_S
    elif state == "INITIALIZING":
        span = APPROACH_S if last else TURN_SPAN_S
    else:
        span = APPROACH_S if last else EDGE_SPAN_S
    return machine.rest(partial(machine.draw, span), waited)


def _finding(
    machine: SimulatedVehicle, state: FactoryState, vehicle: Vehicle, now: float
) -> list[Text]:
    """It looks for its first place: where, only the order for it said; it is the DPS as always."""
    action = vehicle.action
    looking = (
        action is not None
        and action.command == "findInitialDockPosition"
        and action.state in ("INITIALIZING", "RUNNING")
    )
    stations = state.layout.serials(DOCK_TYPE) if state.layout else ()
    if not looking or action is None or not stations:
        return []
    waited = max(0.0, now - (action.began_at or now)) * machine.speed
    machine.actions.go_on_finding(action.id, stations[0], max(LEAST_REST_S, FIND_TAKES_S - waited))
    return [text("simulation.gap_finding", vehicle=machine.serial)]
