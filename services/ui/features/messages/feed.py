"""The list of messages: newest on top, still while somebody reads, and no row it showed is lost."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from nicegui import background_tasks

from omf.messages.message import Message
from omf.topics.filters import TopicError
from services.common.process import clock
from services.common.store.bus import StoreError
from services.ui.features.messages.message_search import Search
from services.ui.features.messages.search_status import SearchStatus
from services.ui.live import message_history
from services.ui.live.message_filter import MessageFilter
from services.ui.live.screen import Screen
from services.ui.types import Row
from services.ui.views import message_rows
from services.ui.views.message_rows import GAP, gap_row
from services.ui.widgets.elements import div
from services.ui.widgets.message_columns import message_columns
from services.ui.widgets.table import Table

KEEP_ROWS = 500
ROWS_A_TURN = 60
"""No eye reads three hundred lines a second; how many are not listed stands where they would."""
OLDER_ROWS = 200
FIRST_ROWS = 100
"""A short list is filled up from the store without being asked."""
DRAW_EVERY_S = 0.25
RETRY_S = 2.0
BY_KEYBOARD = "event => event.target.matches(':focus-visible') && emit()"
AWAY = "event => event.currentTarget.contains(event.relatedTarget) || emit()"
"""A click gives a row the focus as well; its reader has gone when the mouse has."""
NEAR_THE_END = """event => {
  const list = document.querySelector(".hold .ag-body-viewport");
  if (list && list.scrollTop + list.clientHeight > list.scrollHeight - 150) emit();
}"""
"""Whoever has scrolled to the end wants what comes after it."""


class MessageFeed:
    """The rows of one look. While it is held new messages wait; then they are put on top."""

    def __init__(self, screen: Screen, selection: MessageFilter) -> None:
        self._screen = screen
        self._own = screen.model.commands.publishes
        self.waiting = 0
        self.paused = self.reading = False
        """`paused` by a person's wish, `reading` while one of its messages is open."""
        self._hovered = self._focused = False
        self._begin(selection)

    def build(self, on_pick: Callable[[str], Awaitable[None]], on_draw: Callable[[], None]) -> None:
        """The list, and below it what is wrong and the way to older messages.

        `on_pick` gets the id of a message, `on_draw` runs whenever the figures may have changed.
        """
        self._on_pick, self._on_draw = on_pick, on_draw
        say = self._screen.say
        with div("hold").mark("hold") as holder:
            holder.on("mouseenter", lambda: self._hold(hovered=True))
            holder.on("mouseleave", lambda: self._hold(hovered=False))
            holder.on("focusin", lambda: self._hold(focused=True), js_handler=BY_KEYBOARD)
            holder.on("focusout", lambda: self._hold(focused=False), js_handler=AWAY)
            self.table = Table(
                message_columns(self._screen),
                self._newest(),
                empty="",
                row_classes={"gap": "data.gap > 0"},
                on_pick=self._pick,
            )
            self.table.grid.on("bodyScrollEnd", self.read_older, js_handler=NEAR_THE_END)
        holder.props(f'role=region aria-label="{say("messages.list")}"')
        self.status = SearchStatus(self._screen, self.read_older, self._turn_search)
        self._go_on()
        self.draw()

    def look_at(self, selection: MessageFilter) -> None:
        """Show another look instead."""
        self._begin(selection)
        self.table.replace(self._newest())
        self.status.complain("")
        self._go_on()
        self.draw()

    def _begin(self, selection: MessageFilter) -> None:
        self._selection = selection
        self.search = Search(self._screen.model, self._screen.bus, selection)
        self._waiting: deque[Message] = deque(maxlen=KEEP_ROWS)
        self.waiting = self._older = 0
        self._filling, self._loading = True, False
        """`_filling` while what the search finds is listed, as well as counted."""
        self._before: str | None = None
        """The id before which older messages are to be looked for; None: there are none."""

    def _newest(self) -> list[Row]:
        found = self.search.at_hand(KEEP_ROWS)
        if len(found) == KEEP_ROWS:
            self._filling, self._before = False, found[-1].id
        return self._rows(found)

    def _go_on(self) -> None:
        background_tasks.create(self._run(self.search), name="message search")

    async def _run(self, search: Search) -> None:
        """Search on to the beginning of what is kept; a store that is away is waited for."""
        while True:
            try:
                await self._follow(search)
            except StoreError:
                search.stage = "away"
                self.status.away(gone=True)
            except TopicError as error:
                search.stage = "done"
                self.status.complain(self._screen.say.either(error))
            if not self._current(search):
                return
            self.draw()
            if search.stage != "away":
                break
            await asyncio.sleep(RETRY_S)
        more = search.selection.widest and search.found > self.listed + self.waiting
        if self._filling and more:
            self._filling, self._before = False, search.before
            if self.listed < FIRST_ROWS:
                await self.read_older()

    async def _follow(self, search: Search) -> None:
        drawn = 0.0
        async for found in search.pieces():
            if not self._current(search):
                return
            self.status.away(gone=False)
            self._list_older(found)
            if clock.monotonic() - drawn > DRAW_EVERY_S:
                drawn = clock.monotonic()
                self.draw()

    def _current(self, search: Search) -> bool:
        return search is self.search and not self.status.gone

    def _list_older(self, found: Sequence[Message]) -> None:
        """What the search found below all others, until the list is long enough."""
        if not (self._filling and found):
            return
        room = max(0, KEEP_ROWS - self.listed)
        self.table.put_below(self._rows(found[:room]))
        if len(found) >= room:
            self._filling = False
            self._before = self.table.keys[-1].removeprefix(GAP)

    def _turn_search(self) -> None:
        """Stop the search, or let it go on where it was stopped."""
        if self.search.stage == "stopped":
            self._go_on()
        else:
            self.search.stop()
        self.draw()

    def _rows(self, messages: Sequence[Message]) -> list[Row]:
        user, model = self._screen.user, self._screen.model
        known = (user, model.now, self._own, model.factory)
        return [message_rows.row(m, *known) for m in messages]

    @property
    def held(self) -> bool:
        """True while no row may move."""
        return self._hovered or self._focused or self.paused or self.reading

    @property
    def listed(self) -> int:
        """How many messages the list holds."""
        return sum(not key.startswith(GAP) for key in self.table.keys)

    def news(self) -> None:
        """Take what came; it is listed at once unless the list is held."""
        taken = self.search.take()
        if self.search.missed and not self.held:
            self.look_at(self._selection)
            return
        if self.held:
            self.waiting += len(taken)
            self._waiting.extendleft(reversed(taken))
        elif taken:
            self._put(taken[:ROWS_A_TURN], len(taken))
        self.draw()

    def catch_up(self) -> None:
        """Put what waited on top of what is listed."""
        came, self.waiting = self.waiting, 0
        if came:
            self._put(list(self._waiting), came)
        self._waiting.clear()
        self.draw()

    def let_go(self) -> None:
        """A message is read no more: go on, unless somebody paused or points at a row."""
        self.reading = False
        if not (self.paused or self._hovered):
            self.catch_up()

    def pause(self, *, wanted: bool) -> None:
        """Hold the list until told otherwise, or go on."""
        self.paused = wanted
        if not wanted:
            self.catch_up()
        self.draw()

    def _put(self, newest: Sequence[Message], came: int) -> None:
        rows = self._rows(newest)
        if rows and came > len(rows):
            rows.append(gap_row(newest[-1].id, came - len(rows), self._screen.say))
        if self.table.put_on_top(rows, keep=KEEP_ROWS + self._older):
            last = self.table.keys[-1]
            self._filling, self._before = False, last.removeprefix(GAP)
            if last.startswith(GAP):
                # What it stands for is the first that "older" reads.
                self.table.put_in_place(last, ())

    def _hold(self, *, hovered: bool | None = None, focused: bool | None = None) -> None:
        self._hovered = self._hovered if hovered is None else hovered
        self._focused = self._focused if focused is None else focused
        if not self.held:
            self.catch_up()

    async def _pick(self, row_id: str) -> None:
        if row_id.startswith(GAP):
            await self._fill(row_id)
        else:
            await self._on_pick(row_id)

    async def _fill(self, gap: str) -> None:
        """List what a row stands for, the newest of it first."""
        count = self._count(gap)
        page = await self._read(gap.removeprefix(GAP), min(count, OLDER_ROWS)) if count else None
        if page is None or self._count(gap) != count:
            return
        rows, left = self._rows(page.messages), count - len(page.messages)
        if left > 0 and page.before is not None:
            rows.append(gap_row(page.before, left, self._screen.say))
        self._older += len(page.messages)
        self.table.put_in_place(gap, rows)
        self.draw()

    def _count(self, gap: str) -> int:
        row = self.table.row(gap)
        return int(row["gap"] or 0) if row else 0

    async def read_older(self) -> None:
        """Read on in the store and show what fits below: by scrolling, or by a press."""
        look = self._selection
        if self._before is None or self._loading:
            return
        self._loading = True
        self.draw()
        while (before := self._before) is not None:
            page = await self._read(before, OLDER_ROWS)
            if look is not self._selection or self.status.gone:
                return
            if page is None or (self._before == before and self._put_below(page)):
                break
        self._loading = False
        self.draw()

    def _put_below(self, page: message_history.HistoryPage) -> bool:
        """True if there was anything on the page."""
        self._before = page.before
        self._older += len(page.messages)
        self.table.put_below(self._rows(page.messages))
        return bool(page.messages)

    async def _read(self, before: str, wanted: int) -> message_history.HistoryPage | None:
        """None when the store is away, which is said."""
        bus, look = self._screen.bus, self._selection
        if bus is None:
            return message_history.HistoryPage([], None)
        try:
            page = await message_history.older(bus, look, before, wanted, self._own.of)
        except StoreError:
            self.status.away(gone=True)
            return None
        self.status.away(gone=False)
        return page

    def draw(self) -> None:
        """Keep the way to older messages and the reason of an empty list true."""
        self.table.empty.say(self.status.why_empty(self.search))
        self.status.draw(
            self.search,
            more=self._before is not None,
            loading=self._loading,
            listed=self.listed,
        )
        self._on_draw()
