"""How the stock came to be what it is: the count of each colour over the time that is kept."""

import asyncio
from collections.abc import Callable
from itertools import pairwise

from nicegui import background_tasks

from omf.constants import COLOURS, MINUTE_S
from omf.messages.message import Message
from omf.state.stock_history import Counted, add, course
from omf.topics import catalogue
from services.common.store.bus import StoreError
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.widgets.elements import attribute, div, set_classes, text
from services.ui.widgets.rack import disc, paint
from services.ui.widgets.svg import shape, sheet

MESSAGES = 500
"""Some hours of a factory at work: the CCU tells its stock with every piece that moves."""
WIDE, HIGH, EDGE = 300.0, 34.0, 4.0


class StockCourse:
    """One line per colour; the past is read once, what changes since is added."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._known: list[Counted] = []
        self._drawn: object = None
        self._session = screen.model.factory.session
        with div("course") as self._holder:
            lines = [_line(screen, colour) for colour in COLOURS]
            with div("course-times"):
                self._began = text("", "hint")
                text(screen.say("stock.course_now"), "hint")
        self._lines = lines
        self._empty = text("", "empty")
        self._past: str = "stock.course_reading"
        screen.live(self._draw)
        background_tasks.create(self._read(), name="stock course")

    async def _read(self) -> None:
        try:
            own = await self._kept()
        except StoreError:
            self._past = "stock.course_unreadable"
        else:
            self._known = await asyncio.to_thread(course, own)
            self._past = "stock.course_none"
        if not self._holder.is_deleted:
            self._draw()

    async def _kept(self) -> list[Message]:
        """What the CCU told of the stock, oldest first, as far as it is at hand."""
        bus, topic = self._screen.bus, catalogue.address("ccu_state_stock")
        if bus is None:
            return [one for one in self._screen.model.journal.newest() if one.topic == topic][::-1]
        kept, times = await bus.newest(topic, MESSAGES), bus.times
        return [message for message in kept if not (times and times.over(message))]

    def _draw(self) -> None:
        stock, now = self._screen.model.factory.stock, self._screen.model.now
        if self._session != self._screen.model.factory.session:
            self._session = self._screen.model.factory.session
            self._known.clear()
        if stock.known and self._past != "stock.course_reading":
            add(self._known, Counted(stock.at or now, stock.counts()))
            del self._known[:-MESSAGES]
        set_classes(self._holder, hidden=not self._known)
        set_classes(self._empty, hidden=bool(self._known))
        self._empty.say(self._screen.say(self._past))
        picture = (len(self._known), int(now // MINUTE_S))
        if not self._known or picture == self._drawn:
            return
        self._drawn = picture
        for line in self._lines:
            line(self._known, now)
        self._began.say(self._when(self._known[0].at))

    def _when(self, at: float) -> str:
        user, now = self._screen.user, self._screen.model.now
        return formats.when(at, now=now, clock=user.clock, language=user.language)


def _line(screen: Screen, colour: str) -> Callable[[list[Counted], float], None]:
    with div("course-line"):
        paint(disc(None), colour)
        with sheet("course-sheet", WIDE, HIGH) as paper:
            shape("rect", "chart-ground", x=0, y=0, width=WIDE, height=HIGH)
            line = shape("polyline", "trend-line")
        figure = text("", "count-figure")
    attribute(paper, "role", "img")

    def draw(known: list[Counted], now: float) -> None:
        counts = [one.counts[colour] for one in known]
        most = screen.model.factory.store_capacity(colour) or max(counts)
        attribute(line, "points", _points(known, colour, now, most))
        figure.say(str(counts[-1]))
        steps = sum(a != b for a, b in pairwise(counts))
        told = {"colour": screen.say(f"colour.{colour}"), "first": counts[0], "last": counts[-1]}
        words = screen.say("stock.course_line", steps=steps, **told)
        attribute(paper, "aria-label", words)
        attribute(paper, "title", words)

    return draw


def _points(known: list[Counted], colour: str, now: float, most: int) -> str:
    """Steps: a count holds until the next one is told; `most` is at the top."""
    begin = known[0].at
    span = max(now - begin, 1.0)
    found = []
    ends = [*(one.at for one in known[1:]), max(now, known[-1].at)]
    for one, end in zip(known, ends, strict=True):
        y = HIGH - EDGE - (HIGH - 2 * EDGE) * min(one.counts[colour] / max(most, 1), 1.0)
        places = (min(1.0, (at - begin) / span) * WIDE for at in (one.at, end))
        found += [f"{x:.1f},{y:.1f}" for x in places]
    return " ".join(found)
