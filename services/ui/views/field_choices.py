"""What a field of a command can be chosen from: the things of this factory by name, not by id."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from omf import terms
from omf.commands.facts.factory import DELIVERY
from omf.commands.facts.module import PROCESS_COMMANDS
from omf.constants import VEHICLE_BAYS
from omf.state import FactoryState
from omf.state.device_names import device_name, short, station_name
from omf.state.modules import WAREHOUSE
from omf.state.values import CarriedLoad
from services.ui.live.model import ViewModel
from services.ui.translator import Translator
from services.ui.views import device_status


class FieldChoices(NamedTuple):
    """Value and label of each, in the order they are offered."""

    options: dict[str, str]
    several: bool = False
    """More than one may be chosen, in an order that counts."""
    typed: bool = False
    """What is not among them may be typed."""


Find = Callable[[str, ViewModel, Translator], Mapping[str, str]]
_RESETTABLE = ("HBW", "DPS", "AIQS")
_MODULES = {
    "storage-": (WAREHOUSE,),
    "set-storage": (WAREHOUSE,),
    "delivery-": (DELIVERY,),
    "status-led": (DELIVERY,),
    "module-sequence": tuple(PROCESS_COMMANDS),
    "module-step": tuple(PROCESS_COMMANDS),
    "module-duration": tuple(PROCESS_COMMANDS),
    "module-reset": _RESETTABLE,
    "calibration": _RESETTABLE,
}
"""Types of module a kind speaks to, by what its name begins with; all, where none fits."""
_VEHICLES = ("fts-", "charge", "stop-charging", "clear-load-handler")


def choices(kind: str, field: str, model: ViewModel, say: Translator) -> FieldChoices | None:
    """What can be chosen for this field as the factory stands; None where it is free."""
    find = _FINDERS.get(field)
    if find is None:
        return None
    options = dict(find(kind, model, say))
    return FieldChoices(options, field in _SEVERAL, field in _TYPED)


def word(kind: str, field: str, value: str, say: Translator) -> str:
    """One of the fixed values of a field in words."""
    if field == "command":
        act = terms.spoken(value, None, "does")
        return say.either(act) if kind == "module-step" else say.known("offer", value)
    if field == "module":
        return f"{value} · {say.known('module', value)}"
    known = _WORDS.get(field)
    return known(value, say) if known else str(value)


def _serials(kind: str, model: ViewModel, say: Translator) -> dict[str, str]:
    return _vehicles(model, say) if kind.startswith(_VEHICLES) else _modules(kind, model, say)


def _alarms(_kind: str, model: ViewModel, say: Translator) -> dict[str, str]:
    lives = model.factory.lives or {}
    return {name: say.either(life.text) for name, life in sorted(lives.items())}


def _vehicles(model: ViewModel, say: Translator) -> dict[str, str]:
    factory = model.factory
    return {one: say.either(device_name(factory, one)) for one in sorted(factory.vehicles)}


def _bays(_kind: str, model: ViewModel, _say: Translator) -> dict[str, str]:
    """Every bay the vehicles have; which of them has it is asked once one is chosen."""
    names = [name for one in model.factory.vehicles.values() for name in one.bay_names]
    return {name: name for name in names or VEHICLE_BAYS}


def _modules(kind: str, model: ViewModel, say: Translator) -> dict[str, str]:
    factory = model.factory
    wanted = next((types for start, types in _MODULES.items() if kind.startswith(start)), None)
    return {
        one.serial: _named(factory, one.serial, one.type, say)
        for one in device_status.modules(model)
        if wanted is None or one.type in wanted
    }


def _named(factory: FactoryState, serial: str, kind: str | None, say: Translator) -> str:
    name = say.either(device_name(factory, serial))
    return f"{name} · {say.known('module', kind)}" if kind else name


def _places(_kind: str, model: ViewModel, say: Translator) -> dict[str, str]:
    """Where a vehicle can be sent to."""
    layout = model.factory.layout
    places = layout.modules if layout else {}
    return {serial: _named(model.factory, serial, kind, say) for serial, kind in places.items()}


def _pieces(_kind: str, model: ViewModel, say: Translator) -> dict[str, str]:
    """Every piece whose tag is known, with its colour and where it lies."""
    found: dict[str, str] = {}
    for tag, colour, where in _tags(model.factory, say):
        found.setdefault(tag, f"{say.known('colour', colour)} · {where} · {tag}")
    return found


def _tags(factory: FactoryState, say: Translator) -> Iterator[tuple[str, str | None, str]]:
    for name, bay in factory.stock.bays.items():
        if bay.workpiece_id:
            house = say.either(station_name(factory, WAREHOUSE, bay.hbw))
            yield bay.workpiece_id, bay.colour, f"{house} {name}"
    for module in factory.modules.values():
        yield from _loaded(module.loads, say.either(device_name(factory, module.serial)))
    for vehicle in factory.vehicles.values():
        loads = [load for load in vehicle.bays.values() if load]
        yield from _loaded(loads, say.either(device_name(factory, vehicle.serial)))


def _loaded(loads: list[CarriedLoad], where: str) -> Iterator[tuple[str, str | None, str]]:
    for load in loads:
        if load.workpiece_id:
            yield load.workpiece_id, load.colour, where


def _queued(_kind: str, model: ViewModel, say: Translator) -> dict[str, str]:
    orders = [order for order in model.factory.orders.values() if order.state == "ENQUEUED"]
    return {
        order.id: f"{say.known('order.type', order.type)} {say.known('colour', order.colour)}"
        f" · {short(order.id)}"
        for order in orders
    }


def _sequences(kind: str, model: ViewModel, say: Translator) -> dict[str, str]:
    """Sequences under way, or for a single step the orders begun on the modules."""
    factory = model.factory
    if kind != "module-step":
        return {
            one.order_id: f"{say.either(device_name(factory, one.device))} · {say.either(one)}"
            for one in model.brackets
        }
    begun = [m for m in factory.modules.values() if m.ordered and m.type in PROCESS_COMMANDS]
    return {
        one.ordered.order_id: " · ".join(
            (say.either(device_name(factory, one.serial)), short(one.ordered.order_id))
        )
        for one in begun
        if one.ordered
    }


def _works(_kind: str, _model: ViewModel, say: Translator) -> dict[str, str]:
    return {kind: f"{kind} · {say.known('module', kind)}" for kind in PROCESS_COMMANDS}


_FINDERS: dict[str, Find] = {
    "serial": _serials,
    "load_position": _bays,
    "node": _places,
    "target": _places,
    "stops": _places,
    "workpiece_id": _pieces,
    "load_id": _pieces,
    "order_ids": _queued,
    "order_id": _sequences,
    "red": _works,
    "white": _works,
    "blue": _works,
    "alarm": _alarms,
}
_WORDS: dict[str, Callable[[str, Translator], str]] = {
    "colour": lambda value, say: say.known("colour", value),
    "load_type": lambda value, say: say.known("colour", value),
    "mode": lambda value, say: say.known("steering.sequence", value),
    "light": lambda value, say: say.known("light", value),
    "move": lambda value, say: say.known("camera.move", value),
    "duration": lambda value, say: say.known("shelf", value),
    "icon": lambda value, say: say.known("site.icon", value) if value else say("site.nothing"),
}
"""Fields of fixed values that have words."""
_SEVERAL = frozenset({"stops", "order_ids", "red", "white", "blue"})
_TYPED = frozenset({"alarm", "serial", "workpiece_id", "load_id", "order_id", "order_ids", "node"})
