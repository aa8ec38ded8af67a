"""What a message says in words a person reads: `DPS: lets a new piece in, running`. Pure.

By the device it names, from the parsed payload; the words of the factory's codes come from
`terms`. A message without a model, or one that cannot be read, says what the catalogue knows of its
topic, or nothing: no meaning is guessed.
"""

from collections.abc import Callable, Iterable
from functools import singledispatch

from omf import terms
from omf.messages import Deleted, Reading, Rejected, ccu, parse
from omf.messages.base import Record
from omf.messages.commands import SetReset
from omf.messages.encodings import REMARKS
from omf.messages.extensions import ArduinoState
from omf.messages.fts import VehicleOrder, VehicleState
from omf.messages.module import (
    BridgeStatus,
    Connection,
    InstantActions,
    ModuleOrder,
    ModuleState,
)
from omf.messages.orders import OrderCancel, OrderList, OrderRecord, OrderRequest
from omf.messages.parts import ActionState, DeviceError
from omf.messages.reading import REASONS
from omf.messages.sensors import Bme680, Ldr, NfcRequest, QualityCheck
from omf.terms import Term, term
from omf.units import QUANTITIES, told_units

NOTHING = Term("", "")
MOST = 3
"""Parts of one message told one by one; how many more there are is told as a figure."""

Name = Callable[[str], tuple[str, str | None]]
"""Of a serial: what people call the device, and the type of module it is, None if unknown."""


class Context:
    """What the payload alone does not say: who is who, and the device of the topic."""

    def __init__(self, name: Name, serial: str | None) -> None:
        self._name = name
        self.device, self.kind = name(serial) if serial else ("", None)

    def place(self, serial: str | None) -> str:
        """What people call a node."""
        return self._name(serial)[0] if serial else "?"


def meaning(topic: str, payload: bytes, name: Name) -> Term:
    """What one message says, in German and English; empty where nobody knows."""
    found = parse(topic, payload)
    if isinstance(found, Rejected):
        why = REASONS[found.reason]
        return Term(f"unlesbar: {why['de']}", f"unreadable: {why['en']}")
    if found.entry is None:
        return NOTHING if payload else Term("gelöscht", "deleted")
    known = Term(found.entry.de, found.entry.en)
    if not isinstance(found, Reading | Deleted):
        return known
    context = Context(name, found.levels.get("serial"))
    if isinstance(found, Deleted):
        said = Term(f"{known.de}: gelöscht", f"{known.en}: deleted")
    else:
        told = says(found.payload, context)
        said = _noted(told if told and told.en else known, found)
    return _led(context.device, said)


def _noted(said: Term, found: Reading) -> Term:
    """The words of a message, and which of its fields nobody could read."""
    if not found.notes:
        return said
    fields = ", ".join(one.where for one in found.misfits[:MOST])
    more = f" +{len(found.misfits) - MOST}" if len(found.misfits) > MOST else ""
    german = [f"teilweise gelesen, ohne {fields}{more}"] if fields else []
    english = [f"partly read, without {fields}{more}"] if fields else []
    german += [REMARKS[one]["de"] for one in found.remarks]
    english += [REMARKS[one]["en"] for one in found.remarks]
    return Term("; ".join([said.de, *german]), "; ".join([said.en, *english]))


def _led(name: str, words: Term) -> Term:
    return Term(*(f"{name}: {one}" if name else one for one in words))


def _joined(parts: Iterable[Term]) -> Term:
    told = [part for part in parts if part.en]
    more = f" +{len(told) - MOST}" if len(told) > MOST else ""
    de, en = (", ".join(one[language] for one in told[:MOST]) + more for language in (0, 1))
    return Term(de, en)


@singledispatch
def says(_payload: object, _context: Context) -> Term | None:
    """What a payload says; None for one that only its topic describes."""
    return None


@says.register
def _connection(payload: Connection, _: Context) -> Term:
    return term("connection", payload.connection_state)


@says.register
def _bridge(payload: BridgeStatus, _: Context) -> Term:
    return term("connection", payload.connection_state)


def _errors(errors: Iterable[DeviceError]) -> list[Term]:
    return [terms.fault(error.error_type or error.error_level) for error in errors]


def _plain(words: Term, code: str | None) -> Term:
    """A code that nobody has words for in plain letters, never as it came."""
    return terms.fault(code) if code and words.en == code else words


def _todo(command: str | None, kind: str | None) -> Term:
    return _plain(terms.spoken(command, kind, "todo"), command)


def _act(action: ActionState, kind: str | None) -> list[Term]:
    if action.command is None:
        return [term("action", action.phase)]
    judged = terms.judged(action.command, action.result, kind)
    if judged is not None and not action.running:
        return [judged]
    word = _plain(terms.act(action.command, action.phase, kind), action.command)
    return [word, term("action", action.phase)] if action.running else [word]


@says.register
def _module_state(payload: ModuleState, context: Context) -> Term:
    action = payload.action_state or next(iter(payload.action_states), None)
    acts = _act(action, context.kind) if action else []
    if payload.paused:
        acts.append(Term("angehalten", "paused"))
    return _joined([*_errors(payload.errors), *acts]) if acts or payload.errors else _IDLE


_IDLE = Term("ohne Aktion", "no action")


@says.register
def _module_order(payload: ModuleOrder, context: Context) -> Term:
    action = payload.action
    about = action.metadata if action else None
    colour = [term("colour", about.type)] if about and about.type else []
    return _joined([_todo(action.command if action else None, context.kind), *colour])


