"""The list of messages: newest on top, still while somebody reads, and no row it showed is lost."""

from collections.abc import Awaitable, Callable, Sequence

from omf.message import Message
from services.common.bus import StoreError
from services.ui import archive, formats, message_rows
from services.ui.found import Found
from services.ui.parts.build import box, mark, text
from services.ui.parts.message_columns import message_columns
from services.ui.parts.table import Row, Table
from services.ui.screen import Screen
from services.ui.selection import Selection

KEEP_ROWS = 500
ROWS_A_TURN = 60
"""No eye reads three hundred lines a second; how many are not listed stands where they would."""
OLDER_ROWS = 200
GAP = "gap:"
"""Begins the id of a row for what is not listed; the id of the message above it follows."""
BY_KEYBOARD = "event => event.target.matches(':focus-visible') && emit()"
AWAY = "event => event.currentTarget.contains(event.relatedTarget) || emit()"
"""A click gives a row the focus as well; its reader has gone when the mouse has."""


class MessageFeed:
    """The rows of one look. While it is held new messages wait; then they are put on top."""

    def __init__(self, screen: Screen, selection: Selection) -> None:
        self._screen = screen
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
        with box("hold").mark("hold") as holder:
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
        holder.props(f'aria-label="{say("messages.list")}"')
        self._wrong = text("", "hint wrong hidden").mark("feed-wrong")
        self._more = text(say("messages.older"), "act small older", "button")
        self._more.on("click", self.read_older).mark("older").props("data-older")
        self.draw()

    def look_at(self, selection: Selection) -> None:
        """Show another look instead."""
        self._begin(selection)
        self.table.replace(self._newest())
        self.complain("")
        self.draw()

    def _begin(self, selection: Selection) -> None:
        self._selection = selection
        self.found = Found(self._screen.model.journal, selection)
        self.waiting = self._older = 0
        self._before: str | None = None
        """The id before which older messages are to be looked for; None: there are none."""

    def _newest(self) -> list[Row]:
        self.found.take()
        shown = self.found.newest(KEEP_ROWS)
        # Below the last row shown, or below all that is at hand.
        oldest = self._screen.model.journal.oldest
        more = len(self.found) > len(shown)
        self._before = shown[-1].id if more else oldest.id if oldest else None
        return self._rows(shown)

    def _rows(self, messages: Sequence[Message]) -> list[Row]:
        visitor, now = self._screen.visitor, self._screen.model.now
        return [message_rows.row(m, visitor, now) for m in messages]

    def _gap(self, above: str, count: int) -> Row:
        """Stands where messages are not listed; a click lists them."""
        say = self._screen.say
        words = say("messages.gap", count=formats.number(count, say.language))
        told = {"topic": words, "excerpt": say("messages.read_gap"), "picture": ""}
        return {"id": f"{GAP}{above}", "gap": count, **told}

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
        taken = self.found.take()
        if self.held:
            self.waiting += len(taken)
        elif taken:
            self._put(taken[:ROWS_A_TURN], len(taken))
        self.draw()

    def catch_up(self) -> None:
        """Put what waited on top of what is listed."""
        came, self.waiting = self.waiting, 0
        if came:
            self._put(self.found.newest(min(came, KEEP_ROWS)), came)
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
            rows.append(self._gap(newest[-1].id, came - len(rows)))
        if self.table.put_on_top(rows, keep=KEEP_ROWS + self._older):
            last = self.table.keys[-1]
            self._before = last.removeprefix(GAP)
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
            rows.append(self._gap(page.before, left))
        self._older += len(page.messages)
        self.table.put_in_place(gap, rows)
        self.draw()

    def _count(self, gap: str) -> int:
        row = self.table.row(gap)
        return int(row["gap"] or 0) if row else 0

    async def read_older(self) -> None:
        """Read on in the buffer of the bus, a piece at a time, and show what fits below."""
        before, self._before = self._before, None
        if before is None:
            return
        look = self._selection
        page = await self._read(before, OLDER_ROWS)
        if look is not self._selection or self._more.is_deleted:
            return
        self._before = page.before if page else before
        if page:
            self._older += len(page.messages)
            self.table.put_below(self._rows(page.messages))
        self.draw()

    async def _read(self, before: str, wanted: int) -> archive.Page | None:
        """None when the store is away, which is said."""
        try:
            page = await archive.older(self._screen.desk, self._selection, before, wanted)
        except StoreError:
            self.complain(self._screen.say("empty.buffer_unreadable"))
            return None
        self.complain("")
        return page

    def complain(self, words: str) -> None:
        """Say what went wrong until something goes well; nothing if it is empty."""
        if self._wrong.is_deleted:
            return
        self._wrong.say(words)
        mark(self._wrong, hidden=not words)

    def draw(self) -> None:
        """Keep the way to older messages and the reason of an empty list true."""
        self.table.empty.say(self._why_empty())
        mark(self._more, hidden=self._before is None)
        self._on_draw()

    def _why_empty(self) -> str:
        model, say = self._screen.model, self._screen.say
        if model.store.readable is False:
            return say("empty.buffer_unreadable")
        if not len(model.journal):
            return say("empty.buffer", filter=", ".join(self._selection.filters[:2]))
        return say("empty.filter", total=formats.number(len(model.journal), say.language))
