"""Message centre: every message, filtered as a person likes, on a list that holds still."""

from urllib.parse import urlencode

from nicegui import background_tasks, ui

from omf.commands import KINDS
from omf.message import Message
from services.common.bus import StoreError
from services.ui import archive, formats, looks, message_rows
from services.ui.found import Found
from services.ui.page import Address, Page
from services.ui.parts.build import attribute, box, link, mark, panel, text
from services.ui.parts.command_card import CommandCard
from services.ui.parts.message_bar import MessageBar
from services.ui.parts.message_columns import message_columns
from services.ui.parts.message_detail import VIEWS, Detail
from services.ui.parts.table import Row, Table
from services.ui.parts.topic_panel import TopicPanel
from services.ui.screen import Screen
from services.ui.selection import Selection

KEEP_ROWS = 500
ROWS_A_TURN = 60
"""No eye reads three hundred lines a second; the rest is in the buffer and shown on a pause."""
OLDER_ROWS = 200
MAX_ID = 40
FREE = KINDS["free-message"]
BY_KEYBOARD = "event => event.target.matches(':focus-visible') && emit()"
AWAY = "event => event.currentTarget.contains(event.relatedTarget) || emit()"
"""A click gives a row the focus as well; its reader has gone when the mouse has."""


def build(screen: Screen, address: Address) -> None:
    """Fill the page with the look that the address asks for, newest on top.

    `message` in the address opens that message at once, `view` and `fields` show it that way.
    """
    centre = MessageCentre(screen, looks.read(address))
    centre.build()
    fields = tuple(name for name in address.get("fields", "").split(",") if name)
    centre.begin(address.get("message", ""), address.get("view", ""), fields)


