"""The steps of an order against time: what it took, what is usual, what may come."""

from itertools import zip_longest
from math import ceil
from typing import NamedTuple

from nicegui import ui

from omf.analysis.steps import pace
from omf.state.orders import Order
from services.ui import formats
from services.ui.live.model import ViewModel
from services.ui.live.screen import Screen
from services.ui.views import order_times, order_view
from services.ui.views.order_times import StepBar
from services.ui.widgets.elements import Label, attribute, div, set_classes, text
from services.ui.widgets.plain_element import PlainElement
from services.ui.widgets.svg import shape, words

LINE, TOP, BAR = 26, 22, 14


class Room(NamedTuple):
    """Widths in drawing units: of all, and of the words left and right of the chart."""

    wide: int
    names: int
    times: int
    figures: int

    @property
    def right(self) -> int:
        """Where the chart ends and the times begin."""
        return self.wide - self.times


WIDE, NARROW = Room(1040, 300, 340, 94), Room(752, 272, 260, 84)
"""On a page of its own, and beside other things."""
BEFORE = 1
"""So many lines of what is done stay in sight above the current one, where room is short."""


MARKS_S = (2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400)
"""Times between two marks; a longer order is drawn on a multiple of the last."""
MOST_MARKS = 8
SHORTEST_S = 10.0


class Axis(NamedTuple):
    """From `began_at` (Unix s) over `span_s` seconds, with a mark every `step_s`."""

    began_at: float
    span_s: float
    step_s: float

    def part(self, at: float) -> float:
        """Where a time lies, 0 to 1; times outside stick to the ends."""
        return min(1.0, max(0.0, (at - self.began_at) / self.span_s))

    @property
    def marks(self) -> list[float]:
        """Seconds after the beginning at which a line is drawn, at most `MOST_MARKS`."""
        return [self.step_s * number for number in range(round(self.span_s / self.step_s) + 1)]


def axis(began_at: float, ends_at: float) -> Axis:
    """The shortest axis of whole marks that holds the time between."""
    length = max(SHORTEST_S, ends_at - began_at)
    parts = MOST_MARKS - 1
    step = next((one for one in MARKS_S if length <= one * parts), None)
    if step is None:
        step = MARKS_S[-1] * ceil(length / MARKS_S[-1] / parts)
    return Axis(began_at, step * ceil(length / step), step)


class GanttRow(NamedTuple):
    """One line of the chart: a step, or the waiting before it."""

    number: int
    bar: StepBar
    waiting: bool
    expected: tuple[float, float] | None = None
    """Unix s between which a step that is still to come may be done."""


class Gantt:
    """Draws one order; `show` keeps it true and adds lines when steps are inserted.

    A narrow one of an open order begins with the step that ended last: what comes is in sight.
    """

    def __init__(self, screen: Screen, room: Room = WIDE) -> None:
        self._screen, self._room = screen, room
        self._lines: list[_Line] = []
        with div("gantt-place") as place:
            self._sheet = PlainElement("svg", "gantt")
            set_classes(self._sheet, narrow=room == NARROW)
            attribute(self._sheet, "role", "img")
            attribute(self._sheet, "aria-label", screen.say("gantt.title"))
            self._empty = text(screen.say("gantt.empty"), "empty")
        # What scrolls is reached by keys as well.
        attribute(place, "tabindex", "0")
        attribute(place, "role", "group")
        attribute(place, "aria-label", screen.say("gantt.title"))
        with self._sheet:
            self._ruler = _Ruler(room)
            self._rows = PlainElement("g")

    def show(self, order: Order) -> None:
        """Draw the order as it stands."""
        model = self._screen.model
        rows = _rows(order, model)
        axis = _axis(order, rows, model.factory_now)
        if self._room == NARROW and order.open:
            rows = rows[max(0, _current(rows) - BEFORE) :]
        set_classes(self._empty, hidden=bool(rows))
        set_classes(self._sheet, hidden=not rows)
        while len(self._lines) < len(rows):
            with self._rows:
                self._lines.append(_Line(self._screen, len(self._lines), self._room))
        height = TOP + LINE * len(rows) + 4
        attribute(self._sheet, "viewBox", f"0 0 {self._room.wide} {height}")
        self._ruler.show(axis, model.factory_now if order.open else None, height)
        for line, row in zip_longest(self._lines, rows):
            line.show(row, axis, order)


