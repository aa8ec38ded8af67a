"""One message in full: for reading, as it came, against the one before it, with what belongs to it.

Always as text; a picture is fetched by the browser from an address of its own.
"""

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import quote

from nicegui import background_tasks, ui

from omf.messages.message import Message
from omf.messages.printable import escaped
from services.common.store.bus import StoreError
from services.ui import formats
from services.ui.features.messages import related_messages
from services.ui.features.messages.comparison import MessageComparison, other_message
from services.ui.live import json_diff, message_history
from services.ui.live.screen import Screen
from services.ui.views import message_rows, urls
from services.ui.widgets.chart import chart, fields_of, lines_of
from services.ui.widgets.command_card import parts
from services.ui.widgets.elements import div, link, set_classes, text
from services.ui.widgets.moment_link import MomentLink
from services.ui.widgets.payload_view import PAYLOAD_VIEWS, show_payload
from services.ui.widgets.tabs import Tabs

VIEWS = (*PAYLOAD_VIEWS, "diff", "related", "chart")
MAX_FIELDS = 12
FIRST_FIELDS = 3


class Detail:
    """A side panel that shows one message at a time."""

    def __init__(
        self,
        screen: Screen,
        *,
        on_close: Callable[[], None],
        on_open: Callable[[str], Any],
        on_turn: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_close` runs when the person closes the panel, `on_open` for another message's id."""
        self._screen = screen
        self._on_open = on_open
        self._on_turn = on_turn
        self.message: Message | None = None
        self._comparison = MessageComparison(screen, on_open, self._draw)
        self.fields: tuple[str, ...] = ()
        say = screen.say
        with div("panel detail wide hidden", "aside") as self._panel:
            with div("panel-head"):
                text(say("messages.detail"), "panel-title", "h2")
                closing = text(say("close"), "act small", "button").on("click", on_close)
                closing.props("data-close")
            self._topic = text("", "mono detail-topic")
            self._means = text("", "detail-means").mark("means")
            self._about, self._facts = text("", "hint"), text("", "hint")
            with div("row"):
                self._then = MomentLink(screen, "evidence")
            self._sender = div("hidden").mark("sent-by")
            self._fit = div().mark("fit")
            names = {view: say(f"messages.view.{view}") for view in VIEWS}
            self._tabs = Tabs(names, VIEWS[0], lambda _: self._turn())
            self._holder = div("card-part")

    @property
    def open(self) -> bool:
        """True while a message is shown."""
        return self.message is not None

    @property
    def view(self) -> str:
        """How the message is shown."""
        return self._tabs.chosen

    def show(self, message: Message) -> None:
        """Show this message."""
        self.message = message
        set_classes(self._panel, hidden=False)
        self._head(message)
        self._draw(message)

    def look(self, view: str, fields: tuple[str, ...] = ()) -> None:
        """Show messages this way, as an address asks for."""
        self.fields = fields
        if view in VIEWS:
            self._tabs.choose(view)

    def close(self) -> None:
        """Show nothing."""
        self.message = None
        set_classes(self._panel, hidden=True)

    def _turn(self) -> None:
        if self.message is not None:
            self._draw(self.message)
            self._on_turn()

    def _head(self, message: Message) -> None:
        say, user = self._screen.say, self._screen.user
        self._topic.say(message.topic)
        self._means.say(message_rows.means(message, self._screen.model.factory, user.language))
        self._draw_sender(message)
        page = f"messages?message={quote(message.id, safe='')}"
        self._then.lead(page, message.received_at)
        self._about.say(message_rows.about(message, say))
        self._facts.say(
            say(
                "messages.facts",
                at=formats.date_and_time(message.received_at, user.clock, user.language),
                id=message.id,
                kind=say(f"payload.{message_rows.content(message.payload).kind}"),
                size=formats.size(len(message.payload), user.language),
                flags=message_rows.flags(message),
            )
        )

        self._fit.clear()
        with self._fit:
            parts.understood(self._screen, message.topic, message.payload)

    def _draw_sender(self, message: Message) -> None:
        """The command of ours by which a message was sent; nothing for what others say."""
        commands = self._screen.model.commands
        command_id = commands.publishes.of(message)
        set_classes(self._sender, hidden=not command_id)
        self._sender.clear()
        if not command_id:
            return
        say, record = self._screen.say, commands.get(command_id)
        who = say.known("user", record.command.operator) if record else say("unknown")
        target = self._screen.path(f"commands?command={command_id}")
        with self._sender:
            link(say("messages.sent_by", who=who), target, "evidence")

    def _draw(self, message: Message) -> None:
        self._holder.clear()
        with self._holder:
            if self.view in PAYLOAD_VIEWS:
                show_payload(self._screen, message, self.view)
            elif self.view == "related":
                self._related(message)
            else:
                text(self._screen.say("messages.reading"), "hint")
                work = self._difference if self.view == "diff" else self._chart
                background_tasks.create(self._later(message, work), name=f"detail {self.view}")

    async def _later(
        self, message: Message, work: Callable[[Message], Coroutine[Any, Any, None]]
    ) -> None:
        """Show what has to be read first, unless the person has turned elsewhere meanwhile."""
        try:
            await work(message)
        except StoreError:
            if self._shows(message):
                self._holder.clear()
                with self._holder:
                    text(self._screen.say("empty.buffer_unreadable"), "hint wrong")

    def _shows(self, message: Message) -> bool:
        return self.message is message and not self._panel.is_deleted

    async def _difference(self, message: Message) -> None:
        before = await self._comparison.other(message)
        if self._shows(message) and self.view == "diff":
            self._holder.clear()
            with self._holder:
                self._comparison.draw(message, before)

    def _related(self, message: Message) -> None:
        say, screen = self._screen.say, self._screen
        found = related_messages.of(screen.model, message)
        if not found:
            text(say("messages.nothing_related"), "hint")
        for name, others in found.items():
            with div("row"):
                text(say(f"related.{name.kind}"), "panel-title")
                link(name.id, urls.to_text(screen, name.id), "mono evidence")
            for record in screen.model.commands.of_order(name.id) if name.kind == "order" else []:
                command = record.command
                target = screen.path(f"commands?command={command.command_id}")
                link(say("related.command", kind=command.kind), target, "evidence")
            for other in others:
                other_message(screen, other.message, self._on_open, more=other.more)
            if not others:
                text(say("related.nothing_else"), "hint")

    async def _earlier(self, message: Message) -> list[Message]:
        """Those of its topic before it, newest first."""
        bus = self._screen.bus
        if bus is None:
            return list(self._screen.model.journal.before(message))
        return await message_history.history(bus, message.topic, message.id)

    async def _chart(self, message: Message) -> None:
        rows = await self._earlier(message)
        every = [message, *rows][::-1]
        bodies = [(m.received_at, json_diff.leaves(json_diff.parsed(m.payload))) for m in every]
        if not self._shows(message) or self.view != "chart":
            return
        names, telling = fields_of(bodies)
        names = names[:MAX_FIELDS]
        chosen_before = tuple(n for n in self.fields if n in names)
        self.fields = chosen_before or tuple(names[: min(FIRST_FIELDS, max(1, telling))])
        self._holder.clear()
        with self._holder:
            chosen, drawn = div("fields"), div("card-part")

        def draw() -> None:
            drawn.clear()
            with drawn:
                chart(self._screen, lines_of(self.fields, bodies))

        def choose(name: str, *, wanted: bool) -> None:
            self.fields = tuple(n for n in names if (n in self.fields if n != name else wanted))
            draw()
            self._on_turn()

        with chosen:
            for name in names:
                tick = ui.checkbox(escaped(name), value=name in self.fields).props(
                    "dense color=grey-7"
                )
                tick.on_value_change(lambda event, name=name: choose(name, wanted=event.value))
        draw()
