"""The factory's state at a moment: the newest snapshot before it and the journal after that."""

from contextlib import suppress

from omf.state import FactoryState
from services.common.store.bus import Bus
from services.common.store.journal import BEGINNING, last_id, stretch
from services.common.store.keys import LinkHealth


class Beginning:
    """Whether the journal a reader has folded is still the one that is there."""

    def __init__(self) -> None:
        self._born: float | None = None

    def changed(self, link: LinkHealth | None) -> bool:
        """True once after the store was emptied: what was folded is to be forgotten.

        `link` is what ingest tells of itself; told nothing, nothing has changed.
        """
        if link is None or link.born is None:
            return False
        before, self._born = self._born, link.born
        return before is not None and before != link.born


async def nearest_fold(bus: Bus, until: str = "+") -> tuple[str, FactoryState]:
    """The newest snapshot up to the id `until`, after that id; else the beginning, nothing known.

    A snapshot of another version of the fold is of no use: then all is folded anew.
    """
    if found := await bus.snapshot(until):
        with suppress(ValueError):
            return found[0], FactoryState.restore(found[1])
    return BEGINNING, FactoryState()


def note_link(state: FactoryState, link: LinkHealth | None) -> None:
    """Tell the state what the broker refuses now, by ingest's own word; messages do not say it."""
    refused = link.refused_filters if link is not None and link.connected else ()
    state.note_refused(refused, link.since if link is not None else None)


async def state_until(bus: Bus, until: str = "") -> FactoryState:
    """The fold of all messages up to the id `until`, or up to now."""
    last = until or await last_id(bus)
    after, state = await nearest_fold(bus, last)
    async for message in stretch(bus, after=after, until=last):
        state.apply(message, message.received_at)
    if not until:
        note_link(state, await bus.link("ingest"))
    return state
