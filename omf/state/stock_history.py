"""How the counts of the warehouse changed, told by the CCU's stock messages alone."""

from collections.abc import Iterable
from typing import NamedTuple

from omf.constants import COLOURS
from omf.messages.message import Message
from omf.state.factory_state import FactoryState
from omf.topics import catalogue


class Counted(NamedTuple):
    """Pieces by colour from this time on, Unix seconds."""

    at: float
    counts: dict[str, int]


def course(messages: Iterable[Message]) -> list[Counted]:
    """The counts at the first message and at each that changed them, oldest first.

    What is no stock message, or none that can be read, changes nothing.
    """
    state, found = FactoryState(), list[Counted]()
    for message in messages:
        entry = catalogue.of(message.topic)
        if entry is None or entry.name != "ccu_state_stock":
            continue
        state.apply(message, message.received_at)
        if state.stock.known:
            add(found, Counted(message.received_at, state.stock.counts()))
    return found


def add(known: list[Counted], now: Counted) -> bool:
    """Append if a count differs from the one before; True if so."""
    counts = {colour: now.counts.get(colour, 0) for colour in COLOURS}
    if known and known[-1].counts == counts:
        return False
    known.append(Counted(now.at, counts))
    return True
