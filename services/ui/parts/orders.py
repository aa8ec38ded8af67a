"""Orders with their steps, the running ones first."""

from nicegui import ui

from omf.factory.orders import Order, Step
from services.ui import formats, order_times, order_view, ways
from services.ui.parts.aging import aging
from services.ui.parts.build import Text, attribute, box, link, linked_panel, mark, text
from services.ui.parts.listing import Draw, Listing
from services.ui.parts.rack import disc, paint
from services.ui.screen import Screen

SHOWN = 12


def order_panel(screen: Screen) -> None:
    """The CCU's orders: open ones on top, then those that ended last."""
    with linked_panel(screen.say("overview.orders"), screen.path("orders"), "fill") as made:
        empty = text(screen.say("empty.orders"), "empty")
        listing = Listing(box("lines"), lambda order_id: _order(screen, order_id), empty)
    aging(screen, made)
    screen.live(lambda: listing.show([o.id for o in order_view.recent(screen.model, SHOWN)]))


def _order(screen: Screen, order_id: str) -> Draw:
    with box("order"):
        with box("row"):
            piece = disc(None)
            title, state = link("", ways.to_order(screen, order_id)), text("", "order-state")
            title.classes("grow cut")
        steps = _Steps(screen)

    def draw() -> None:
        order = screen.model.factory.orders.get(order_id)
        if order is None:
            return
        paint(piece, order.colour)
        title.say(order_view.title(order, screen.say))
        state.say(order_view.state_word(order, screen.say))
        mark(state, warn=order.state == "ERROR" or order.vanished)
        steps.draw(order)

    return draw


class _Steps:
    """The steps of one order: a bar of them all, and in words while the order is open."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._bar, self._now, self._plan = box("steps"), text("", "hint cut"), box("plan")
        attribute(self._now, "title", screen.say("order.if_nothing_waits"))
        self._cells: list[Text] = []
        self._lines: list[_StepLine] = []
        self._drawn: object = None

    def draw(self, order: Order) -> None:
        # An order that ended does not change any more, and most of those shown have ended.
        if self._drawn is order.steps and not order.open:
            return
        mark(self._now, hidden=not order.open)
        mark(self._plan, hidden=not order.open)
        if order.open:
            self._now.say(self._now_words(order))
        while len(self._cells) < len(order.steps):
            with self._bar:
                self._cells.append(text("", "step"))
            with self._plan:
                self._lines.append(_StepLine())
        for line, step in zip(self._lines, order.steps, strict=False):
            line.draw(self._screen, step)
        if self._drawn is not order.steps:
            self._draw_cells(order)
        self._drawn = order.steps

    def _draw_cells(self, order: Order) -> None:
        for cell, step in zip(self._cells, order.steps, strict=False):
            words = order_view.step_words(step, self._screen.model)
            attribute(cell, "title", f"{words}: {self._screen.say.known('step', step.state)}")
            _mark_state(cell, step)

    def _now_words(self, order: Order) -> str:
        screen = self._screen
        done, total = order_view.progress(order)
        found = order_times.forecast_of(order, screen.model)
        if found is None:
            return screen.say("order.progress", done=done, total=total)
        end = formats.moment(found.usual, screen.visitor.clock)
        return screen.say("order.progress_until", done=done, total=total, end=end)


class _StepLine:
    """One step of an open order in words, with the time it took or takes."""

    def __init__(self) -> None:
        self._drawn: Step | None = None
        with box("plan-step") as self._line:
            box("step-shape")
            self._words, self._time = text("", "grow cut"), text("", "line-age")

    def draw(self, screen: Screen, step: Step) -> None:
        if self._drawn is step and step.state != "IN_PROGRESS":
            return
        self._drawn = step
        self._words.say(order_view.step_words(step, screen.model))
        took = order_view.seconds(step, screen.model.now)
        self._time.say("" if took is None else formats.age(took))
        _mark_state(self._line, step)


def _mark_state(element: ui.element, step: Step) -> None:
    for name in ("IN_PROGRESS", "FINISHED", "ERROR", "CANCELLED"):
        mark(element, **{name.lower(): step.state == name})
