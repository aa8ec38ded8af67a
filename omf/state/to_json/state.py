"""The JSON of `omf state`: what the command line, the pages and acceptance checks read.

Rules: unknown is null; a text ending in `_at` is a sender's clock, shown and never compared; a
number ending in `_at`, `since` and `*_seen` are arrivals in Unix s; `age_s` are seconds before
`now`, null where no live message told (a retained copy is of unknown age).

Every key and its meaning is in docs/state.md, which a test compares with what comes out here:
`modules`, `vehicles`, `stock`, `orders`, `order_lists`, `requests`, `quality`, `sensors`, `camera`,
`camera_on`, `links`, `alarms`, `messages`, `layout`, `layout_faults`, `flows`, `config`,
`versions`, `calibrations`, `warehouses`, `station`, `station_alarm`, `plant_age_s`, `now`,
`received_at`, `age_s`.
"""

from typing import Any

from omf.alarms.alarm import Alarm
from omf.alarms.causes import symptoms
from omf.alarms.rules import current_alarms
from omf.state.device_names import device_name
from omf.state.model import Factory
from omf.state.orders import Order
from omf.state.staleness import moment, unheard
from omf.state.to_json import devices, factory
from omf.state.to_json.values import age, plain, said
from omf.state.waiting import Wait, why_waits


def waits(state: Factory, order: Order, now: float) -> dict[str, Any] | None:
    """Return what an order waits for; null while it goes on and once it is over."""
    wait = why_waits(state, order, now)
    return None if wait is None else _worded(wait) | {"age_s": age(wait.since, now)}


def view(state: Factory, now: float) -> dict[str, Any]:
    """Return the state as JSON-able data, with every age reckoned at `now` (Unix s)."""
    now = moment(state, now)
    modules, vehicles = state.modules.items(), state.vehicles.items()
    return {
        "modules": {
            serial: devices.module(one, now)
            | {"stale": unheard(state, one, now)}
            | _called(state, serial)
            | {"taken_out": state.site.taken_out(serial)}
            for serial, one in modules
        },
        "vehicles": {
            serial: devices.vehicle(one, now)
            | {"stale": unheard(state, one, now)}
            | _called(state, serial)
            for serial, one in vehicles
        },
        "stock": factory.stock(state, now),
        "orders": [
            factory.order(one, now) | {"waits": waits(state, one, now)}
            for one in state.orders.values()
        ],
        "order_lists": factory.order_lists(state.book, now),
        "requests": factory.requests(state.requests, now),
        "quality": factory.quality(state.quality, now),
        "sensors": {name: factory.sensor(one, now) for name, one in state.sensors.items()},
        "camera": factory.picture(state.camera, now),
        "camera_on": state.camera_on,
        "links": {name: factory.link(one, now) for name, one in state.links.items()},
        "alarms": _alarms(state, now),
        "messages": factory.messages(state.traffic, now),
        **factory.plant(state.plant, now),
        "now": now,
        "received_at": state.last_received,
        "age_s": age(state.last_received, now),
    }


def _called(state: Factory, serial: str) -> dict[str, Any]:
    return {"name": device_name(state, serial).to_dict()}


def _alarms(state: Factory, now: float) -> list[dict[str, Any]]:
    found = current_alarms(state, now)
    under = symptoms(found)
    return [
        _worded(one)
        | {
            "age_s": age(one.since, now),
            "suppressed": None if one.suppressed is None else said(one.suppressed),
            "explains": len(under.get(one.id, ())),
        }
        for one in found
    ]


def _worded(one: Alarm | Wait) -> dict[str, Any]:
    """Its fields, with what it says and advises as one field per language."""
    words = said(one.text) | said(one.action, "action")
    return {
        name: value for name, value in plain(one).items() if name not in ("text", "action")
    } | words
