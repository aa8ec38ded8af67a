"""A message of the message centre: against the one before it, what belongs to it, as a chart."""

from collections.abc import Callable, Coroutine
from typing import Any

from nicegui import background_tasks, ui

from omf.messages import json_diff
from omf.messages.message import Message
from omf.messages.printable import escaped
from services.common.store.bus import StoreError
from services.ui.features.messages import related_messages
from services.ui.features.messages.comparison import MessageComparison, other_message
from services.ui.features.messages.message_chain import ChainGraph, chain_on_page
from services.ui.live import message_history
from services.ui.live.screen import Screen
from services.ui.views import urls
from services.ui.widgets.chart import chart, fields_of, lines_of
from services.ui.widgets.elements import div, link, text
from services.ui.widgets.message_panel import PAYLOAD_VIEWS, MessagePanel
from services.ui.widgets.moment_link import MomentLink

VIEWS = (*PAYLOAD_VIEWS, "diff", "related", "chain", "chart")
MAX_FIELDS = 12
FIRST_FIELDS = 3


class Detail(MessagePanel):
    """Beside its payload: the one before it, what belongs to it, and a chart of its topic."""

    def __init__(
        self,
        screen: Screen,
        *,
        on_close: Callable[[], None],
        on_open: Callable[[str], Any],
        on_turn: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_close` runs when the person closes the panel, `on_open` for another message's id."""
        super().__init__(screen, on_close, self._leads, VIEWS)
        self._on_open = on_open
        self._on_turn = on_turn
        self._comparison = MessageComparison(screen, on_open, self._draw)
        self.fields: tuple[str, ...] = ()

    def look(self, view: str, fields: tuple[str, ...] = ()) -> None:
        """Show messages this way, as an address asks for."""
        self.fields = fields
        if view in VIEWS:
            self._tabs.choose(view)

    def _turn(self) -> None:
        super()._turn()
        if self.open:
            self._on_turn()

    def _leads(self, message: Message) -> None:
        """To the page at its moment, and to the command of ours by which it was sent."""
        then = MomentLink(self._screen, "evidence")
        then.lead(urls.message_page(message.id), message.received_at)
        commands = self._screen.model.commands
        if not (command_id := commands.publishes.of(message)):
            return
        say, record = self._screen.say, commands.get(command_id)
        who = say.known("user", record.command.operator) if record else say("unknown")
        target = urls.to_command(self._screen, command_id)
        link(say("messages.sent_by", who=who), target, "evidence")

    def _draw_view(self, message: Message) -> None:
        if self.view in PAYLOAD_VIEWS:
            super()._draw_view(message)
        elif self.view == "related":
            self._related(message)
        else:
            text(self._screen.say("messages.reading"), "hint")
            works = {"diff": self._difference, "chain": self._chain, "chart": self._chart}
            work = self._later(message, works[self.view])
            background_tasks.create(work, name=f"detail {self.view}")

    async def _later(
        self, message: Message, work: Callable[[Message], Coroutine[Any, Any, None]]
    ) -> None:
        """Show what has to be read first, unless the person has turned elsewhere meanwhile."""
        try:
            await work(message)
        except StoreError as error:
            if self._shows(message):
                self._holder.clear()
                with self._holder:
                    text(self._screen.say("empty.buffer_unreadable", error=error), "hint wrong")

    def _shows(self, message: Message) -> bool:
        return self.message is message and not self._panel.is_deleted

    async def _difference(self, message: Message) -> None:
        before = await self._comparison.other(message)
        if self._shows(message) and self.view == "diff":
            self._holder.clear()
            with self._holder:
                self._comparison.draw(message, before)

    async def _chain(self, message: Message) -> None:
        found = await chain_on_page(self._screen, message)
        if self._shows(message) and self.view == "chain":
            self._holder.clear()
            with self._holder:
                ChainGraph(self._screen, found, self._on_open)

    def _related(self, message: Message) -> None:
        say, screen = self._screen.say, self._screen
        found = related_messages.of(screen.model, message)
        if not found:
            text(say("messages.nothing_related"), "hint")
        for name, others in found.items():
            with div("row"):
                text(say(f"related.{name.kind}"), "panel-title")
                link(name.id, urls.to_text(screen, name.id), "mono evidence")
                if name.kind == "workpiece":
                    link(say("page.workpiece"), urls.to_workpiece(screen, name.id), "way-in hint")
            for record in screen.model.commands.of_order(name.id) if name.kind == "order" else []:
                command = record.command
                target = urls.to_command(screen, command.command_id)
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
