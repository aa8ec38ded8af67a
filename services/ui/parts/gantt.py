"""The steps of an order against time: what it took, what is usual, what may come."""

from collections.abc import Callable
from itertools import zip_longest

from nicegui import ui

from omf.analysis.steps import pace
from omf.factory.orders import Order
from services.ui import formats, gantt_scale, order_times, order_view
from services.ui.gantt_scale import Axis
from services.ui.order_times import Bar
from services.ui.parts.build import Text, attribute, box, mark, text
from services.ui.parts.svg import shape, words
from services.ui.screen import Screen

LINE, TOP, WIDE = 26, 22, 1040
NAMES, TIMES = 232, 250
"""Room for the words left and right of the chart, in drawing units."""
LEFT, RIGHT = NAMES, WIDE - TIMES
BAR = 14


class Gantt:
    """Draws one order; `show` keeps it true and adds lines when steps are inserted."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._lines: list[Callable[[Bar, Axis, tuple[float, float] | None], None]] = []
        with box("gantt-place"):
            self._sheet = ui.element("svg").classes("gantt")
            attribute(self._sheet, "role", "img")
            attribute(self._sheet, "aria-label", screen.say("gantt.title"))
            self._empty = text(screen.say("gantt.empty"), "empty")
        with self._sheet:
            self._ruler = _Ruler(screen)
            self._rows = ui.element("g")

    def show(self, order: Order) -> None:
        """Draw the order as it stands."""
        now = self._screen.model.now
        found = order_times.bars(order, self._screen.model)
        expected = order_times.expected(found, now) if order.state == "IN_PROGRESS" else []
        axis = _axis(found, expected, now)
        mark(self._empty, hidden=bool(found))
        mark(self._sheet, hidden=not found)
        while len(self._lines) < len(found):
            with self._rows:
                self._lines.append(_line(self._screen, len(self._lines)))
        height = TOP + LINE * len(self._lines) + 4
        attribute(self._sheet, "viewBox", f"0 0 {WIDE} {height}")
        self._ruler.show(axis, now if order.open else None, height)
        padded = [*expected, *[None] * len(found)]
        for draw, bar, span in zip(self._lines, found, padded, strict=False):
            draw(bar, axis, span)


def _axis(found: list[Bar], expected: list[tuple[float, float] | None], now: float) -> Axis:
    begins = [bar.began_at for bar in found if bar.began_at is not None]
    ends = [bar.ended_at for bar in found if bar.ended_at is not None]
    ends += [span[1] for span in expected if span]
    ends += [now for bar in found if bar.running]
    began = min(begins, default=now)
    return gantt_scale.axis(began, max([*ends, began]))


def _x(axis: Axis, at: float) -> float:
    return LEFT + (RIGHT - LEFT) * axis.part(at)


class _Ruler:
    """Time marks above the bars, and the line of now through them."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._marks: list[tuple[ui.element, Text]] = []
        for _ in range(gantt_scale.MOST_MARKS):
            line = shape("line", "gantt-mark", x1=LEFT, x2=LEFT, y1=TOP - 4, y2=TOP)
            self._marks.append((line, words("gantt-time", (LEFT, 12))))
        self._now = shape("line", "gantt-now", x1=LEFT, x2=LEFT, y1=TOP - 4, y2=TOP)

    def show(self, axis: Axis, now: float | None, height: int) -> None:
        for (line, label), at in zip_longest(self._marks, axis.marks):
            mark(line, hidden=at is None)
            mark(label, hidden=at is None)
            if at is None:
                continue
            label.say(f"{int(at) // 60}:{int(at) % 60:02d}")
            x = f"{_x(axis, axis.began_at + at):.1f}"
            for made, name in ((line, "x1"), (line, "x2"), (label, "x")):
                attribute(made, name, x)
            attribute(line, "y2", f"{height}")
        mark(self._now, hidden=now is None)
        if now is not None:
            attribute(self._now, "x1", f"{_x(axis, now):.1f}")
            attribute(self._now, "x2", f"{_x(axis, now):.1f}")
            attribute(self._now, "y2", f"{height}")


def _line(screen: Screen, number: int) -> Callable[[Bar, Axis, tuple[float, float] | None], None]:
    """One step: its name, its bar, the usual time as a frame, and both in figures."""
    y = TOP + LINE * number
    with ui.element("g") as group:
        shape("line", "gantt-rule", x1=0, x2=WIDE, y1=y, y2=y)
        name = words("gantt-name", (4, y + 17))
        usual = shape("rect", "gantt-usual", x=LEFT, y=y + 3, width=0, height=BAR + 6)
        bar_shape = shape("rect", "gantt-bar", x=LEFT, y=y + 6, width=0, height=BAR)
        figure = words("gantt-figure", (RIGHT + 14, y + 17))
        verdict = words("gantt-verdict", (RIGHT + 74, y + 17))

    def draw(bar: Bar, axis: Axis, expected: tuple[float, float] | None) -> None:
        now, say = screen.model.now, screen.say
        name.say(f"{number + 1}  {order_view.step_words(bar.step, screen.model)}")
        seconds = bar.seconds(now)
        began = bar.began_at if bar.began_at is not None else (expected or (None,))[0]
        _span(bar_shape, axis, bar.began_at, seconds)
        _span(usual, axis, began, bar.usual.span.usual if bar.usual and bar.ahead else None)
        figure.say("" if seconds is None else formats.took(seconds, say.language))
        verdict.say(_verdict(screen, bar, seconds))
        late = bar.ahead or bar.step.state == "FINISHED"
        mark(verdict, warn=(late and _pace(bar, seconds) == "slow") or bar.step.state == "ERROR")
        for state in ("IN_PROGRESS", "FINISHED", "ERROR", "CANCELLED"):
            mark(group, **{state.lower(): bar.step.state == state})

    return draw


def _span(made: ui.element, axis: Axis, began: float | None, seconds: float | None) -> None:
    mark(made, hidden=began is None or seconds is None)
    if began is None or seconds is None:
        return
    x = _x(axis, began)
    attribute(made, "x", f"{x:.1f}")
    attribute(made, "width", f"{max(2.0, _x(axis, began + seconds) - x):.1f}")


def _pace(bar: Bar, seconds: float | None) -> str | None:
    """How it compares with the usual time, if the two can be compared."""
    if seconds is None or bar.usual is None or not bar.comparable:
        return None
    return pace(seconds, bar.usual.span)


def _verdict(screen: Screen, bar: Bar, seconds: float | None) -> str:
    say = screen.say
    if bar.step.state in {"ERROR", "CANCELLED"}:
        return say.known("step", bar.step.state)
    if bar.usual is None or not bar.comparable:
        return say("gantt.usual_unknown") if seconds is not None else ""
    usual = say("gantt.usual", usual=formats.took(bar.usual.span.usual, say.language))
    if seconds is None:
        return usual
    verdict = _pace(bar, seconds)
    if verdict == "slow" or (verdict == "fast" and not bar.running):
        return f"{usual}, {say(f'gantt.{verdict}')}"
    return usual