class MessageCentre:
    """The state of one person's look at the messages."""

    def __init__(self, screen: Screen, selection: Selection) -> None:
        self._screen = screen
        self._selection = selection
        self._waiting = 0
        self._older = 0
        self._before: str | None = None
        """The id before which older messages are to be looked for; None: there are none."""
        self._hovered = self._focused = False
        self._paused = False
        self._card: CommandCard | None = None

    def build(self) -> None:
        """Tree, bar, list and detail."""
        say = self._screen.say
        with box("messages"):
            with panel(say("messages.topics"), "topics") as self._topics:
                self._tree = TopicPanel(self._screen, self._take_topic)
            with panel(say("page.messages"), "fill"):
                self._bar = MessageBar(self._screen, self._selection, self._choose)
                self._tools()
                self._list()
            self._detail = Detail(
                self._screen, on_close=self._resume, on_open=self.open, on_turn=self._note
            )
            self._test_area = box("test-area hidden")
        self._screen.live(self._news)
        self._screen.live(self._tree.news)

    def begin(self, message_id: str, view: str, fields: tuple[str, ...]) -> None:
        """What an address asks for beyond the look."""
        self._detail.look(view, fields)
        if (message := self._screen.model.journal.find(message_id)) is not None:
            self._show(message)
        elif message_id:
            background_tasks.create(self._open_later(message_id), name="open message")
        if self._selection.since is not None or self._selection.until is not None:
            background_tasks.create(self._read_older(), name="older messages")

    def _tools(self) -> None:
        say, visitor = self._screen.say, self._screen.visitor
        with box("row tools"):
            self._counts = text("", "hint grow cut")
            self._pause = text(say("messages.pause"), "act small", "button")
            self._pause.on("click", self._toggle).props("data-pause")
            self._fresh = text("", "act small hidden", "button").on("click", self._resume)
            self._bar.ways()
            self._clear = link(say("messages.clear"), self._screen.path("messages"), "act small")
            self._jsonl = link(say("messages.jsonl"), "", "act small").props("download")
            self._csv = link(say("messages.csv"), "", "act small").props("download=messages.csv")
            if visitor.may(FREE.role):
                test = text(say("messages.test"), "act small", "button").mark("test-area")
                test.on("click", self._test)

    def _list(self) -> None:
        say = self._screen.say
        rows = self._find()
        with box("hold").on("mouseenter", self._enter).on("mouseleave", self._leave) as holder:
            holder.on("focusin", self._come, js_handler=BY_KEYBOARD)
            holder.on("focusout", self._go, js_handler=AWAY)
            self._table = Table(message_columns(self._screen), rows, empty="", on_pick=self.open)
        holder.props(f'aria-label="{say("messages.list")}"')
        self._gone = text("", "hint wrong hidden")
        self._more = text("", "act small older", "button").on("click", self._read_older)
        self._more.mark("older").props("data-older")
        self._explain()

    def _find(self) -> list[Row]:
        """The newest rows of the selection, and the counts beside them."""
        self._found = Found(self._screen.model.journal, self._selection)
        return self._again()

    def _again(self) -> list[Row]:
        """The newest rows of the same selection; which of the older messages it takes is known."""
        self._found.take()
        self._waiting = self._older = 0
        shown = self._found.newest(KEEP_ROWS)
        # Below the last row shown, or below all that is at hand.
        oldest = self._screen.model.journal.oldest
        more = len(self._found) > len(shown)
        self._before = shown[-1].id if more else oldest.id if oldest else None
        return [message_rows.row(m, self._screen.visitor) for m in shown]

    def _news(self) -> None:
        if self._card is not None and self._card.open:
            self._card.draw()
        taken = self._found.take()
        if self._still:
            self._waiting += len(taken)
        elif taken:
            shown = [message_rows.row(m, self._screen.visitor) for m in taken[:ROWS_A_TURN]]
            self._table.put_on_top(shown, keep=KEEP_ROWS + self._older)
        self._explain()

    @property
    def _still(self) -> bool:
        return self._hovered or self._focused or self._paused or self._detail.open

    def _explain(self) -> None:
        say, language = self._screen.say, self._screen.visitor.language
        journal = self._screen.model.journal
        older = say("messages.and_older", count=formats.number(self._older, language))
        counts = say(
            "messages.counts",
            matched=formats.number(len(self._found), language),
            total=formats.number(len(journal), language),
            rate=formats.number(journal.rate(self._screen.model.now), language, 1),
            topics=formats.number(len(self._screen.model.factory.traffic.topics), language),
        )
        self._counts.say(f"{counts}{older if self._older else ''}")
        self._show_buttons()

    def _show_buttons(self) -> None:
        say, language = self._screen.say, self._screen.visitor.language
        query = looks.query(self._selection)
        for entry, name in ((self._jsonl, "messages.jsonl"), (self._csv, "messages.csv")):
            attribute(entry, "href", f"{self._screen.path(name)}{query}")
        mark(self._clear, hidden=not query)
        self._table.empty.say(self._why_empty())
        self._fresh.say(say("messages.new", count=formats.number(self._waiting, language)))
        mark(self._fresh, hidden=not self._waiting)
        self._pause.say(say("messages.resume" if self._paused else "messages.pause"))
        mark(self._pause, main_act=self._paused)
        self._more.say(say("messages.older"))
        mark(self._more, hidden=self._before is None)

    def _why_empty(self) -> str:
        model, say = self._screen.model, self._screen.say
        if model.store.readable is False:
            return say("empty.buffer_unreadable")
        if not len(model.journal):
            return say("empty.buffer", filter=", ".join(self._selection.filters[:2]))
        total = formats.number(len(model.journal), say.language)
        return say("empty.filter", total=total)

    async def _read_older(self) -> None:
        """Read on in the buffer of the bus, a piece at a time, and show what fits below."""
        before, look = self._before, self._selection
        if before is None:
            return
        self._before = None
        try:
            page = await archive.older(self._screen.desk, look, before, OLDER_ROWS)
        except StoreError:
            self._before = before
            self._more.say(self._screen.say("empty.buffer_unreadable"))
            return
        if look is not self._selection or self._more.is_deleted:
            return
        self._before = page.before
        self._older += len(page.messages)
        rows = [message_rows.row(m, self._screen.visitor) for m in page.messages]
        self._table.put_below(rows)
        self._explain()

    def _enter(self) -> None:
        self._hovered = True

    def _leave(self) -> None:
        self._hovered = False
        if self._waiting and not self._still:
            self._catch_up()

    def _come(self) -> None:
        self._focused = True

    def _go(self) -> None:
        self._focused = False
        if self._waiting and not self._still:
            self._catch_up()

    def _toggle(self) -> None:
        self._paused = not self._paused
        if not self._paused:
            self._catch_up()
        self._explain()

    def _resume(self) -> None:
        self._paused = False
        self._detail.close()
        self._make_room(taken=False)
        self._catch_up()
        self._note()

    def _make_room(self, *, taken: bool) -> None:
        """Beside an open message the list needs neither excerpts nor the tree."""
        mark(self._topics, hidden=taken)
        self._table.grid.run_grid_method("setColumnsVisible", ["excerpt"], not taken)

    async def open(self, message_id: str) -> None:
        """Show one message in full, from what is at hand or from the buffer; say if it is gone."""
        message = self._screen.model.journal.find(message_id)
        try:
            message = message or await archive.message(self._screen.desk, message_id)
        except (StoreError, ValueError):
            message = None
        if message is None:
            self._gone.say(self._screen.say("messages.gone", id=message_id[:MAX_ID]))
            mark(self._gone, hidden=False)
            return
        self._show(message)
        self._note()

    async def _open_later(self, message_id: str) -> None:
        """Outside a click there is no page at hand whose address could be kept true."""
        with self._topics:
            await self.open(message_id)

    def _show(self, message: Message) -> None:
        self._detail.show(message)
        self._make_room(taken=True)

    def _note(self) -> None:
        """Keep the address true: it leads back to this very look and message."""
        query = looks.query(self._selection)
        if (message := self._detail.message) is not None:
            view = {} if self._detail.view == VIEWS[0] else {"view": self._detail.view}
            fields = {"fields": ",".join(self._detail.fields)} if "chart" in view.values() else {}
            opened = urlencode({"message": message.id, **view, **fields})
            query = f"{query}&{opened}" if query else f"?{opened}"
        ui.navigate.history.replace(f"{self._screen.path('messages')}{query}")

    def _test(self) -> None:
        """The test area: a free message through the command card, beside the list."""
        self._test_area.clear()
        mark(self._test_area, hidden=False)
        mark(self._topics, hidden=True)
        with self._test_area:
            self._card = CommandCard(self._screen, FREE, {})

    def _take_topic(self, topic_filter: str) -> None:
        self._bar.take_topic(topic_filter)

    def _choose(self, selection: Selection) -> None:
        self._selection = selection
        self._reload()
        self._note()
        if selection.since is not None or selection.until is not None:
            background_tasks.create(self._read_older(), name="older messages")

    def _catch_up(self) -> None:
        """What came while the list held still; asking every message again would hold all up."""
        self._table.replace(self._again())
        self._explain()

    def _reload(self) -> None:
        self._table.replace(self._find())
        self._explain()


PAGE = Page("messages", "messages", "m", build)
