"""The orders on one line each: how they stand, since when, where, why they wait, end, what next."""

from typing import NamedTuple

from nicegui import ui

from omf.state.orders import Order
from services.common.store.environments import is_replay, kind_of
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.views import order_times, order_view, urls
from services.ui.views.order_view import Phase
from services.ui.widgets.command_card.command_entries import CommandCardSlot
from services.ui.widgets.drawn_from import drawn_from
from services.ui.widgets.elements import (
    Label,
    attribute,
    div,
    link,
    linked_panel,
    set_classes,
    text,
)
from services.ui.widgets.keyed_list import Draw, KeyedList
from services.ui.widgets.order_tiles import order_buttons
from services.ui.widgets.rack import disc, paint
from services.ui.widgets.stale_overlay import stale_overlay

SHOWN_ORDERS = 12
HEADS = ("order", "state", "now", "ends", "next")
STEP_STATES = ("IN_PROGRESS", "FINISHED", "ERROR", "CANCELLED")


def order_panel(screen: Screen, slot: CommandCardSlot) -> None:
    """Buttons to order a piece, then the open orders as they will be done, then who ended last."""
    say = screen.say
    with linked_panel(say("overview.orders"), screen.path("orders"), "fill orders-now") as made:
        # A replayed factory takes no orders: what is seen there has happened.
        if not is_replay(screen.environment):
            order_buttons(screen, slot.open)
        with div("order-head") as head:
            for name in HEADS:
                text(say(f"order.head.{name}"), f"order-cell-{name}")
        with div("empty-state") as nothing:
            text(say(f"empty.orders.{kind_of(screen.environment)}"))
            if is_replay(screen.environment):
                link(say("page.sessions"), screen.path("sessions"), "way-in")
        listing = KeyedList(div("lines"), lambda order_id: _order(screen, order_id), text(""))
    stale_overlay(screen, made)

    def draw() -> None:
        found = _shown_orders(screen)
        listing.show(found)
        set_classes(nothing, hidden=bool(found))
        set_classes(head, hidden=not found)

    screen.live(draw)


def _shown_orders(screen: Screen) -> tuple[str, ...]:
    def build() -> tuple[str, ...]:
        found = order_view.in_working_order(screen.model)[:SHOWN_ORDERS]
        return tuple(order.id for order in found)

    return screen.model.shared("orders in line", build)


def _order(screen: Screen, order_id: str) -> Draw:
    line = _OrderLine(screen, order_id)

    def shows() -> OrderFacts | None:
        order = screen.model.factory.orders.get(order_id)
        if order is None:
            return None
        return screen.shared(("order line", order_id), lambda: _order_facts(screen, order))

    return drawn_from(shows, lambda shown: line.paint(shown) if shown else None)


class OrderFacts(NamedTuple):
    """What the line of an order shows."""

    colour: str | None
    title: str
    state: str
    stands: Phase
    since: str
    now: str
    open: bool
    steps: tuple[str, ...]
    """The state of each step."""
    progress: str
    ends: str
    following: str


def _order_facts(screen: Screen, order: Order) -> OrderFacts:
    model, say = screen.model, screen.say
    stands = order_view.phase(order, model)
    done, total = order_view.progress(order)
    after = order_view.following(order) if order.open else None
    return OrderFacts(
        order.colour,
        order_view.title(order, say),
        order_view.state_word(order, model, say),
        stands,
        _since(screen, order, stands),
        _now(screen, order, stands),
        order.open,
        tuple(step.state or "" for step in order.steps),
        say("order.progress", done=done, total=total),
        _ends(screen, order),
        order_view.step_words(after, model, say) if after else "",
    )


class _OrderLine:
    """One order on one line."""

    def __init__(self, screen: Screen, order_id: str) -> None:
        with div("order"):
            with div("order-cell-order"):
                self._piece = disc(None)
                self._title = link("", urls.to_order(screen, order_id))
            with div("order-cell-state"):
                self._state = text("", "order-state")
                self._since = text("", "hint")
            with div("order-cell-now"):
                self._now = text("", "order-now")
                self._steps = _Steps()
            self._ends = text("", "order-cell-ends")
            self._next = text("", "order-cell-next dim")
        attribute(self._title, "title", order_id)

    def paint(self, shown: OrderFacts) -> None:
        paint(self._piece, shown.colour)
        self._title.say(shown.title)
        self._state.say(shown.state)
        mark_phase(self._state, shown.stands)
        self._since.say(shown.since)
        self._now.say(shown.now)
        set_classes(self._now, warn=shown.stands == "stuck")
        self._steps.paint(shown)
        self._ends.say(shown.ends)
        self._next.say(shown.following)


def mark_phase(element: ui.element, stands: Phase) -> None:
    """Show how an order stands: failed looks the same wherever it is said."""
    wanted = stands in {"stuck", "lost"}
    set_classes(element, warn=wanted, bad=stands == "failed", runs=stands == "runs")


def _since(screen: Screen, order: Order, stands: Phase) -> str:
    """Since when it stands as it does; of one that ended, when that was."""
    if not order.open:
        return screen.when(order_times.ended_at(order))
    wait = order_view.wait_of(order, screen.model)
    at = wait.since if wait and stands in {"waits", "stuck"} else order_times.began_at(order)
    if at is None:
        at = formats.stamp(order.received_at) or order.first_seen
    age = formats.age(screen.model.factory_now - at, screen.say.language)
    return screen.say("order.for", time=screen.when(at), age=age)


def _now(screen: Screen, order: Order, stands: Phase) -> str:
    """What is done for it now, or why nothing is; of one that ended, how long it took."""
    model, say = screen.model, screen.say
    if order.open:
        wait = order_view.wait_of(order, model)
        return say.either(wait) if wait else order_view.current_words(order, model, say)
    if stands in {"failed", "lost"}:
        return order_view.current_words(order, model, say)
    lead = order_times.lead_s(order)
    return "" if lead is None else say("order.took", took=formats.took(lead, say.language))


def _ends(screen: Screen, order: Order) -> str:
    """The expected end; none while nobody can tell it."""
    if not order.open:
        return ""
    found = order_times.forecast_of(order, screen.model)
    return order_times.about(found, screen.when, screen.say) if found else formats.NONE


class _Steps:
    """The steps of an open order as a bar."""

    def __init__(self) -> None:
        self._bar = div("steps")
        self._cells: list[Label] = []

    def paint(self, shown: OrderFacts) -> None:
        set_classes(self._bar, hidden=not shown.open)
        if not shown.open:
            return
        attribute(self._bar, "title", shown.progress)
        while len(self._cells) < len(shown.steps):
            with self._bar:
                self._cells.append(text("", "step"))
        for cell, state in zip(self._cells, shown.steps, strict=False):
            set_classes(cell, **{name.lower(): state == name for name in STEP_STATES})
