"""A message with all it follows from and all that follows from it, as a graph of ids."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from omf.analysis.chain_links import ChainLink, ChainLinks
from omf.messages.message import Message
from omf.topics import catalogue

CHAINED = frozenset(
    {
        *("ccu_order_request", "ccu_order_response", "ccu_order_active", "ccu_order_completed"),
        *("fts_order", "fts_instant_action", "fts_state"),
        *("module_order", "module_instant_action", "module_state"),
        *("nodered_order", "nodered_instant_action", "nodered_state"),
        *("ccu_set_reset", "ccu_set_charge", "ccu_set_calibration", "ccu_pairing_pair_fts"),
        *("ccu_global", "cloud_order_request"),
    }
)
"""Names of the topics whose messages cause or follow from one another."""
CHAIN_WINDOW_S = 1_200.0
"""So long before and after a message its causes and effects are looked for: three orders in
parallel take up to 780 s (PROTOCOL D.2)."""
MAX_CHAIN = 120
"""Messages of one chain; a production order of 16 steps has about that many."""


class MessageChain(NamedTuple):
    """A message with all it follows from and all that follows from it."""

    wanted: Message
    messages: Mapping[str, Message]
    """By id, of every link."""
    links: tuple[ChainLink, ...]
    """In the order of their effects; a cause is never later than its effect."""
    left_out: int
    """Effects beyond `MAX_CHAIN`."""

    def causes(self) -> list[ChainLink]:
        """The links that lead to the message, the first cause first."""
        found, ids = list[ChainLink](), {self.wanted.id}
        for link in reversed(self.links):
            if link.effect in ids:
                ids.add(link.cause)
                found.append(link)
        return found[::-1]

    def effects_of(self, message_id: str) -> list[ChainLink]:
        """What follows directly from a message, in order of arrival."""
        return [link for link in self.links if link.cause == message_id]


def is_chained(topic: str) -> bool:
    """Whether messages of a topic can stand in a chain."""
    entry = catalogue.of(topic)
    return entry is not None and entry.name in CHAINED


def chain_of(messages: Iterable[Message], wanted: Message) -> MessageChain:
    """The chain of one message among others, which are in order of arrival."""
    found = {one.id: one for one in (*messages, wanted) if is_chained(one.topic)}
    links = ChainLinks(found.values(), wanted.id).links()
    kept, left_out = _around(links, wanted.id)
    ids = {wanted.id, *(one for link in kept for one in (link.cause, link.effect))}
    known = {one.id: one for one in found.values() if one.id in ids} | {wanted.id: wanted}
    return MessageChain(wanted, known, kept, left_out)


def _around(links: list[ChainLink], wanted: str) -> tuple[tuple[ChainLink, ...], int]:
    """The links to its causes, and those to its effects, the nearest first."""
    before, after = defaultdict[str, list[ChainLink]](list), defaultdict[str, list[ChainLink]](list)
    for link in links:
        before[link.effect].append(link)
        after[link.cause].append(link)
    up = _reached(wanted, before, lambda link: link.cause)
    down = _reached(wanted, after, lambda link: link.effect)
    chosen = {*up, *down[: max(0, MAX_CHAIN - len(up))]}
    return tuple(link for link in links if link in chosen), len({*up, *down}) - len(chosen)


def _reached(
    start: str, steps: Mapping[str, list[ChainLink]], end: Callable[[ChainLink], str]
) -> list[ChainLink]:
    found, waiting, seen = list[ChainLink](), deque([start]), {start}
    while waiting:
        for link in steps.get(waiting.popleft(), ()):
            found.append(link)
            if end(link) not in seen:
                seen.add(end(link))
                waiting.append(end(link))
    return found
