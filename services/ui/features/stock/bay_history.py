"""Each bay over time, from the archive, with a cursor that says what lay where at one moment."""

import asyncio
from collections.abc import Iterable

from nicegui import background_tasks, ui
from nicegui.events import GenericEventArguments

from omf.constants import DAY_S, HOUR_S
from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from omf.state.stock_history import BayStretch, bay_courses, lay_in
from omf.topics import catalogue
from services.common.store.bus import StoreError
from services.history.message_search import MessageQuestion, find_messages
from services.history.questions import QuestionError
from services.ui.live.archive_questions import answer, history_of
from services.ui.live.screen import Screen
from services.ui.views import stock_view
from services.ui.widgets.elements import attribute, div, set_classes, text
from services.ui.widgets.moment_link import MomentLink
from services.ui.widgets.svg import shape, sheet, words

STOCK_RANGES = ("1h", "24h", "7d")
_SPANS_S = {"1h": HOUR_S, "24h": DAY_S, "7d": 7 * DAY_S}
MOST_MESSAGES = 5_000
"""More than a week of a factory at work tells; the newest count."""
RECENT_STOCKS = 500
BAR_WIDTH, BAR_HEIGHT, NAME_WIDTH = 560.0, 16.0, 40.0
CURSOR_STEPS = 1000


class BayHistory:
    """The bars, the cursor below them, and in words what lay in each bay at its moment."""

    def __init__(self, screen: Screen) -> None:
        self._screen, say = screen, screen.say
        self._range = STOCK_RANGES[0]
        self._courses: dict[str, list[BayStretch]] = {}
        self._span = (0.0, 1.0)
        self._turn = 0
        with div("row wraps").props(f'role=group aria-label="{say("history.ranges")}"'):
            self._buttons = {one: self._button(one) for one in STOCK_RANGES}
        self._told = text("", "hint").props("role=status").mark("bays-told")
        self._bars = div("bay-bars")
        self._cursor = div("bay-cursor", "input").mark("bay-cursor")
        self._cursor.props(f"type=range min=0 max={CURSOR_STEPS} value={CURSOR_STEPS}")
        attribute(self._cursor, "aria-label", say("stock.cursor"))
        self._cursor.on("input", self._moved, js_handler="e => emit(Number(e.target.value))")
        with div("row wraps"):
            self._at = text("", "mono").props("role=status").mark("bays-at")
            self._then = MomentLink(screen)
        self._lay = div("bay-words")
        self._take(self._range)

    def _button(self, one: str) -> ui.element:
        button = text(self._screen.say(f"history.range.{one}"), "act small", "button")
        return button.on("click", lambda: self._take(one)).mark(f"bays-{one}")

    def _take(self, chosen: str) -> None:
        self._range = chosen
        self._turn += 1
        for name, button in self._buttons.items():
            set_classes(button, main_act=name == chosen)
            attribute(button, "aria-pressed", str(name == chosen).lower())
        self._told.say(self._screen.say("history.waiting"))
        background_tasks.create(self._read(self._turn), name="stock history")

    async def _read(self, turn: int) -> None:
        screen = self._screen
        until = screen.past or screen.model.now
        since = until - _SPANS_S[self._range]
        fault = ""
        try:
            found = await self._archived(since, until)
        except QuestionError as error:
            found, fault = [], str(error)
        recent = [one for one in await self._recent() if since <= one.received_at <= until]
        courses = await asyncio.to_thread(bay_courses, _joined(found, recent))
        if turn != self._turn or self._told.is_deleted:
            return
        self._courses, self._span = courses, (since, until)
        none = screen.say("history.failed", why=fault) if fault else screen.say("stock.bays_none")
        self._told.say("" if courses else none)
        for part in (self._bars, self._cursor, self._lay):
            set_classes(part, hidden=not courses)
        self._draw()
        self._show(until)

    async def _archived(self, since: float, until: float) -> list[Message]:
        """The last message of before the range, and those in it."""
        topic, history = catalogue.address("ccu_state_stock"), history_of(self._screen)
        asked = MessageQuestion(
            topic, until_ms=round(until * 1000) + 1, limit=MOST_MESSAGES, newest_first=True
        )
        # One day more: what lay there at the beginning was told before it.
        asked = asked._replace(since_ms=round((since - DAY_S) * 1000))
        found, _ = await answer(lambda: find_messages(history, asked))
        return found[::-1]

    async def _recent(self) -> list[Message]:
        """What the archive may not have yet, oldest first."""
        bus, topic = self._screen.bus, catalogue.address("ccu_state_stock")
        kept = [one for one in self._screen.model.journal.newest() if one.topic == topic][::-1]
        if bus is None:
            return kept
        try:
            return await bus.newest(topic, RECENT_STOCKS)
        except StoreError:
            return kept

    def _draw(self) -> None:
        self._bars.clear()
        say, (since, until) = self._screen.say, self._span
        high = BAR_HEIGHT * len(self._courses)
        with self._bars, sheet("bay-sheet", BAR_WIDTH, high) as paper:
            for row, (bay, course) in enumerate(self._courses.items()):
                y = row * BAR_HEIGHT
                words("trend-word", (0, y + 12), bay)
                ends = [*(one.at for one in course[1:]), until]
                for one, end in zip(course, ends, strict=True):
                    if one.colour is not None and end > since:
                        self._bar(one, max(one.at, since), end, y)
        attribute(paper, "role", "img")
        attribute(paper, "aria-label", say("stock.bays_drawn", count=len(self._courses)))

    def _bar(self, one: BayStretch, begin: float, end: float, y: float) -> None:
        x, width = self._place(begin), self._place(end) - self._place(begin)
        colour = f"bay-bar piece-{(one.colour or '').lower()}"
        with shape("rect", colour, x=x, y=y + 2, width=max(1.0, width), height=BAR_HEIGHT - 4):
            text(f"{self._words(one)} · {self._screen.when(one.at)}", "", "title")

    def _place(self, at: float) -> float:
        since, until = self._span
        share = (at - since) / max(1.0, until - since)
        return NAME_WIDTH + min(max(share, 0.0), 1.0) * (BAR_WIDTH - NAME_WIDTH)

    def _moved(self, event: GenericEventArguments) -> None:
        told = event.args if isinstance(event.args, int | float) else CURSOR_STEPS
        share = min(max(told / CURSOR_STEPS, 0.0), 1.0)
        since, until = self._span
        self._show(since + share * (until - since))

    def _show(self, at: float) -> None:
        """Say what lay in each bay at a moment."""
        screen = self._screen
        self._at.say(screen.when(at) if self._courses else "")
        self._then.lead("stock", at if self._courses else None)
        self._lay.clear()
        with self._lay:
            for bay, course in self._courses.items():
                with div("row"):
                    text(bay, "bay-name")
                    lay = lay_in(course, at)
                    text(self._words(lay) if lay else screen.say("unknown"), "dim")

    def _words(self, one: BayStretch) -> str:
        say = self._screen.say
        words = stock_view.piece_words((one.colour, one.workpiece_id), say)
        state = say.known("stock.state", one.state) if one.colour and one.state else ""
        return " · ".join(part for part in (words, state) if part)


def _joined(archived: Iterable[Message], recent: Iterable[Message]) -> list[Message]:
    """Both in the order of their ids, each message once."""
    found = {one.id: one for one in (*archived, *recent)}
    return [found[name] for name in sorted(found, key=StreamId.parse)]
