"""What a state says, as single facts that can be compared with those of another moment."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple, TypeAlias, get_args

from omf import terms
from omf.constants import COLOURS
from omf.state.device_names import device_name, order_name
from omf.state.factory_state import FactoryState
from omf.state.links import BRIDGE, CCU
from omf.state.modules import Module
from omf.state.values import CarriedLoad
from omf.state.vehicles import Vehicle
from omf.texts import Text, figure, joined, text, verbatim
from omf.workpieces.record import status

ChangeGroup: TypeAlias = Literal["state", "configuration", "versions", "shapes"]
CHANGE_GROUPS: tuple[ChangeGroup, ...] = get_args(ChangeGroup)
_UNKNOWN, _NONE = text("unknown"), text("change.none")


class FactKey(NamedTuple):
    """Which fact it is: the same at every moment."""

    group: ChangeGroup
    subject: str
    """Serial, order id, bay, colour, or the part of the settings; where it leads on a page."""
    what: str


class MomentFact(NamedTuple):
    """What is so."""

    subject: Text
    """What it is about, as people call it."""
    what: Text
    value: Text
    absent: Text
    """What is said of a moment that has no such fact: unknown, or that there is none."""


MomentFacts: TypeAlias = Mapping[FactKey, MomentFact]
_Fact: TypeAlias = tuple[FactKey, MomentFact]


def moment_facts(state: FactoryState, now: float) -> MomentFacts:
    """All facts of a state at `now`; what is unknown is none of them."""
    found: dict[FactKey, MomentFact] = {}
    for part in (_modules, _vehicles, _links, _orders, _stock, _pieces, _settings, _floor):
        found.update(part(state))
    found.update(_alarms(state, now))
    return found


def _fact(
    group: ChangeGroup,
    about: tuple[str, Text],
    what: str,
    value: Text | str | None,
    absent: Text = _UNKNOWN,
) -> Iterator[_Fact]:
    """The fact, if its value is known. `what` is a key under `change.`."""
    if value is None:
        return
    told = value if isinstance(value, Text) else verbatim(value)
    subject, name = about
    yield FactKey(group, subject, what), MomentFact(name, text(f"change.{what}"), told, absent)


def _device(state: FactoryState, device: Module | Vehicle) -> Iterator[_Fact]:
    about = device.serial, device_name(state, device.serial)
    yield from _fact("state", about, "connection", _term("connection", device.connection))
    yield from _fact("state", about, "available", _term("available", device.available))
    yield from _fact("state", about, "paused", _yes_no(device.paused))
    yield from _fact("state", about, "mode", device.operating_mode)
    errors = [terms.fault(one.type) for one in device.errors]
    if device.state_known:
        yield from _fact("state", about, "errors", _listed(errors))
    yield from _fact("configuration", about, "listed", _yes_no(device.listed))
    yield from _fact("configuration", about, "ip", device.ip)
    yield from _fact("versions", about, "version", device.version)
    yield from _fact("versions", about, "series", device.series)


def _modules(state: FactoryState) -> Iterator[_Fact]:
    for module in state.modules.values():
        about = module.serial, device_name(state, module.serial)
        yield from _device(state, module)
        if module.loads_known and not module.bays:
            yield from _fact("state", about, "load", _listed(map(_load, module.loads)))
        yield from _fact("state", about, "calibrating", _yes_no(module.calibrating))
        yield from _fact("configuration", about, "duration", _number(module.production_duration))
        if module.commands:
            commands = _listed(map(verbatim, sorted(module.commands)))
            yield from _fact("versions", about, "commands", commands)
        if module.nodered is not None:
            txt = f"{module.serial}/txt"
            behind = module.serial, device_name(state, txt)
            yield from _fact("versions", behind, "txt_version", module.nodered.version)
        yield from _calibration(state, module.serial, about)


def _calibration(state: FactoryState, serial: str, about: tuple[str, Text]) -> Iterator[_Fact]:
    known = state.plant.calibrations.get(serial)
    for one in known.references if known else ():
        name, value = str(one.reference_key), str(one.reference_value)
        key = FactKey("configuration", serial, f"calibration {name}")
        what = joined(" ", [text("change.calibration"), verbatim(name)])
        yield key, MomentFact(about[1], what, verbatim(value), _UNKNOWN)


def _vehicles(state: FactoryState) -> Iterator[_Fact]:
    for vehicle in state.vehicles.values():
        about = vehicle.serial, device_name(state, vehicle.serial)
        yield from _device(state, vehicle)
        node = vehicle.last_node if vehicle.position_known else None
        place = device_name(state, node) if node else None
        yield from _fact("state", about, "position", place)
        yield from _fact("state", about, "charging", _yes_no(vehicle.charging))
        yield from _fact("state", about, "battery", _percent(vehicle.battery_percentage))
        if vehicle.bays or vehicle.unplaced:
            loads = [load for load in (*vehicle.bays.values(), *vehicle.unplaced) if load]
            yield from _fact("state", about, "load", _listed(map(_load, loads)))


def _links(state: FactoryState) -> Iterator[_Fact]:
    for name, link in state.links.items():
        about = name, _link_name(name)
        yield from _fact("state", about, "connection", _term("connection", link.connection))
        yield from _fact("versions", about, "version", link.version)
        yield from _fact("configuration", about, "ip", link.ip)
    versions = state.plant.versions
    if versions is not None:
        about = CCU, verbatim("CCU")
        yield from _fact("versions", about, "ccu_version", versions.ccu_version)
        odd = len(versions.mismatched_modules)
        yield from _fact("versions", about, "mismatched", str(odd))
    station = state.plant.station
    if station is not None:
        about = "station", text("change.station")
        for name, value in _leaves(station.model_dump(by_alias=True), ""):
            group: ChangeGroup = "versions" if "version" in name.lower() else "configuration"
            if not _tells_time(name):
                key = FactKey(group, "station", name)
                yield key, MomentFact(about[1], verbatim(name), verbatim(value), _UNKNOWN)


def _orders(state: FactoryState) -> Iterator[_Fact]:
    for order in state.orders.values():
        about = order.id, order_name(order)
        told = text("change.vanished") if order.vanished else _term("order.state", order.state)
        yield from _fact("state", about, "order_state", told, text("change.no_order"))


def _stock(state: FactoryState) -> Iterator[_Fact]:
    for key, bay in state.stock.bays.items():
        house = [device_name(state, bay.hbw)] if bay.hbw else []
        name = text("change.bay", bay=joined(" ", [*house, verbatim(bay.location)]))
        piece = _piece(bay.colour, bay.workpiece_id)
        held = [piece, *([_term("stock.state", bay.state)] if bay.state else [])]
        yield from _fact("state", (f"bay {key}", name), "lies", joined(", ", filter(None, held)))


def _pieces(state: FactoryState) -> Iterator[_Fact]:
    pieces = state.workpieces
    for life in (*pieces.ended, *pieces.open.values()):
        name = text("change.workpiece", piece=_piece(life.colour, life.tag))
        told = text(f"workpiece.status.{status(life)}")
        yield from _fact("state", (life.name, name), "piece_status", told, text("change.no_piece"))


def _alarms(state: FactoryState, now: float) -> Iterator[_Fact]:
    for alarm in state.found_alarms(now):
        about = alarm.id, alarm.text
        yield from _fact("state", about, "alarm", text("change.stands"), text("change.stands_not"))


def _settings(state: FactoryState) -> Iterator[_Fact]:
    config, flows = state.config, state.flows
    if config is not None:
        name = text("change.settings")
        for path, value in _leaves(config.model_dump(by_alias=True), ""):
            key = FactKey("configuration", "settings", path)
            yield key, MomentFact(name, _setting(path), verbatim(value), _UNKNOWN)
    for colour in COLOURS if flows is not None else ():
        steps = flows.of(colour) if flows else None
        about = f"flow {colour}", text("change.flow", colour=terms.term("colour", colour))
        told = verbatim(" → ".join(steps)) if steps else _NONE
        yield from _fact("configuration", about, "steps", told if steps is not None else None)


_SETTINGS = {
    "productionDurations.RED": "field.planned_duration_red_s",
    "productionDurations.WHITE": "field.planned_duration_white_s",
    "productionDurations.BLUE": "field.planned_duration_blue_s",
    "productionSettings.maxParallelOrders": "field.orders_in_parallel",
    "ftsSettings.chargeThresholdPercent": "field.charge_at",
}


def _setting(path: str) -> Text:
    return text(_SETTINGS[path]) if path in _SETTINGS else verbatim(path)


def _floor(state: FactoryState) -> Iterator[_Fact]:
    layout = state.layout
    if layout is None:
        return
    for serial, kind in layout.modules.items():
        about = serial, device_name(state, serial)
        yield from _fact("configuration", about, "in_layout", kind, text("change.not_in_layout"))
    for one in layout.intersections:
        about = f"crossing {one}", text("change.crossing", name=one)
        told = text("change.there")
        yield from _fact("configuration", about, "crossing_there", told, _NONE)
    for road in layout.roads:
        ends = [device_name(state, end) for end in (road.start, road.end)]
        about = f"road {road.id}", text("change.road", start=ends[0], end=ends[1])
        said = joined(", ", [_measure(road.length, 0, "mm"), verbatim(road.direction.lower())])
        yield from _fact("configuration", about, "road_there", said, _NONE)


def _leaves(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple):
        for place, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{place}]")
    elif value is not None:
        yield path, str(value)


def _tells_time(path: str) -> bool:
    return path.lower().endswith(("timestamp", "ts", "time", "headerid"))


def _term(group: str, code: str | None) -> Text | None:
    return None if code is None else terms.term(group, code)


def _yes_no(value: bool | None) -> Text | None:  # noqa: FBT001 - a value, not a switch
    return None if value is None else text("yes" if value else "no")


def _number(value: float | None) -> Text | None:
    return None if value is None else _measure(value, 1, "s")


def _percent(value: float | None) -> Text | None:
    return None if value is None else _measure(value, 0, "%")


def _measure(value: float, digits: int, unit: str) -> Text:
    return joined(" ", [figure(value, digits), verbatim(unit)])


def _listed(parts: Iterable[Text]) -> Text:
    found = list(parts)
    return joined(", ", found) if found else _NONE


def _load(load: CarriedLoad) -> Text:
    return _piece(load.colour, load.workpiece_id)


def _piece(colour: str | None, tag: str | None) -> Text:
    if not colour and not tag:
        return text("alarm_part.empty")
    return joined(
        " ", [terms.term("colour", colour or "UNKNOWN"), *([verbatim(tag)] if tag else [])]
    )


def _link_name(name: str) -> Text:
    return verbatim({CCU: "CCU", BRIDGE: "Node-RED"}.get(name, name))
