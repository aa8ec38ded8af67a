"""Message centre: every message, filtered as a person likes, on a list that holds still."""

from collections import deque
from dataclasses import replace
from functools import partial

from nicegui import ui

from omf.message import Message
from omf.topics import TopicError
from services.ui import formats, looks, message_rows
from services.ui.journal import EVERYTHING, WAYS, Selection, Way
from services.ui.page import Address, Page
from services.ui.parts.build import Text, attribute, box, link, mark, panel, text
from services.ui.parts.message_detail import Detail
from services.ui.parts.table import Row, Table, column
from services.ui.screen import Screen

KEEP_ROWS = 500
ROWS_A_TURN = 60
"""No eye reads three hundred lines a second; the rest is in the buffer and shown on a pause."""


def build(screen: Screen, address: Address) -> None:
    """Fill the page with the look that the address asks for, newest on top.

    `message` in the address opens that message at once.
    """
    centre = MessageCentre(screen, looks.read(address))
    centre.build()
    centre.open(address.get("message", ""))


class MessageCentre:
    """The state of one person's look at the messages."""

    def __init__(self, screen: Screen, selection: Selection) -> None:
        self._screen = screen
        self._selection = selection
        self._seen = screen.model.journal.total
        self._places: deque[int] = deque()
        self._way_marks: dict[Way, Text] = {}
        self._waiting = 0
        self._hovered = False
        self._paused = False

    def build(self) -> None:
        """Bar, list and detail."""
        say = self._screen.say
        with box("messages"):
            with panel(say("page.messages"), "fill"):
                self._bar()
                self._list()
            self._detail = Detail(self._screen, on_close=self._resume)
        self._screen.live(self._news)

    def _bar(self) -> None:
        say, selection = self._screen.say, self._selection
        with box("message-bar"):
            with box("priority"):
                self._class_name = text("", "priority-name")
                slider = ui.slider(min=1, max=EVERYTHING, step=1, value=selection.priority)
                slider.props(f'aria-label="{say("messages.priority")}" snap markers color=grey-7')
                slider.on_value_change(lambda event: self._choose(priority=int(event.value)))
            self._topic = self._entry("messages.topic", selection.topic_filter, self._set_topic)
            self._text = self._entry("messages.text", selection.text, self._set_text)
            self._text.props("data-search")
            self._pause = text(say("messages.pause"), "act", "button").on("click", self._toggle)
            self._fresh = text("", "act hidden", "button").on("click", self._resume)
        self._hint = text("", "hint wrong hidden")
        with box("row"):
            self._counts = text("", "hint grow")
            self._ways()
            self._export = link(say("messages.export"), "", "act small").props("download")

    def _ways(self) -> None:
        with box("choice"):
            for way in WAYS:
                entry = text(self._screen.say(f"messages.way.{way}"), "", "button")
                entry.on("click", partial(self._choose, way=way))
                self._way_marks[way] = entry

    def _entry(self, key: str, value: str, change: object) -> ui.input:
        field = ui.input(placeholder=self._screen.say(key), value=value).classes("field")
        field.props(f'dense outlined square debounce=400 aria-label="{self._screen.say(key)}"')
        field.on_value_change(change)  # type: ignore[arg-type] # handlers take the event
        return field

    def _list(self) -> None:
        say = self._screen.say
        rows = self._find()
        with box("hold").on("mouseenter", self._enter).on("mouseleave", self._leave) as holder:
            self._table = Table(_columns(self._screen), rows, empty="", on_pick=self.open)
        holder.props(f'aria-label="{say("messages.list")}"')
        self._explain()

    def _find(self) -> list[Row]:
        """The newest rows of the selection, and the counts beside them."""
        self._places.clear()
        self._seen = self._screen.model.journal.first
        wanted = self._take()
        self._waiting = 0
        return [message_rows.row(m, self._screen.visitor) for m in wanted[:KEEP_ROWS]]

    def _take(self) -> list[Message]:
        """What came since the last look and is wanted, newest first; its places are noted."""
        journal = self._screen.model.journal
        fresh, self._seen = journal.total - self._seen, journal.total
        places = enumerate(journal.newest(fresh), 1)
        found = [(journal.total - n, m) for n, m in places if self._selection.takes(m)]
        self._places.extend(place for place, _ in reversed(found))
        while self._places and self._places[0] < journal.first:
            self._places.popleft()
        return [message for _, message in found]

    def _news(self) -> None:
        taken = self._take()
        if self._still:
            self._waiting += len(taken)
        elif taken:
            shown = [message_rows.row(m, self._screen.visitor) for m in taken[:ROWS_A_TURN]]
            self._table.put_on_top(shown, keep=KEEP_ROWS)
        self._explain()

    @property
    def _still(self) -> bool:
        return self._hovered or self._paused or self._detail.open

    def _explain(self) -> None:
        say, language = self._screen.say, self._screen.visitor.language
        journal = self._screen.model.journal
        name = message_rows.class_name(self._selection.priority, language)
        self._class_name.say(say("messages.class", number=self._selection.priority, name=name))
        self._counts.say(
            say(
                "messages.counts",
                matched=formats.number(len(self._places), language),
                total=formats.number(len(journal), language),
                rate=formats.number(journal.rate(self._screen.model.now), language, 1),
                topics=formats.number(len(self._screen.model.factory.traffic.topics), language),
            )
        )
        for way, entry in self._way_marks.items():
            mark(entry, current=way == self._selection.way)
        file = f"{self._screen.path('messages.jsonl')}{looks.query(self._selection)}"
        attribute(self._export, "href", file)
        self._table.empty.say(self._why_empty())
        self._fresh.say(say("messages.new", count=formats.number(self._waiting, language)))
        mark(self._fresh, hidden=not self._waiting)
        self._pause.say(say("messages.resume" if self._paused else "messages.pause"))
        mark(self._pause, main_act=self._paused)

    def _why_empty(self) -> str:
        model, say = self._screen.model, self._screen.say
        if model.store.readable is False:
            return say("empty.buffer_unreadable")
        if not len(model.journal):
            return say("empty.buffer", filter=", ".join(self._selection.filters[:2]))
        total = formats.number(len(model.journal), say.language)
        return say("empty.filter", total=total)

    def _enter(self) -> None:
        self._hovered = True

    def _leave(self) -> None:
        self._hovered = False
        if self._waiting and not self._still:
            self._reload()

    def _toggle(self) -> None:
        self._paused = not self._paused
        if not self._paused:
            self._reload()
        self._explain()

    def _resume(self) -> None:
        self._paused = False
        self._detail.close()
        self._make_room(taken=False)
        self._reload()

    def _make_room(self, *, taken: bool) -> None:
        """Beside an open message the list needs no excerpts."""
        self._table.grid.run_grid_method("setColumnsVisible", ["excerpt"], not taken)

    def open(self, message_id: str) -> None:
        """Show one message in full, if it is still at hand."""
        message = self._screen.model.journal.find(message_id)
        if message is not None:
            self._detail.show(message)
            self._make_room(taken=True)

    def _set_topic(self, event: object) -> None:
        try:
            chosen = self._selection.with_topic(getattr(event, "value", None) or "")
        except TopicError as error:
            self._complain(self._hint, self._screen.say("messages.bad_filter", why=str(error)))
            return
        self._complain(self._hint, "")
        self._choose(topic_filter=chosen.topic_filter)

    def _set_text(self, event: object) -> None:
        self._choose(text=(getattr(event, "value", None) or "").strip())

    def _complain(self, hint: Text, words: str) -> None:
        hint.say(words)
        mark(hint, hidden=not words)

    def _choose(self, **change: int | str) -> None:
        self._selection = replace(self._selection, **change)  # type: ignore[arg-type] # its own fields
        self._reload()
        query = looks.query(self._selection)
        ui.navigate.history.replace(f"{self._screen.path('messages')}{query}")

    def _reload(self) -> None:
        self._table.replace(self._find())
        self._explain()


def _columns(screen: Screen) -> list[dict[str, object]]:
    say = screen.say
    fixed = {"sortable": False}
    return [
        column("time", say("column.time"), 102, **fixed),
        column("way", say("column.way"), 34, headerTooltip=say("messages.way"), **fixed),
        column("priority", say("column.priority"), 40, **fixed),
        column(
            "topic",
            say("column.topic"),
            0,
            minWidth=170,
            cellClass="cell-mono",
            tooltipField="topic",
            **fixed,
        ),
        column(
            "excerpt",
            say("column.payload"),
            0,
            minWidth=90,
            cellClass="cell-mono cell-dim",
            **fixed,
        ),
        column("size", say("column.size"), 74, type="rightAligned", **fixed),
        column("flags", say("column.flags"), 54, headerTooltip=say("messages.flags"), **fixed),
    ]


PAGE = Page("messages", "messages", "m", build)
