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


class BayStretch(NamedTuple):
    """What lay in a bay from this time on, Unix seconds."""

    at: float
    colour: str | None
    """None: nothing."""
    workpiece_id: str | None
    state: str | None


def bay_courses(messages: Iterable[Message]) -> dict[str, list[BayStretch]]:
    """Each bay with what lay in it, oldest first, a stretch for each change; as `course`.

    A bay that a message leaves out is as it was: nobody said that it is empty.
    """
    state, found = FactoryState(), dict[str, list[BayStretch]]()
    for message in messages:
        entry = catalogue.of(message.topic)
        if entry is None or entry.name != "ccu_state_stock":
            continue
        state.apply(message, message.received_at)
        for name, bay in state.stock.ccu.bays.items():
            lies = BayStretch(message.received_at, bay.colour, bay.workpiece_id, bay.state)
            known = found.setdefault(name, [])
            if not known or known[-1][1:] != lies[1:]:
                known.append(lies)
    return dict(sorted(found.items()))


def lay_in(course: list[BayStretch], at: float) -> BayStretch | None:
    """What lay in a bay at a time; None before anybody said so."""
    return next((one for one in reversed(course) if one.at <= at), None)