@says.register
def _instant(payload: InstantActions, context: Context) -> Term:
    kinds = dict.fromkeys(action.action_type for action in payload.actions or ())
    return _joined(_todo(kind, context.kind) for kind in kinds)


@says.register
def _vehicle_state(payload: VehicleState, context: Context) -> Term:
    where = context.place(payload.node)
    if payload.driving:
        stands = Term(f"fährt, zuletzt {where}", f"drives, last at {where}")
    elif payload.node is None:
        stands = Term("Position unbekannt", "position unknown")
    else:
        stands = Term(f"steht an {where}", f"stands at {where}")
    action = payload.action_state
    acts = _act(action, context.kind) if action and action.running else []
    charging = payload.battery_state and payload.battery_state.charging
    lades = [Term("lädt", "charges")] if charging else []
    return _joined([*_errors(payload.errors), stands, *lades, *acts])


@says.register
def _vehicle_order(payload: VehicleOrder, context: Context) -> Term:
    nodes = payload.nodes or ()
    if len(nodes) > 1:
        way = f"{context.place(nodes[0].id)} → {context.place(nodes[-1].id)}"
        return Term(f"soll fahren: {way}", f"is to drive: {way}")
    action = next((node.action for node in nodes if node.action), None)
    return _todo(action.type if action else None, context.kind)


def _order(kind: str | None, colour: str | None) -> Term:
    return Term(
        *(f"{a} {b}" for a, b in zip(term("order.type", kind), term("colour", colour), strict=True))
    )


@says.register
def _request(payload: OrderRequest, _: Context) -> Term:
    return _order(payload.order_type, payload.type)


@says.register
def _record(payload: OrderRecord, _: Context) -> Term:
    return _joined([_order(payload.order_type, payload.type), term("order.state", payload.state)])


@says.register
def _orders(payload: OrderList, context: Context) -> Term:
    if not payload.orders:
        return Term("keine Aufträge", "no orders")
    told = [_record(one, context) for one in payload.orders]
    count = len(told)
    several = _joined(told)
    return _led_count(count, several) if count > 1 else several


def _led_count(count: int, words: Term) -> Term:
    return Term(f"{count} Aufträge: {words.de}", f"{count} orders: {words.en}")


@says.register
def _cancel(payload: OrderCancel, _: Context) -> Term:
    count = len(payload.order_ids)
    return Term(f"{count} Aufträge stornieren", f"cancel {count} orders")


@says.register
def _pairing(payload: ccu.PairingState, context: Context) -> Term:
    devices: list[ccu.PairedModule | ccu.PairedVehicle]
    devices = [*payload.modules, *payload.transports]
    missing = [context.place(one.serial_number) for one in devices if not one.connected]
    blocked = [context.place(one.serial_number) for one in devices if one.available == "BLOCKED"]
    told = [Term(f"{len(devices)} Geräte", f"{len(devices)} devices")]
    if missing:
        told.append(Term(f"nicht verbunden: {_few(missing)}", f"not connected: {_few(missing)}"))
    if blocked:
        told.append(Term(f"blockiert: {_few(blocked)}", f"blocked: {_few(blocked)}"))
    return _joined(told)


def _few(names: list[str]) -> str:
    more = f" +{len(names) - MOST}" if len(names) > MOST else ""
    return " ".join(names[:MOST]) + more


@says.register
def _stock(payload: ccu.Stock, _: Context) -> Term | None:
    if payload.stock_items is None:
        return None
    colours = [
        item.workpiece.type
        for item in payload.stock_items
        if item.workpiece and item.workpiece.type
    ]
    if not colours:
        return Term("Lager leer", "store empty")
    counts = {colour: colours.count(colour) for colour in sorted(set(colours))}
    return _joined(
        Term(*(f"{count} {word}" for word in term("colour", colour)))
        for colour, count in counts.items()
    )


@says.register
def _reset(payload: SetReset, _: Context) -> Term:
    if payload.with_storage:
        return Term("Fabrik zurücksetzen, mit Lager", "reset the factory, with its store")
    return Term("Fabrik zurücksetzen", "reset the factory")


@says.register
def _climate(payload: Bme680, _: Context) -> Term:
    return _measured(payload, "t", "h", "p")


@says.register
def _brightness(payload: Ldr, _: Context) -> Term:
    return _measured(payload, "br")


def _measured(payload: Record, *fields: str) -> Term:
    """The figures of a reading, each with the unit it was told in."""
    given = payload.on_the_wire
    units = told_units(given, fields)
    lost = told_units(dict.fromkeys(payload.unread, "?"), fields)
    told = [
        (f"{value:g}", units.get(name) or ("?" if name in lost else QUANTITIES[name].unit))
        for name in fields
        if isinstance(value := given[name], int | float)
    ]
    de = ", ".join(f"{figure.replace('.', ',')} {unit}" for figure, unit in told)
    return Term(de, ", ".join(f"{figure} {unit}" for figure, unit in told))


@says.register
def _quality(payload: QualityCheck, _: Context) -> Term:
    return term("result", payload.result)


@says.register
def _tag(payload: NfcRequest, _: Context) -> Term | None:
    return _TAG.get(payload.cmd or "")


_TAG = {
    "read": Term("Tag lesen", "read the tag"),
    "delete": Term("Tag löschen", "delete the tag"),
}


@says.register
def _arduino(payload: ArduinoState, _: Context) -> Term | None:
    seen = [term("sensed", name) for name, one in _SENSED.items() if getattr(payload, one)]
    if seen:
        return _joined(seen)
    figures = _measured(payload, "temperature")
    return figures if figures.en else None


_SENSED = {"flameDetected": "flame_detected", "gasDetected": "gas_detected"}
