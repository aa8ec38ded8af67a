"""The trend of one tile: from the archive, and what came since the archive was last written."""

import json
from collections.abc import Callable, Sequence

from nicegui import background_tasks, ui

from omf.constants import DAY_S, HOUR_S
from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from omf.state.limit_watch import values_at
from omf.topics import catalogue
from services.common.store.bus import StoreError
from services.common.store.keys import JOURNAL
from services.history import field_search
from services.history.field_search import FieldColumn, FieldName, FieldQuestion
from services.history.questions import QuestionError
from services.ui.live.archive_questions import answer, history_of
from services.ui.live.screen import Screen
from services.ui.views import history_query, sensor_tiles, urls
from services.ui.views.history_query import HistoryQuestion
from services.ui.views.sensor_tiles import ShownTile
from services.ui.widgets.elements import attribute, div, link, set_classes, text
from services.ui.widgets.range_chart import COLUMNS, ChartBand, RangeChart, range_chart

TREND_RANGES = ("1h", "24h", "7d", "30d")
"""The first is what a page shows that was asked nothing."""
_SPANS_S = {"1h": HOUR_S, "24h": DAY_S, "7d": 7 * DAY_S, "30d": 30 * DAY_S}
RECENT = 400
"""Messages of the topic that the archive may not have yet: it is written once a minute."""


class SensorTrend:
    """Draws the chosen tile over the chosen range; a drag narrows it, a click opens a message."""

    def __init__(self, screen: Screen, chosen: str, on_range: Callable[[str], None]) -> None:
        self._screen, self._on_range = screen, on_range
        self._range = chosen
        self._shown: ShownTile | None = None
        self._turn = 0
        say = screen.say
        self._title = text("", "sensor-name").mark("trend-title")
        with div("row wraps").props(f'role=group aria-label="{say("history.ranges")}"'):
            self._buttons = {one: self._button(one) for one in TREND_RANGES}
            self._history = link(say("sensors.in_history"), "", "way-in")
        self._told = text("", "hint").props("role=status").mark("trend-told")
        self._holder = div("chart-holder")
        self._mark()

    def _button(self, one: str) -> ui.element:
        button = text(self._screen.say(f"history.range.{one}"), "act small", "button")
        return button.on("click", lambda: self._take(one)).mark(f"range-{one}")

    def _take(self, one: str) -> None:
        self._range = one
        self._on_range(one)
        self._mark()
        self.show(self._shown)

    def _mark(self) -> None:
        for name, button in self._buttons.items():
            set_classes(button, main_act=name == self._range)
            attribute(button, "aria-pressed", str(name == self._range).lower())

    def show(self, shown: ShownTile | None) -> None:
        """Draw this one over the range that is chosen."""
        self._shown = shown
        until = self._screen.past or self._screen.model.now
        self._ask(until - _SPANS_S[self._range], until)

    def _ask(self, since: float, until: float) -> None:
        self._turn += 1
        screen, shown = self._screen, self._shown
        self._title.say(sensor_tiles.title(screen, shown) if shown else "")
        set_classes(self._history, hidden=shown is None or not shown.topic)
        if shown is None or not shown.topic:
            self._end(self._turn, screen.say("sensors.no_trend"))
            return
        field = FieldName(shown.topic, shown.tile.path)
        asked = HistoryQuestion(show="chart", fields=(field,), since=self._range)
        attribute(self._history, "href", screen.path(f"history{history_query.query(asked)}"))
        self._told.say(screen.say("history.waiting"))
        span = round(since * 1000), round(until * 1000) + 1
        background_tasks.create(self._work(self._turn, shown, field, span), name="sensor trend")

    async def _work(
        self, turn: int, shown: ShownTile, field: FieldName, span: tuple[int, int]
    ) -> None:
        fault = ""
        try:
            asked = FieldQuestion((field,), *span, COLUMNS)
            archive = history_of(self._screen)
            columns = (await answer(lambda: field_search.series(archive, asked)))[field]
        except QuestionError as error:
            columns, fault = [], str(error)
        behind = max((one.last_ms for one in columns), default=span[0])
        columns = [*columns, *_columns(await self._recent(shown), shown, behind, span[1])]
        if turn != self._turn or self._told.is_deleted:
            return
        if not columns:
            say = self._screen.say
            self._end(turn, say("history.failed", why=fault) if fault else say("sensors.no_trend"))
            return
        self._draw(shown, columns, span)

    async def _recent(self, shown: ShownTile) -> list[Message]:
        """The newest messages of the topic, oldest first."""
        bus, entry = self._screen.bus, catalogue.of(shown.topic)
        kept = self._screen.model.journal.newest()
        recent = [one for one in kept if one.topic == shown.topic][::-1]
        if bus is None:
            return recent
        try:
            found = await bus.newest(entry.pattern if entry else JOURNAL, RECENT)
        except StoreError:
            return recent
        return [one for one in found if one.topic == shown.topic]

    def _draw(self, shown: ShownTile, columns: list[FieldColumn], span: tuple[int, int]) -> None:
        screen = self._screen
        self._holder.clear()
        with self._holder:
            band = ChartBand(sensor_tiles.title(screen, shown), columns)
            chart = RangeChart(*span, [band])
            range_chart(screen, chart, self._zoom, self._open)
        since, until = (screen.when(one / 1000) for one in span)
        self._told.say(screen.say("sensors.drawn", since=since, until=until))

    def _zoom(self, since_ms: int, until_ms: int) -> None:
        self._ask(since_ms / 1000, until_ms / 1000)

    def _open(self, message_id: str) -> None:
        ui.navigate.to(urls.to_kept_message(self._screen, message_id))

    def _end(self, turn: int, words: str) -> None:
        if turn == self._turn and not self._told.is_deleted:
            self._holder.clear()
            self._told.say(words)


def _columns(
    messages: Sequence[Message], shown: ShownTile, behind_ms: int, until_ms: int
) -> list[FieldColumn]:
    """Each message behind a time as a column of its own."""
    found: list[FieldColumn] = []
    for message in messages:
        at = round(message.received_at * 1000)
        if not behind_ms < at < until_ms or message.retain:
            continue
        try:
            value = next(values_at(json.loads(message.payload), shown.tile.steps), None)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, int | float | str):
            found.append(_column(len(found), at, value, str(StreamId.parse(message.id))))
    return found


def _column(place: int, at: int, value: float | str, message_id: str) -> FieldColumn:
    if isinstance(value, str):
        nothing = (None,) * 6
        return FieldColumn(place, 1, at, at, *nothing, message_id, value, 1)
    number = float(value)
    ends = (number, message_id, number, message_id, number, number)
    return FieldColumn(place, 1, at, at, *ends, message_id, None, 0)
