"""One message against another: leaf by leaf, without what differs in every message."""

from collections.abc import Callable
from typing import Any

from omf.messages import json_diff
from omf.messages.message import Message
from services.ui.live import message_history
from services.ui.live.screen import Screen
from services.ui.views import message_rows
from services.ui.widgets.command_card import parts
from services.ui.widgets.elements import attribute, div, text


class MessageComparison:
    """Compares with the message before it on its topic, or with one that is held."""

    def __init__(
        self, screen: Screen, on_open: Callable[[str], Any], redraw: Callable[[Message], None]
    ) -> None:
        """`on_open` gets another message's id, `redraw` the one whose comparison changed."""
        self._screen = screen
        self._on_open, self._redraw = on_open, redraw
        self._pinned: Message | None = None
        """What others are compared with in place of the one before them."""
        self._everything = False
        """True: also what differs in every message of a device."""

    async def other(self, message: Message) -> Message | None:
        """What it is compared with; None if none is kept. StoreError if the store is away."""
        pinned = self._pinned if self._pinned != message else None
        if pinned is not None:
            return pinned
        bus = self._screen.bus
        if bus is None:
            return next(self._screen.model.journal.before(message), None)
        return await message_history.previous(bus, message)

    def draw(self, message: Message, before: Message | None) -> None:
        """What to hold, what it is compared with, and what differs."""
        say = self._screen.say
        self._pins(message)
        if before is None:
            text(say("messages.first"), "hint")
            return
        lead = say("messages.compared")
        other_message(self._screen, before, self._on_open, lead=lead)
        old, new = (json_diff.parsed(one.payload) for one in (before, message))
        found = json_diff.between(old, new)
        if not found:
            key = "messages.same" if before.payload == message.payload else "messages.no_json"
            text(say(key), "hint")
            return
        telling = [leaf for leaf in found if not json_diff.tells_time(leaf)]
        if not (telling or self._everything):
            text(say("messages.same_but_time"), "hint")
        self._turn(message, len(found) - len(telling))
        parts.difference_lines(self._screen, found if self._everything else telling)

    def _turn(self, message: Message, count: int) -> None:
        """Show time stamps and counters too, or leave them out again."""
        if not count:
            return
        say = self._screen.say

        def turn() -> None:
            self._everything = not self._everything
            self._redraw(message)

        key = "messages.without_time" if self._everything else "messages.with_time"
        text(say(key, count=count), "act small", "button").mark("with-time").on("click", turn)

    def _pins(self, message: Message) -> None:
        """Hold a message to compare any other with it, or let it go again."""
        say, pinned = self._screen.say, self._pinned

        def pin(wanted: Message | None) -> None:
            self._pinned = wanted
            self._redraw(message)

        with div("row"):
            if pinned != message:
                button = text(say("messages.pin"), "act small", "button").mark("pin")
                button.on("click", lambda: pin(message))
            if pinned is not None:
                button = text(say("messages.unpin"), "act small", "button").mark("unpin")
                button.on("click", lambda: pin(None))


def other_message(
    screen: Screen,
    message: Message,
    on_open: Callable[[str], Any],
    *,
    lead: str = "",
    more: int = 0,
) -> None:
    """A line that leads to another message: when it came, what it says, on which topic."""
    at = message_rows.at(message, screen.user, screen.model.now)
    known = (screen.model.factory, screen.user.language)
    says = "" if lead else message_rows.means(message, *known)
    like = screen.say("related.more", count=more) if more else ""
    words = " · ".join(part for part in (f"{lead} {at}".strip(), says, message.topic, like) if part)
    line = text(words, "other-message", "button")
    line.on("click", lambda: on_open(message.id))
    attribute(line, "title", message.topic)
