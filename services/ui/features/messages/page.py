"""Message centre: every message, filtered as a person likes, on a list that holds still."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from nicegui import background_tasks, ui

from omf.commands import KINDS
from omf.messages.message import Message
from services.common.store.bus import StoreError
from services.ui.features.messages.detail import VIEWS, Detail
from services.ui.features.messages.feed import MessageFeed
from services.ui.features.messages.filter_bar import MessageBar
from services.ui.features.messages.free_message import FreeArea
from services.ui.features.messages.tools import MessageTools
from services.ui.features.messages.topic_panel import TopicPanel
from services.ui.live.message_filter import MessageFilter
from services.ui.live.past_reader import PastUnreadableError
from services.ui.live.screen import Screen
from services.ui.types import Address, Page
from services.ui.views import filter_query
from services.ui.widgets.command_card.parts import FREE
from services.ui.widgets.elements import div, fold, panel, set_classes, text
from services.ui.widgets.presets import Presets

MAX_ID = 40


def build(screen: Screen, address: Address) -> None:
    """Fill the page with the look that the address asks for, newest on top.

    `message` in the address opens that message at once, `view` and `fields` show it that way.
    """
    centre = MessageCentre(screen, filter_query.read(address))
    centre.build()
    fields = tuple(name for name in address.get("fields", "").split(",") if name)
    centre.begin(address.get("message", ""), address.get("view", ""), fields)


class MessageCentre:
    """One person's look at the messages: tree, list, and one of detail and test area beside it."""

    def __init__(self, screen: Screen, selection: MessageFilter) -> None:
        self._screen = screen
        self._selection = selection
        self._feed = MessageFeed(screen, selection)

    def build(self) -> None:
        """Tree, bar, list and what stands beside it."""
        screen, say = self._screen, self._screen.say
        with div("messages").mark("messages") as self._whole:
            with panel(say("messages.topics"), "topics") as self._topics:
                self._tree = TopicPanel(screen, self._take_topic, self._leave_out, self.open)
            with div("panel fill", "section"):
                self._head()
                self._bar = MessageBar(screen, self._selection, self._choose)
                with div("row tools"):
                    self._tools.build(self._bar, self._draw_topics)
                    if screen.user.may(KINDS[FREE].role):
                        test = text(say("messages.test"), "act small", "button").mark("test-area")
                        test.on("click", self._test)
                    self._kept_views()
                self._feed.build(self.open, lambda: self._tools.draw(self._selection))
            self._detail = Detail(
                screen, on_close=self._close, on_open=self.open, on_turn=self._note
            )
            self._test_area = FreeArea(screen, self._arrange)
        screen.live(self._news)
        screen.live(self._tree.news)

    def _head(self) -> None:
        with div("panel-head"):
            text(self._screen.say("page.messages"), "panel-title", "h2")
            counts = text("", "hint").mark("counts")
        self._tools = MessageTools(self._screen, self._feed, counts)

    def _kept_views(self) -> None:
        """Looks kept by name, one's own and those for everybody."""
        screen = self._screen
        if screen.bus is None:
            return
        with fold(screen.say("messages.views"), "question-presets").mark("kept-views"):
            kind = filter_query.VIEW_PRESETS
            Presets(screen, screen.bus, kind, self._parts, self._take_view, shared=True)

    def _parts(self) -> dict[str, str]:
        return filter_query.parts(self._selection)

    def _take_view(self, kept: Mapping[str, Any]) -> None:
        """Go to its address; what a look of another release asks for and this one lacks is left."""
        told = {name: str(value) for name, value in kept.items()}
        query = filter_query.query(filter_query.read(told))
        ui.navigate.to(self._screen.path(f"messages{query}"))

    def begin(self, message_id: str, view: str, fields: tuple[str, ...]) -> None:
        """What an address asks for beyond the look."""
        self._detail.look(view, fields)
        if (message := self._screen.model.journal.find(message_id)) is not None:
            self._show(message)
        elif message_id:
            background_tasks.create(self._open_later(message_id), name="open message")

    def _news(self) -> None:
        self._test_area.draw()
        self._feed.news()

    async def open(self, message_id: str) -> None:
        """Show one message in full, from what is at hand or from the buffer; say if it is gone."""
        message = self._screen.model.journal.find(message_id)
        try:
            message = message or await self._screen.message(message_id)
        except (StoreError, PastUnreadableError) as error:
            self._feed.status.complain(self._screen.say("empty.buffer_unreadable", error=error))
            return
        except ValueError:
            message = None
        if message is None:
            self._feed.status.complain(self._screen.say("messages.gone", id=message_id[:MAX_ID]))
            return
        self._show(message)
        self._note()

    async def _open_later(self, message_id: str) -> None:
        """Outside a click there is no page at hand whose address could be kept true."""
        with self._topics:
            await self.open(message_id)

    def _show(self, message: Message) -> None:
        self._feed.status.complain("")
        self._feed.reading = True
        self._detail.show(message)
        self._arrange()

    def _close(self) -> None:
        self._detail.close()
        self._feed.status.complain("")
        self._feed.let_go()
        self._arrange()
        self._note()

    def _test(self) -> None:
        """The test area in the place of the detail."""
        self._test_area.begin()
        self._close()

    def _arrange(self) -> None:
        """One thing beside the list at a time; then it needs neither excerpts nor the tree."""
        self._test_area.show(wanted=not self._detail.open)
        taken = self._detail.open or self._test_area.open
        if taken == ("beside" in self._whole.classes):
            return
        set_classes(self._whole, beside=taken)
        set_classes(self._topics, drawn=False)
        self._feed.table.grid.run_grid_method("setColumnsVisible", ["excerpt"], not taken)

    def _draw_topics(self) -> None:
        """Where there is no room for the tree it is a drawer over the list."""
        set_classes(self._topics, drawn="drawn" not in self._topics.classes)

    def _note(self) -> None:
        """Keep the address true: it leads back to this very look and message."""
        query = filter_query.query(self._selection)
        if (message := self._detail.message) is not None:
            view = {} if self._detail.view == VIEWS[0] else {"view": self._detail.view}
            fields = {"fields": ",".join(self._detail.fields)} if "chart" in view.values() else {}
            opened = urlencode({"message": message.id, **view, **fields})
            query = f"{query}&{opened}" if query else f"?{opened}"
        ui.navigate.history.replace(self._screen.path(f"messages{query}"))

    def _take_topic(self, topic_filter: str) -> None:
        self._bar.take_topic(topic_filter)

    def _leave_out(self, topic_filter: str) -> None:
        self._bar.leave_out(topic_filter)

    def _choose(self, selection: MessageFilter) -> None:
        self._selection = selection
        self._feed.look_at(selection)
        self._note()


PAGE = Page("messages", "messages", "m", build)
