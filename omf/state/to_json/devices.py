"""Modules and vehicles as JSON."""

from typing import Any

from omf.state.device import ACTION_ENDED, Channel
from omf.state.modules import Instant, Module, Ordered
from omf.state.to_json.values import age, plain
from omf.state.values import Action, CarriedLoad, ReportedError
from omf.state.vehicles import Vehicle


def module(one: Module, now: float) -> dict[str, Any]:
    """Return one module; `nodered` is the TXT behind it, null where none spoke."""
    return {
        "type": one.type,
        **_channel(one, now),
        **_pairing(one, now),
        "assigned": one.assigned,
        "calibrated": one.calibrated,
        "calibrating": one.calibrating,
        "production_duration": one.production_duration,
        "loads": [_load(load) for load in one.loads] if one.loads_known else None,
        "bays": {name: load and _load(load) for name, load in one.bays.items()} or None,
        "unplaced": [_load(load) for load in one.unplaced],
        "loads_age_s": age(one.loads_at, now),
        "opcua": one.opcua,
        "series": one.series,
        "commands": list(one.commands),
        "lamp": one.lamp and dict(one.lamp),
        **_told(one.ordered, one.instant, now),
        "nodered": one.nodered and _channel(one.nodered, now),
    }


def vehicle(one: Vehicle, now: float) -> dict[str, Any]:
    """Return one vehicle; `bays` maps each bay to a load or null and leaves out unknown ones."""
    return {
        "type": "FTS",
        **_channel(one, now),
        **_pairing(one, now),
        "lastNodeId": one.last_node,
        "position_known": one.position_known,
        "position_age_s": age(one.last_node_since, now),
        "last_module": one.last_module,
        "driving": one.driving,
        "waiting_for_load": one.waiting_for_load,
        "charging": one.charging,
        "battery": {
            "voltage": one.battery_voltage,
            "percentage": one.battery_percentage,
            "min_voltage": one.battery_min_v,
            "max_voltage": one.battery_max_v,
        },
        "bays": {name: load and _load(load) for name, load in one.bays.items()} or None,
        "bay_names": list(one.bay_names),
        "unplaced": [_load(load) for load in one.unplaced],
        "actions": [_action(action, now) for action in one.actions],
        "path": list(one.path),
        "path_action": one.path_action,
        "series": one.series,
        **_told(one.ordered, one.instant, now),
    }


def _channel(one: Channel, now: float) -> dict[str, Any]:
    return {
        "connection": one.connection,
        "connection_age_s": age(one.connection_at, now),
        "connection_changes": [plain(change) for change in one.connection_changes],
        "ip": one.ip,
        "version": one.version,
        "orderId": one.order_id,
        "orderUpdateId": one.order_update_id,
        "paused": one.paused,
        "operating_mode": one.operating_mode,
        "action": one.action and _action(one.action, now),
        "last_action": one.last_action and _action(one.last_action, now),
        "history": [plain(past) for past in one.history],
        "errors": [_fault(fault, now) for fault in one.errors],
        "state_known": one.state_known,
        "state_age_s": age(one.state_at, now),
        "device_time_at": one.device_time,
        "messages": one.messages,
        "age_s": age(one.last_message, now),
    }


def _pairing(one: Module | Vehicle, now: float) -> dict[str, Any]:
    return {
        "serial": one.serial,
        "connected": one.connected,
        "available": one.available,
        "available_age_s": age(one.available_since, now),
        "listed": one.listed,
        "paired_since_at": one.paired_since,
        "ccu_last_seen_at": one.ccu_last_seen,
    }


def _action(one: Action, now: float) -> dict[str, Any]:
    end = one.since if one.state in ACTION_ENDED else now
    return {
        "id": one.id,
        "command": one.command,
        "state": one.state,
        "result": one.result,
        "duration": one.duration,
        "colour": one.colour,
        "workpiece_id": one.workpiece_id,
        "device_time_at": one.timestamp,
        "age_s": age(one.since, now),
        "elapsed_s": None if end is None else age(one.began_at, end),
    }


def _fault(one: ReportedError, now: float) -> dict[str, Any]:
    return plain(one) | {"age_s": age(one.since, now)}


def _load(one: CarriedLoad) -> dict[str, Any]:
    return plain(one)


def _told(ordered: Ordered | None, instant: Instant | None, now: float) -> dict[str, Any]:
    return {
        "ordered": ordered and plain(ordered) | {"age_s": age(ordered.at, now)},
        "instant_action": instant and plain(instant) | {"age_s": age(instant.at, now)},
    }
