"""Stock, orders, sensors, links, messages and the CCU's settings as JSON."""

from typing import Any

from pydantic import BaseModel

from omf.constants import COLOURS
from omf.messages.units import QUANTITIES, Quantity
from omf.state.ccu_reports import Plant
from omf.state.links import CameraPicture, PartLink
from omf.state.model import Factory
from omf.state.orders import Order, OrderBook
from omf.state.quality import Quality
from omf.state.requests import Requests
from omf.state.sensors import Sensor
from omf.state.stock import Bay, Piece
from omf.state.to_json.values import age, plain, said
from omf.state.traffic import Reject, Traffic


def stock(state: Factory, now: float) -> dict[str, Any]:
    """Return bays and counts by the CCU's word; `known` False is never reported, not empty."""
    one = state.stock
    return {
        "known": one.known,
        "bays": {key: _bay(bay, now) for key, bay in one.bays.items()},
        "counts": one.counts() if one.known else dict.fromkeys(COLOURS),
        "by_state": one.by_state(),
        "capacity": {colour: state.store_capacity(colour) for colour in COLOURS},
        "racks": {serial: _rack(state, serial, now) for serial in state.racks},
        "empty_bays": one.empty_bays if one.known else None,
        "conflicts": [
            {
                "bay": conflict.bay,
                "other": conflict.other,
                "ccu": _piece(conflict.ccu),
                "told": _piece(conflict.told),
                "age_s": age(conflict.since, now),
            }
            for conflict in one.conflicts
        ],
        "sources": {
            "ccu": {"known": one.ccu.known, "age_s": age(one.ccu.at, now)},
            "cloud": {"known": one.cloud.known, "age_s": age(one.cloud.at, now)},
            **{
                serial: {"known": s.known, "age_s": age(s.at, now)} for serial, s in one.hbw.items()
            },
        },
        "age_s": age(one.at, now),
    }


def order(one: Order, now: float) -> dict[str, Any]:
    """Return one order; `list` null and `vanished` True: gone without completion."""
    return {
        "id": one.id,
        "type": one.type,
        "colour": one.colour,
        "state": one.state,
        "list": one.list,
        "vanished": one.vanished,
        "workpiece_id": one.workpiece_id,
        "request_id": one.request_id,
        "requested_at": one.requested_at,
        "received_at": one.received_at,
        "started_at": one.started_at,
        "stopped_at": one.stopped_at,
        "steps": [plain(step) | {"age_s": age(step.since, now)} for step in one.steps],
        "states": [plain(sighting) for sighting in one.sightings],
        "first_seen": one.first_seen,
        "last_seen": one.last_seen,
        "age_s": age(one.changed_at, now),
    }


def order_lists(one: OrderBook, now: float) -> dict[str, Any]:
    """Return the ids of the CCU's lists as they are; null before the first list came."""
    return {
        "active": list(one.active) if one.active_known else None,
        "completed": list(one.completed) if one.completed_known else None,
        "active_age_s": age(one.active_at, now),
        "completed_age_s": age(one.completed_at, now),
        "forgotten": one.forgotten,
    }


def requests(one: Requests, now: float) -> dict[str, Any]:
    """Return the last order requests, oldest first; `order_id` null is not answered."""
    return plain(one) | {
        "orders": [plain(request) | {"age_s": age(request.at, now)} for request in one.orders]
    }


def quality(one: Quality, now: float) -> dict[str, Any]:
    """Return the counts by result and the last checks, oldest first."""
    return {
        "by_result": dict(one.by_result),
        "checks": [plain(check) | {"picture": picture(check.picture, now)} for check in one.checks],
    }


def picture(one: CameraPicture | None, now: float) -> dict[str, Any] | None:
    """Return where a picture is found: the buffers have it under `message_id`."""
    if one is None:
        return None
    return plain(one) | {"age_s": None if one.retained else age(one.at, now)}


def sensor(one: Sensor, now: float) -> dict[str, Any]:
    """Return the last reading; `quantity` where known, else the wire's own name; `unit` as told."""
    return {
        "values": {name: _value(one, name) for name in one.values},
        "readings": one.readings,
        "period_s": one.period_s,
        "device_time_at": one.device_time,
        "age_s": age(one.at, now),
    }


