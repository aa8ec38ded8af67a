"""Orders and stock as people ask about them: what runs, how far, what can still be ordered."""

from dataclasses import dataclass

from omf.factory.orders import Order, Step
from services.ui import formats
from services.ui.device_rows import place_name, short
from services.ui.model import ViewModel
from services.ui.words import Speech

COLOURS = ("RED", "WHITE", "BLUE")


@dataclass(frozen=True, slots=True)
class OrderCounts:
    """How many orders of each kind; None while the CCU has not told."""

    running: int | None
    queued: int | None
    finished: int | None
    failed: int | None


def counts(model: ViewModel) -> OrderCounts:
    """The key figures of the overview, by the CCU's two lists."""
    factory = model.factory
    orders = factory.orders.values()
    open_ones = [o for o in orders if o.list == "active"]
    done = [o for o in orders if o.list == "completed"]
    told = factory.book.active_at is not None
    ended = factory.book.completed_at is not None
    return OrderCounts(
        running=sum(o.state == "IN_PROGRESS" for o in open_ones) if told else None,
        queued=sum(o.state == "ENQUEUED" for o in open_ones) if told else None,
        finished=sum(o.state == "FINISHED" for o in done) if ended else None,
        failed=sum(o.state == "ERROR" for o in done) if ended else None,
    )


def recent(model: ViewModel, count: int) -> list[Order]:
    """Open orders first, newest on top, then those that ended last."""
    return sorted(model.factory.orders.values(), key=_rank)[:count]


def _rank(order: Order) -> tuple[bool, float]:
    at = order.first_seen if order.open else order.changed_at
    return not order.open, -(at or 0.0)


def title(order: Order, say: Speech) -> str:
    """Kind and id, e.g. `Produktion 808af799`."""
    return f"{say.known('order.type', order.type)} {short(order.id)}"


def state_word(order: Order, say: Speech) -> str:
    """The order's state; one that left all lists without an end is said to have vanished."""
    return say("order.vanished") if order.vanished else say.known("order.state", order.state)


def step_words(step: Step, model: ViewModel) -> str:
    """What a step does: `DRILL · PICK` or `HBW → DRILL`."""
    if step.type == "NAVIGATION":
        return f"{step.source or '?'} → {step.target or '?'}"
    return f"{step.module_type or place_name(step.serial, model)} · {step.command or '?'}"


def current(order: Order) -> Step | None:
    """The step under way, else the one it stopped at or waits for."""
    for state in ("IN_PROGRESS", "ERROR", "ENQUEUED"):
        for step in order.steps:
            if step.state == state:
                return step
    return None


def current_words(order: Order, model: ViewModel) -> str:
    """What the current step does; empty if there is none."""
    step = current(order)
    return step_words(step, model) if step else ""


def progress(order: Order) -> tuple[int, int]:
    """Finished steps and all steps."""
    return sum(s.state == "FINISHED" for s in order.steps), len(order.steps)


def seconds(step: Step, now: float) -> float | None:
    """How long a step took by the CCU's clock, or takes by ours; None before it began."""
    if step.state == "IN_PROGRESS":
        return None if step.since is None else max(0.0, now - step.since)
    began, ended = formats.stamp(step.started_at), formats.stamp(step.stopped_at)
    return None if began is None or ended is None else max(0.0, ended - began)


def stock_words(colour: str, model: ViewModel, say: Speech) -> str:
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
