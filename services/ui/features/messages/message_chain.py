"""What a message follows from and what followed from it, drawn as a graph beside its lines."""

import asyncio
from collections.abc import Callable
from typing import Any

from omf.analysis.chain_links import ChainLink
from omf.analysis.message_chain import MessageChain, chain_of
from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from services.common.store.message_chains import read_chain
from services.ui.live.screen import Screen
from services.ui.views import message_rows
from services.ui.widgets.elements import attribute, div, set_classes, text
from services.ui.widgets.plain_element import PlainElement
from services.ui.widgets.svg import arrow_head, shape, sheet

LANE_PX, CHAIN_LINE_PX, DOT_PX = 12, 42, 4.5
"""Distance of the lanes and of the lines, and the radius of a dot, in pixels (messages.css)."""


async def chain_on_page(screen: Screen, message: Message) -> MessageChain:
    """The chain of a message; of the past among what its page holds. StoreError."""
    if screen.bus is not None:
        return await read_chain(screen.bus, message)
    held = list(screen.model.journal.newest())[::-1]
    return await asyncio.to_thread(chain_of, held, message)


class ChainGraph:
    """A lane for each device, a line for each message, an arrow from each cause to its effect."""

    def __init__(self, screen: Screen, chain: MessageChain, on_open: Callable[[str], Any]) -> None:
        self._screen, self._chain, self._on_open = screen, chain, on_open
        ordered = sorted(chain.messages.values(), key=lambda one: StreamId.parse(one.id))
        self._place = {one.id: number for number, one in enumerate(ordered)}
        senders = {one.id: self._sender(one) for one in ordered}
        self._lanes = {name: n for n, name in enumerate(dict.fromkeys(senders.values()))}
        self._lane = {one: self._lanes[name] for one, name in senders.items()}
        say = screen.say
        if not chain.links:
            text(say("chain.nothing"), "hint")
            return
        text(say("chain.hint"), "hint")
        with div("chain").mark("chain"):
            self._drawing()
            with div("chain-lines", "ol"):
                for one in ordered:
                    self._line(one, senders[one.id])
        if chain.left_out:
            text(say("chain.more", count=chain.left_out), "hint")

    def _sender(self, message: Message) -> str:
        """Who says it, as far as the topic tells."""
        model = self._screen.model
        found = message_rows.sender(message, model.commands.publishes, model.factory)
        if found is None:
            return self._screen.say("messages.sender_unknown")
        say = self._screen.say
        return say("messages.sender_ours") if found.ours else say.either(found.who)

    def _at(self, message_id: str) -> tuple[float, float]:
        return (self._lane[message_id] + 0.5) * LANE_PX, (
            self._place[message_id] + 0.5
        ) * CHAIN_LINE_PX

    def _drawing(self) -> None:
        width, height = len(self._lanes) * LANE_PX, len(self._place) * CHAIN_LINE_PX
        drawing = sheet("chain-graph", width, height)
        drawing.style(f"width: {width}px; height: {height}px")
        attribute(drawing, "aria-hidden", "true")
        with drawing:
            arrow_head()
            for link in self._chain.links:
                self._arrow(link)
            for one in self._place:
                x, y = self._at(one)
                dot = shape("circle", "chain-dot", cx=x, cy=y, r=DOT_PX)
                set_classes(dot, wanted=one == self._chain.wanted.id)

    def _arrow(self, link: ChainLink) -> None:
        (x, y), (to_x, to_y) = self._at(link.cause), self._at(link.effect)
        path = PlainElement("path", "chain-arrow")
        set_classes(path, inferred=link.inferred)
        beside = DOT_PX + 1
        tip_x = to_x - beside if to_x > x else to_x + beside if to_x < x else to_x
        tip_y = to_y - beside if to_x == x else to_y
        start, bend, end = (f"{a:.1f},{b:.1f}" for a, b in ((x, y), (x, to_y), (tip_x, tip_y)))
        attribute(path, "d", f"M{start} Q{bend} {end}")
        attribute(path, "marker-end", "url(#arrow)")

    def _line(self, message: Message, sender: str) -> None:
        screen = self._screen
        at = message_rows.at(message, screen.user, screen.model.now)
        means = message_rows.means(message, screen.model.factory, screen.user.language)
        reasons = [self._reason(link) for link in self._chain.links if link.effect == message.id]
        with div("chain-line", "li"):
            number = self._place[message.id] + 1
            line = text(f"{number}. {at} · {means or message.topic}", "chain-message", "button")
            line.on("click", lambda: self._on_open(message.id)).mark(f"chain-{message.id}")
            attribute(line, "title", f"{means} ({message.topic})" if means else message.topic)
            text("; ".join((sender, *reasons)), "dim chain-reason")
        set_classes(line, wanted=message.id == self._chain.wanted.id)
        if message.id == self._chain.wanted.id:
            attribute(line, "aria-current", "true")

    def _reason(self, link: ChainLink) -> str:
        """Which line it follows from, by what, and that nobody says so where it is inferred."""
        say = self._screen.say
        by = say(f"chain.by.{link.by}")
        words = say("chain.from", line=self._place[link.cause] + 1, by=by)
        return f"{words} ({say('chain.inferred')})" if link.inferred else words