def link(one: PartLink, now: float) -> dict[str, Any]:
    """Return one link."""
    return {
        "connection": one.connection,
        "since": one.since,
        "changes": [plain(change) for change in one.changes],
        "ip": one.ip,
        "version": one.version,
        "text": one.text,
        "messages": one.messages,
        "age_s": age(one.at, now),
    }


def messages(one: Traffic, now: float) -> dict[str, Any]:
    """Return the counts; `by_topic` is bounded, what lies beyond is in `overflow`."""
    return {
        "total": one.total,
        "by_topic": {topic: entry.count for topic, entry in one.topics.items()},
        "bytes": one.bytes,
        "overflow": one.overflow,
        "crowded_out": dict(one.crowded_out),
        "unmodelled": one.unmodelled,
        "rejected": {
            "total": one.rejected,
            "by_reason": dict(one.reasons),
            "last": [_reject(reject, now) for reject in one.rejects],
        },
        "partly_read": {
            "total": one.partly,
            "last": [_reject(reject, now) for reject in one.partly_read.values()],
        },
        "retained_commands": dict(one.retained_commands),
        "topics": {
            topic: {
                "count": entry.count,
                "bytes": entry.bytes,
                "retained": entry.retained,
                "age_s": age(entry.at, now),
            }
            for topic, entry in one.topics.items()
        },
    }


def plant(one: Plant, now: float) -> dict[str, Any]:
    """Return layout, flows, settings, versions and calibrations as the CCU sent them."""
    return {
        "layout": _wire(one.floor),
        "layout_faults": [fault.text.to_dict() for fault in one.layout_faults],
        "flows": _wire(one.flows),
        "config": _wire(one.config),
        "versions": _wire(one.versions),
        "calibrations": {serial: _wire(state) for serial, state in one.calibrations.items()},
        "warehouses": list(one.warehouses),
        "station": _wire(one.station),
        "station_alarm": one.station_alarm,
        "plant_age_s": {
            "layout": age(one.layout_at, now),
            "flows": age(one.flows_at, now),
            "config": age(one.config_at, now),
            "versions": age(one.versions_at, now),
        },
    }


def _rack(state: Factory, serial: str, now: float) -> dict[str, Any]:
    """One warehouse: its bays, null where the CCU has not told, and what it takes by itself."""
    store = state.modules.get(serial)
    bays = {name: state.stock.bay(serial, name) for name in state.racks[serial]}
    told = [bay for bay in bays.values() if bay is not None]
    return {
        "bays": {name: bay and _bay(bay, now) for name, bay in bays.items()},
        "counts": {
            colour: sum(bay.colour == colour for bay in told) if told else None
            for colour in COLOURS
        },
        "empty_bays": sum(bay.empty for bay in told) if told else None,
        "capacity": {colour: store.capacity.get(colour) if store else None for colour in COLOURS},
    }


def _bay(one: Bay, now: float) -> dict[str, Any]:
    return {
        "colour": one.colour,
        "workpiece_id": one.workpiece_id,
        "state": one.state,
        "hbw": one.hbw,
        "age_s": age(one.since, now),
    }


def _piece(piece: Piece) -> dict[str, Any]:
    return {"colour": piece[0], "workpiece_id": piece[1]}


def _value(one: Sensor, name: str) -> dict[str, Any]:
    quantity = QUANTITIES.get(name, Quantity(name, None))
    unit = one.units.get(name, quantity.unit)
    return {"value": one.values[name], "quantity": quantity.name, "unit": unit}


def _wire(payload: BaseModel | None) -> dict[str, Any] | None:
    if payload is None:
        return None
    data: dict[str, Any] = payload.model_dump(mode="json", by_alias=True, exclude_none=True)
    return data


def _reject(one: Reject, now: float) -> dict[str, Any]:
    told = said(one.detail, "detail")
    return plain(one) | {"detail": told.pop("detail_en"), **told, "age_s": age(one.at, now)}
