"""Is a condition of a sequence met, as the factory stands now? Yes, no, or not known."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple

from omf.sequences.written import Condition, WantedCommand
from omf.state import FactoryState
from omf.state.device_names import device_name, place_name
from omf.state.modules import Module
from omf.state.orders import Order
from omf.terms import term
from omf.texts import Text, figure, joined, text, verbatim

ANY = "any"


class Judged(NamedTuple):
    """Whether something is so, None while it is not known; and in words what is asked and found."""

    met: bool | None
    said: Text


Possible = Callable[[WantedCommand], Judged]
"""Does nothing stand against this command now?"""


def judge(condition: Condition, state: FactoryState, possible: Possible) -> Judged:
    """Judge a condition on the state; what the factory has not told is not known."""
    if condition.possible is not None:
        return possible(condition.possible)
    rule = _RULES.get(condition.subject)
    if rule is not None:
        return rule(condition, state)
    parts = condition.all_of or condition.any_of or condition.none_of
    each = [judge(part, state, possible) for part in parts]
    said = joined("; ", [one.said for one in each])
    name = condition.subject
    return Judged(_COMBINED[name]([one.met for one in each]), text(f"sequence.{name}", parts=said))


def _all_of(found: Sequence[bool | None]) -> bool | None:
    if False in found:
        return False
    return None if None in found else True


def _any_of(found: Sequence[bool | None]) -> bool | None:
    if True in found:
        return True
    return None if None in found else False


def _none_of(found: Sequence[bool | None]) -> bool | None:
    one_is = _any_of(found)
    return None if one_is is None else not one_is


_COMBINED: dict[str, Callable[[Sequence[bool | None]], bool | None]] = {
    "all_of": _all_of,
    "any_of": _any_of,
    "none_of": _none_of,
}


def _orders(condition: Condition, state: FactoryState) -> Judged:
    which = condition.orders or "open"
    found = sum(map(_ORDERS[which], state.orders.values())) if state.book.active_known else None
    return _counted(condition, found, text(f"sequence.orders.{which}"))


_ORDERS: dict[str, Callable[[Order], bool]] = {
    "open": lambda order: order.open,
    "running": lambda order: order.open and order.state == "IN_PROGRESS",
    "waiting": lambda order: order.open and order.state == "ENQUEUED",
}
"""By the CCU's word, as the page of orders counts them."""


def _stock(condition: Condition, state: FactoryState) -> Judged:
    colour = condition.stock or ANY
    free = (
        sum(bay.state == "RAW" and not bay.empty for bay in state.stock.bays.values())
        if colour == ANY
        else state.stock.free(colour)
    )
    what = text("sequence.stock.any") if colour == ANY else term("colour", colour)
    subject = text("sequence.stock", what=what)
    return _counted(condition, free if state.stock.known else None, subject)


def _counted(condition: Condition, found: int | None, subject: Text) -> Judged:
    least, most = condition.at_least, condition.at_most
    if least is not None and most is not None:
        bound = text("sequence.between", least=least, most=most)
    elif least is not None:
        bound = text("sequence.at_least", least=least)
    else:
        bound = text("sequence.at_most", most=most)
    now = text("sequence.not_known") if found is None else verbatim(str(found))
    said = text("sequence.counted", subject=subject, wanted=bound, found=now)
    if found is None:
        return Judged(None, said)
    return Judged((least is None or found >= least) and (most is None or found <= most), said)


def _module(condition: Condition, state: FactoryState) -> Judged:
    asked = condition.module or ""
    wanted = condition.state or "ready"
    said = partial(text, "sequence.module", wanted=text(f"sequence.state.{wanted}"))
    found = _module_of(asked, state)
    if found is None:
        return Judged(None, said(module=asked, found=text("sequence.not_known")))
    now = _module_word(found)
    words = text(f"sequence.state.{now}") if now else text("sequence.not_known")
    met = None if now is None else now == wanted
    return Judged(met, said(module=device_name(state, found.serial), found=words))


def _module_of(asked: str, state: FactoryState) -> Module | None:
    """By serial, else the only one of that type."""
    if asked in state.modules:
        return state.modules[asked]
    typed = [one for one in state.modules.values() if one.type == asked]
    return typed[0] if len(typed) == 1 else None


def _module_word(module: Module) -> str | None:
    if module.connection is not None and module.connection != "ONLINE":
        return "offline"
    words = {"READY": "ready", "BUSY": "busy", "BLOCKED": "blocked"}
    return words.get(module.available or "")


def _vehicle(condition: Condition, state: FactoryState) -> Judged:
    asked = condition.vehicle or ANY
    if asked == ANY:
        serials: Iterable[str] = state.vehicles
    else:
        serials = [asked] if asked in state.vehicles else []
    each = [_one_vehicle(condition, serial, state) for serial in serials]
    if not each:
        what = text("sequence.vehicle.any") if asked == ANY else verbatim(asked)
        return Judged(None, text("sequence.vehicle.unknown", vehicle=what))
    return Judged(_any_of([one.met for one in each]), joined("; ", [one.said for one in each]))


def _one_vehicle(condition: Condition, serial: str, state: FactoryState) -> Judged:
    vehicle, unknown = state.vehicles[serial], text("sequence.not_known")
    name = device_name(state, serial)
    if condition.at is not None:
        wanted = _module_of(condition.at, state)
        node = wanted.serial if wanted else condition.at
        here = vehicle.last_node if vehicle.position_known else None
        words = (place_name(state, here) or unknown) if here else unknown
        place = place_name(state, node) or node
        said = text("sequence.vehicle.at", vehicle=name, wanted=place, found=words)
        standing = not vehicle.driving
        return Judged(None if here is None else here == node and standing, said)
    charge, least = vehicle.battery_percentage, condition.battery_at_least or 0.0
    words = unknown if charge is None else figure(charge)
    said = text("sequence.vehicle.battery", vehicle=name, least=figure(least), found=words)
    return Judged(None if charge is None else charge >= least, said)


_RULES: dict[str, Callable[[Condition, FactoryState], Judged]] = {
    "orders": _orders,
    "stock": _stock,
    "module": _module,
    "vehicle": _vehicle,
}