def _rows(order: Order, model: ViewModel) -> list[GanttRow]:
    """Every step, and a line of its own for what was waited before one."""
    found = order_times.bars(order, model)
    end = order_times.forecast_of(order, model)
    spans = order_times.expected(found, model.factory_now, end.usual) if end else []
    rows: list[GanttRow] = []
    for number, (bar, span) in enumerate(zip_longest(found, spans), 1):
        if bar.waited(model.factory_now) > 0:
            rows.append(GanttRow(number, bar, waiting=True))
        rows.append(GanttRow(number, bar, waiting=False, expected=span))
    return rows


def _axis(order: Order, rows: list[GanttRow], now: float) -> Axis:
    """From the beginning of the order to its end, or to the end that is expected."""
    found = [row.bar for row in rows]
    begins = [order_times.began_at(order), *(bar.began_at for bar in found)]
    ends = [order_times.ended_at(order), *(bar.ended_at for bar in found)]
    ends += [row.expected[1] for row in rows if row.expected] + ([now] if order.open else [])
    began = min((at for at in begins if at is not None), default=now)
    return axis(began, max((at for at in ends if at is not None), default=began))


def _current(rows: list[GanttRow]) -> int:
    """The first line that has still to be done."""
    return next((n for n, row in enumerate(rows) if row.bar.ahead), 0)


def _x(axis: Axis, at: float, room: Room) -> float:
    return room.names + (room.right - room.names) * axis.part(at)


class _Ruler:
    """Time marks above the bars, and the line of now through them."""

    def __init__(self, room: Room) -> None:
        self._room, left = room, room.names
        self._marks: list[tuple[ui.element, Label]] = []
        for _ in range(MOST_MARKS):
            line = shape("line", "gantt-mark", x1=left, x2=left, y1=TOP - 4, y2=TOP)
            self._marks.append((line, words("gantt-time", (left, 12))))
        self._now = shape("line", "gantt-now", x1=left, x2=left, y1=TOP - 4, y2=TOP)

    def show(self, axis: Axis, now: float | None, height: int) -> None:
        for (line, label), at in zip_longest(self._marks, axis.marks):
            set_classes(line, hidden=at is None)
            set_classes(label, hidden=at is None)
            if at is None:
                continue
            label.say(f"{int(at) // 60}:{int(at) % 60:02d}")
            x = f"{_x(axis, axis.began_at + at, self._room):.1f}"
            for made, name in ((line, "x1"), (line, "x2"), (label, "x")):
                attribute(made, name, x)
            attribute(line, "y2", f"{height}")
        set_classes(self._now, hidden=now is None)
        if now is not None:
            attribute(self._now, "x1", f"{_x(axis, now, self._room):.1f}")
            attribute(self._now, "x2", f"{_x(axis, now, self._room):.1f}")
            attribute(self._now, "y2", f"{height}")


