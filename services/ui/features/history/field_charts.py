"""Fields of the archive as charts: choose them, zoom in to the single message, read the marks."""

from collections.abc import Callable, Sequence
from typing import Any

from nicegui import background_tasks, ui

from omf.messages.printable import escaped
from services.history import field_search
from services.history.field_search import FieldName, FieldQuestion, FieldSummary, HistoryMark
from services.history.questions import QuestionError
from services.ui.live.archive_questions import answer, history_of
from services.ui.live.screen import Screen
from services.ui.views import urls
from services.ui.views.history_query import MAX_CHARTED
from services.ui.widgets.elements import div, fold, link, text
from services.ui.widgets.moment_link import MomentLink
from services.ui.widgets.range_chart import (
    COLUMNS,
    ChartBand,
    RangeChart,
    figure,
    mark_words,
    range_chart,
)

Range = tuple[int | None, int | None]
STEPS = {"in": (0.25, 0.75), "out": (-0.5, 1.5), "earlier": (-0.5, 0.5), "later": (0.5, 1.5)}
"""The next range, in shares of the present one."""
MIN_SPAN_MS = 10
WHERE_MARKS_LEAD = {
    "order": urls.to_order,
    "command": urls.to_command,
    "alarm": urls.to_alarm,
}


class FieldCharts:
    """The chooser, the drawing, and in words what the drawing shows."""

    def __init__(
        self,
        screen: Screen,
        fields: Sequence[FieldName],
        on_fields: Callable[[tuple[FieldName, ...]], None],
        on_range: Callable[[int, int], None],
        on_message: Callable[[str], Any],
    ) -> None:
        """`on_fields` gets the fields when others are chosen, `on_range` another range."""
        self._screen, self.fields = screen, tuple(fields)
        self._on_fields, self._on_range, self._on_message = on_fields, on_range, on_message
        self._known: dict[str, list[FieldSummary]] = {}
        self._range: Range = (None, None)
        self._drawn: RangeChart | None = None
        self._turn = 0
        say = screen.say
        with div("row chart-choice"):
            self._topic = self._choice("topic", self._list_paths)
            self._path = self._choice("path", self._add)
        with div("row tools"):
            for step in STEPS:
                button = text(say(f"history.zoom.{step}"), "act small", "button")
                button.on("click", lambda step=step: self._step(step)).mark(f"zoom-{step}")
            self._told = text("", "hint").props("role=status").mark("chart-told")
        self._holder = div("chart-holder")

    def _choice(self, name: str, take: Callable[[str], None]) -> ui.select:
        label = self._screen.say(f"history.choose_{name}")
        field = ui.select({}, with_input=True, label=None).classes("field grow")
        field.props(f'dense outlined square aria-label="{label}" placeholder="{label}"')
        field.mark(f"chart-{name}").on_value_change(lambda event: take(event.value or ""))
        return field

    def show(self, span: Range) -> None:
        """Draw the chosen fields over this range."""
        self._range = span
        self._turn += 1
        background_tasks.create(self._work(self._turn, span), name="history chart")

    async def _work(self, turn: int, span: Range) -> None:
        say, history = self._screen.say, history_of(self._screen)
        self._say(say("history.waiting"))
        try:
            whole = await answer(lambda: field_search.span_of(history, *span))
            if whole is None:
                self._empty(turn, say("history.no_fields"))
                return
            if self.fields:
                await self._draw(turn, whole)
            else:
                self._empty(turn, say("history.choose_first"))
            found, more = await answer(lambda: field_search.list_fields(history, *whole))
        except QuestionError as error:
            self._empty(turn, say("history.failed", why=str(error)))
            return
        if self._current(turn):
            self._list(found)
            if more:
                self._say(say("history.too_many_fields", count=len(found)))

    def _current(self, turn: int) -> bool:
        return turn == self._turn and not self._told.is_deleted

    async def _draw(self, turn: int, whole: tuple[int, int]) -> None:
        history, fields = history_of(self._screen), self.fields
        asked = FieldQuestion(fields, *whole, COLUMNS)
        found = await answer(lambda: field_search.series(history, asked))
        marks, too_long = await answer(lambda: field_search.marks(history, *whole))
        if not self._current(turn):
            return
        bands = [ChartBand(_name(name), found[name]) for name in fields]
        drawn = self._drawn = RangeChart(*whole, bands, marks)
        self._holder.clear()
        with self._holder:
            range_chart(self._screen, drawn, self._on_range, self._on_message)
            for name, band in zip(fields, bands, strict=True):
                self._in_words(name, band)
            self._marks(marks)
        when = self._screen.when
        said = {"since": when(whole[0] / 1000), "until": when(whole[1] / 1000)}
        self._say(self._screen.say("history.no_marks" if too_long else "history.drawn", **said))

    def _in_words(self, name: FieldName, band: ChartBand) -> None:
        """For whoever cannot point at a line: the messages of its extremes, and the way out."""
        say, language = self._screen.say, self._screen.user.language
        with div("row band-words"):
            text(band.name, "mono cut grow")
            numbers = [one for one in band.columns if one.low is not None and one.place >= 0]
            if numbers:
                low = min(numbers, key=lambda one: one.low or 0.0)
                high = max(numbers, key=lambda one: one.high or 0.0)
                self._to_message("lowest", figure(low.low, language), low.low_id)
                self._to_message("highest", figure(high.high, language), high.high_id)
            if band.columns:
                last = band.columns[-1]
                shown = last.text if last.last is None else figure(last.last, language)
                self._to_message("last", shown or "", last.last_id)
            gone = text(say("history.leave_out"), "act small", "button")
            gone.on("click", lambda: self._leave_out(name)).mark("leave-out")

    def _to_message(self, what: str, value: str, message_id: str | None) -> None:
        if message_id is None:
            return
        button = text(self._screen.say(f"history.{what}", value=value), "act small", "button")
        button.on("click", lambda: self._on_message(message_id)).mark(f"chart-{what}")

    def _marks(self, marks: Sequence[HistoryMark]) -> None:
        if not marks:
            return
        title = self._screen.say("history.marks", count=len(marks))
        with fold(title, "chart-marks"):
            for mark in marks:
                with div("row"):
                    target = WHERE_MARKS_LEAD[mark.kind](self._screen, mark.subject)
                    link(mark_words(self._screen, mark), target, "evidence grow")
                    MomentLink(self._screen).lead("overview", mark.at_ms / 1000)

    def _list(self, found: Sequence[FieldSummary]) -> None:
        self._known = {}
        for one in found:
            self._known.setdefault(one.topic, []).append(one)
        topics = {topic: escaped(topic) for topic in self._known}
        chosen = self._topic.value if self._topic.value in topics else None
        self._topic.set_options(topics, value=chosen)

    def _list_paths(self, topic: str) -> None:
        paths = {one.path: escaped(one.path) for one in self._known.get(topic, ())}
        self._path.set_options(paths, value=None)

    def _add(self, path: str) -> None:
        topic = self._topic.value
        if not (path and topic):
            return
        fields = dict.fromkeys((*self.fields, FieldName(topic, path)))
        self._take(tuple(fields)[-MAX_CHARTED:])

    def _leave_out(self, name: FieldName) -> None:
        self._take(tuple(one for one in self.fields if one != name))

    def _take(self, fields: tuple[FieldName, ...]) -> None:
        self.fields = fields
        self._on_fields(fields)
        self.show(self._range)

    def _step(self, step: str) -> None:
        if self._drawn is None:
            return
        since, until = self._drawn.since_ms, self._drawn.until_ms
        low, high = (since + share * (until - since) for share in STEPS[step])
        self._on_range(round(low), max(round(high), round(low) + MIN_SPAN_MS))

    def _empty(self, turn: int, words: str) -> None:
        if self._current(turn):
            self._drawn = None
            self._holder.clear()
            self._say(words)

    def _say(self, words: str) -> None:
        if not self._told.is_deleted:
            self._told.say(words)


def _name(name: FieldName) -> str:
    return f"{name.topic} {name.path}"
