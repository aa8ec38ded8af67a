"""Orders and stock as people ask about them: what runs, how far, what can still be ordered."""

from collections import Counter
from typing import Literal

from omf import terms
from omf.state.deadlock import deadlocked
from omf.state.device_names import order_name, place_name, station_name, way_name
from omf.state.orders import Order, OrderStep
from omf.state.waiting import Wait, why_waits
from services.ui import formats
from services.ui.live.model import ViewModel
from services.ui.translator import Translator

Phase = Literal[
    "queued", "runs", "waits", "stuck", "finished", "cancelled", "failed", "lost", "other"
]
"""How an order stands: `queued` has not begun, `waits` ends by itself, `stuck` needs somebody."""
_WORDS: dict[Phase, str] = {
    "queued": "ENQUEUED",
    "runs": "IN_PROGRESS",
    "finished": "FINISHED",
    "cancelled": "CANCELLED",
    "failed": "ERROR",
}
"""Phases that have the words of a state of the CCU; the others have their own."""
_OF_STATE: dict[str | None, Phase] = {
    "FINISHED": "finished",
    "CANCELLED": "cancelled",
    "ERROR": "failed",
}


def wait_of(order: Order, model: ViewModel) -> Wait | None:
    """What the order waits for, worked out once per picture; None while it goes on."""
    state, now = model.factory, model.factory_now
    waiting_for_each_other = model.shared("deadlock", lambda: deadlocked(state, now))
    if order.id in waiting_for_each_other:
        return waiting_for_each_other[order.id]
    return model.shared(("wait", order.id), lambda: why_waits(state, order, now))


def begun(order: Order) -> bool:
    """True once a step of it was sent; the CCU calls an order running before that (D.3)."""
    if not order.steps:
        return order.state != "ENQUEUED"
    return any(step.state != "ENQUEUED" for step in order.steps)


def phase(order: Order, model: ViewModel) -> Phase:
    """How the order stands."""
    if order.vanished:
        return "lost"
    if order.state not in {"ENQUEUED", "IN_PROGRESS"}:
        return _OF_STATE.get(order.state, "other")
    wait = wait_of(order, model)
    if wait is not None and not wait.ordinary:
        return "stuck"
    if not begun(order):
        return "queued"
    return "runs" if wait is None else "waits"


def in_working_order(model: ViewModel) -> list[Order]:
    """Open orders as they will be done, those that have begun on top; then who ended last."""
    place = {order_id: number for number, order_id in enumerate(model.factory.active_orders)}

    def rank(order: Order) -> tuple[int, float]:
        if order.open:
            return (0 if begun(order) else 1), place.get(order.id, len(place))
        return 2, -(order.changed_at or order.last_seen)

    return sorted(model.factory.orders.values(), key=rank)


def counts(model: ViewModel) -> Counter[str]:
    """How many orders stand in each list: the same figures on every page."""
    return Counter(list_of(order) for order in model.factory.orders.values())


ListName = Literal["running", "queued", "finished", "cancelled", "failed", "unanswered"]


def list_of(order: Order) -> ListName:
    """The list an order stands in; what a reset took away counts as cancelled."""
    if order.vanished or order.state == "CANCELLED":
        return "cancelled"
    if order.state in {"FINISHED", "ERROR"}:
        return "finished" if order.state == "FINISHED" else "failed"
    return "running" if begun(order) else "queued"


def title(order: Order, say: Translator) -> str:
    """Purpose, colour and id, e.g. `Produktion Weiß 808af799`."""
    return say.either(order_name(order))


def state_word(order: Order, model: ViewModel, say: Translator) -> str:
    """How the order stands, in a word; a state nobody has words for is shown as it came."""
    found = phase(order, model)
    code = order.state if found == "other" else _WORDS.get(found, found)
    return say.known("order.state", code)


def step_words(step: OrderStep, model: ViewModel, say: Translator) -> str:
    """What a step does: `DRILL takes the piece`, `vehicle drives HBW → DRILL`."""
    if step.type == "NAVIGATION":
        return say.either(way_name(model.factory, step.source, step.target))
    kind, serial = step.module_type, step.serial
    who = station_name(model.factory, kind, serial) if kind else place_name(model.factory, serial)
    return say.either(terms.after(who, terms.spoken(step.command, step.module_type, "does")))


def current(order: Order) -> OrderStep | None:
    """The step under way, else the one it stopped at or waits for."""
    for state in ("IN_PROGRESS", "ERROR", "ENQUEUED"):
        for step in order.steps:
            if step.state == state:
                return step
    return None


def place_of(order: Order, model: ViewModel) -> str:
    """Serial of who does the current step, or is to do it; empty while nobody can tell.

    A step names it once it was sent; before that it is the only module of its type, and for a
    drive the vehicle that works for the order, else the module it leads to.
    """
    step, factory = current(order), model.factory
    if step is None or not order.open:
        return ""
    if step.type == "NAVIGATION":
        driving = (one.serial for one in factory.vehicles.values() if one.order_id == order.id)
        return next(driving, "") or _only(step.target, model)
    return step.serial or _only(step.module_type, model)


def _only(kind: str | None, model: ViewModel) -> str:
    """The serial of the one module of this type."""
    told = {serial: one.type for serial, one in model.factory.modules.items()}
    known = {**(model.layout.modules if model.layout else {}), **told}
    found = [serial for serial, one in known.items() if one == kind]
    return found[0] if len(found) == 1 else ""


def following(order: Order) -> OrderStep | None:
    """The step after the current one that is still to be done."""
    now = current(order)
    ahead = [step for step in order.steps if step.state == "ENQUEUED" and step is not now]
    return ahead[0] if ahead else None


def current_words(order: Order, model: ViewModel, say: Translator) -> str:
    """What the current step does; empty if there is none."""
    step = current(order)
    return step_words(step, model, say) if step else ""


def progress(order: Order) -> tuple[int, int]:
    """Finished steps and all steps."""
    return sum(s.state == "FINISHED" for s in order.steps), len(order.steps)


def stock_words(colour: str, model: ViewModel, say: Translator) -> str:
    """How many pieces of a colour are free, of how many."""
    stock = model.factory.stock
    if not stock.known:
        return say("stock.never")
    language = say.language
    free, all_of_it = stock.free(colour), stock.counts().get(colour, 0)
    return say(
        "stock.free_of",
        free=formats.number(free, language),
        all=formats.number(all_of_it, language),
        capacity=formats.number(model.factory.store_capacity(colour), language),
    )