class _Line:
    """A line: a name, a bar, the usual time as a frame, and both in figures."""

    def __init__(self, screen: Screen, number: int, room: Room) -> None:
        self._screen, self._room = screen, room
        y = TOP + LINE * number
        with PlainElement("g") as self._group:
            shape("line", "gantt-rule", x1=0, x2=room.wide, y1=y, y2=y)
            self._name = words("gantt-name", (4, y + 17))
            self._usual = shape(
                "rect", "gantt-usual", x=room.names, y=y + 3, width=0, height=BAR + 6
            )
            self._bar = shape("rect", "gantt-bar", x=room.names, y=y + 6, width=0, height=BAR)
            self._figure = words("gantt-figure", (room.right + 14, y + 17))
            self._verdict = words("gantt-verdict", (room.right + room.figures, y + 17))

    def show(self, row: GanttRow | None, axis: Axis, order: Order) -> None:
        """Draw this row; None hides the line."""
        set_classes(self._group, hidden=row is None)
        if row is None:
            return
        (self._show_waiting if row.waiting else self._show_step)(row, axis, order)
        running = row.bar.running and not row.waiting
        set_classes(self._group, waiting=row.waiting, in_progress=running)
        for state in ("FINISHED", "ERROR", "CANCELLED"):
            wanted = row.bar.step.state == state and not row.waiting
            set_classes(self._group, **{state.lower(): wanted})

    def _show_waiting(self, row: GanttRow, axis: Axis, order: Order) -> None:
        screen, seconds = self._screen, row.bar.waited(self._screen.model.factory_now)
        over = row.bar.began_at is not None
        wait = None if over else order_view.wait_of(order, screen.model)
        self._name.say(screen.say("gantt.waited" if over else "gantt.waits"))
        self._span(self._bar, axis, row.bar.waited_since, seconds)
        self._span(self._usual, axis, None, None)
        self._figure.say(formats.took(seconds, screen.say.language))
        self._verdict.say("")
        attribute(self._group, "aria-label", screen.say.either(wait) if wait else None)
        set_classes(self._verdict, warn=False, bad=False)

    def _show_step(self, row: GanttRow, axis: Axis, order: Order) -> None:
        bar, now, screen = row.bar, self._screen.model.factory_now, self._screen
        words_ = order_view.step_words(bar.step, screen.model, screen.say)
        self._name.say(f"{row.number}  {words_}")
        seconds = bar.seconds(now)
        began = bar.began_at if bar.began_at is not None else (row.expected or (None,))[0]
        self._span(self._bar, axis, bar.began_at, seconds)
        self._span(
            self._usual, axis, began, bar.usual.span.usual if bar.usual and bar.ahead else None
        )
        self._figure.say("" if seconds is None else formats.took(seconds, screen.say.language))
        self._verdict.say(_verdict(screen, bar, seconds, order, brief=self._room == NARROW))
        late = bar.running or bar.step.state == "FINISHED"
        slow = late and _pace(bar, seconds) == "slow"
        set_classes(self._group, late=slow)
        set_classes(self._verdict, warn=slow, bad=bar.step.state == "ERROR")

    def _span(
        self, made: ui.element, axis: Axis, began: float | None, seconds: float | None
    ) -> None:
        set_classes(made, hidden=began is None or seconds is None)
        if began is None or seconds is None:
            return
        x = _x(axis, began, self._room)
        attribute(made, "x", f"{x:.1f}")
        attribute(made, "width", f"{max(2.0, _x(axis, began + seconds, self._room) - x):.1f}")


def _pace(bar: StepBar, seconds: float | None) -> str | None:
    """How it compares with the usual time, if the two can be compared."""
    if seconds is None or bar.usual is None or not bar.comparable:
        return None
    return pace(seconds, bar.usual.span)


def _verdict(
    screen: Screen, bar: StepBar, seconds: float | None, order: Order, *, brief: bool
) -> str:
    say = screen.say
    if bar.step.state in {"ERROR", "CANCELLED"}:
        word = say.known("step", bar.step.state)
        return f"◆ {word}" if bar.step.state == "ERROR" else word
    if order.vanished and bar.step.state != "FINISHED":
        return say("order.state.lost") if bar.began_at is not None else say("step.CANCELLED")
    if bar.usual is None or not bar.comparable:
        return say("gantt.usual_unknown") if seconds is not None else ""
    usual = say("gantt.usual", usual=formats.took(bar.usual.span.usual, say.language))
    if seconds is None:
        return usual
    paces = {"slow": f"▲ {say('gantt.slow')}", "fast": "" if bar.running else say("gantt.fast")}
    found = paces.get(_pace(bar, seconds) or "", "")
    if brief:
        return found if found.startswith("▲") else usual
    return f"{usual}, {found}" if found else usual
