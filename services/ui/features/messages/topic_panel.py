"""Beside the messages: the tree of topics, the loudest, what the broker keeps, what changed."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol
from urllib.parse import urlencode

from nicegui import ui

from omf.commands import KINDS
from services.ui.features.messages import topic_lists
from services.ui.features.messages.changed_list import ChangedList
from services.ui.features.messages.topic_tree import TopicTree
from services.ui.live.screen import Screen
from services.ui.types import Row
from services.ui.widgets.elements import attribute, div, link, set_classes, text
from services.ui.widgets.table import WHOLE, Table, column
from services.ui.widgets.tabs import Tabs

VIEWS = ("tree", "busiest", "kept", "changed")
CLEARING = KINDS["clear-retained"]
ROWS: dict[str, Callable[..., Sequence[Row]]] = {
    "busiest": topic_lists.busiest,
    "kept": topic_lists.kept,
}


class TopicView(Protocol):
    """One way to look at the topics."""

    def news(self) -> None:
        """Bring it up to date, once a second at most."""


class TopicPanel:
    """Four views of which one is drawn; a click on a topic looks at its messages."""

    def __init__(
        self,
        screen: Screen,
        on_choice: Callable[[str], None],
        on_leave_out: Callable[[str], None],
        on_open: Callable[[str], Any],
    ) -> None:
        """Each gets the topic filter of what was clicked, `on_leave_out` on second thought.

        `on_open` gets the id of a message.
        """
        self._screen = screen
        self._on_choice = on_choice
        self._on_open = on_open
        self._on_leave_out = on_leave_out
        self._chosen = ""
        names = {view: screen.say(f"topics.{view}") for view in VIEWS}
        self._tabs = Tabs(names, VIEWS[0], self._turn)
        self._bodies: dict[str, ui.element] = {}
        for view in VIEWS:
            self._bodies[view] = div("topic-view")
        self._views: dict[str, TopicView] = {}
        self._suggestions()
        self._turn(VIEWS[0])

    def _suggestions(self) -> None:
        """What else can be done with the topic that was clicked."""
        say = self._screen.say
        with div("row topic-offers hidden") as self._offered:
            self._named = text("", "mono cut grow")
            out = text(say("topics.leave_out"), "act small", "button").mark("leave-out")
            out.on("click", self._leave_out)
            self._clear = link(say("topics.clear"), "", "act small")

    def _pick(self, topic_filter: str) -> None:
        self._chosen = topic_filter
        self._draw_offers()
        self._on_choice(topic_filter)

    def _leave_out(self) -> None:
        self._on_leave_out(self._chosen)
        self._chosen = ""
        self._draw_offers()

    def _draw_offers(self) -> None:
        set_classes(self._offered, hidden=not self._chosen)
        self._named.say(self._chosen)
        query = urlencode({"kind": CLEARING.name, "topic": self._chosen})
        attribute(self._clear, "href", self._screen.path(f"steering?{query}"))
        may = self._screen.user.may(CLEARING.role)
        set_classes(self._clear, hidden=self._tabs.chosen != "kept" or not may)

    def news(self) -> None:
        """Bring the view that is looked at up to date."""
        self._views[self._tabs.chosen].news()

    def _turn(self, chosen: str) -> None:
        if chosen not in self._views:
            with self._bodies[chosen]:
                self._views[chosen] = self._made(chosen)
        for view, body in self._bodies.items():
            set_classes(body, hidden=view != chosen)
        self._draw_offers()

    def _made(self, view: str) -> TopicView:
        if view == "changed":
            return ChangedList(self._screen, self._on_open)
        if view in ROWS:
            return TopicList(self._screen, view, self._pick)
        return TopicTree(self._screen, self._pick)


class TopicList:
    """A flat list of topics."""

    def __init__(self, screen: Screen, view: str, on_choice: Callable[[str], None]) -> None:
        self._screen, self._view = screen, view
        self._drawn_at = 0
        empty = screen.say(f"topics.{view}.empty")
        self._table = Table(self._columns(), self._rows(), empty=empty, on_pick=on_choice)

    def news(self) -> None:
        """Bring it up to date, once a second at most."""
        now = int(self._screen.model.now)
        if now != self._drawn_at:
            self._drawn_at = now
            self._table.show(self._rows())

    def _rows(self) -> Sequence[Row]:
        return ROWS[self._view](self._screen.model, self._screen.user.language)

    def _columns(self) -> list[dict[str, Any]]:
        say = self._screen.say
        right = {"type": "rightAligned", "sortable": False}
        warns = {"cellClassRules": {"cell-warn": "data.command"}}
        name = column("name", say("column.topic"), 0, **WHOLE)
        place = column("place", "", 1, hide=True, sort="asc")
        if self._view == "kept":
            told = column("told", say("topics.told"), 96, sortable=False)
            return [{**name, **warns}, told, column("age", say("column.age"), 62, **right), place]
        minute = {"headerTooltip": say("topics.minute"), **right}
        total = {"headerTooltip": say("topics.total"), **right}
        counts = column("count", say("column.per_minute"), 56, **minute)
        return [name, counts, column("bytes", say("column.bytes"), 100, **total), place]
