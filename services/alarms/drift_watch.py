"""The drift watch of the owner of the alarms: it learns the payloads and tells what drifted."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from omf.alarms.life import AlarmLife
from omf.alarms.lifecycle import AlarmState
from omf.alarms.plant_rules import DRIFT_RULE
from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from omf.payload_shapes.learning import PayloadShapes
from omf.payload_shapes.shape import ShapeDrift
from omf.state import FactoryState
from services.common.store.bus import Bus
from services.common.store.journal import BEGINNING, id_at, stretch
from services.common.store.payload_drifts import (
    read_shapes,
    write_drifts,
    write_shapes,
)

DRIFT_LOOK_BACK_S = 600.0
"""So much of what was said while there was no owner is looked at as well."""


class JournalPosition(Protocol):
    """Whoever follows the journal."""

    journal_id: str
    """Up to here it is folded."""


class DriftWatch:
    """What is learned of the payloads, as long as this process owns the alarms.

    One task of the event loop calls it, and the fold hands it each batch. After a crash it goes on
    from what was kept last, at most `DRIFT_LOOK_BACK_S` back. Raises StoreError; it is asked again.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._shapes: PayloadShapes | None = None
        """None while another process owns the alarms."""
        self._told: list[object] | None = None

    def take(self, batch: Sequence[Message]) -> None:
        """Look at messages, in the order of the journal."""
        if self._shapes is not None:
            for message in batch:
                self._shapes.take(message)

    async def begin(self, fold: JournalPosition) -> None:
        """Go on from what was learned before, with what was said since; once is enough."""
        if self._shapes is not None:
            return
        shapes = await read_shapes(self._bus)
        recent = StreamId.parse(id_at(await self._bus.time() - DRIFT_LOOK_BACK_S))
        after = max(StreamId.parse(shapes.through or BEGINNING), recent)
        while after < (until := StreamId.parse(fold.journal_id)):
            async for message in stretch(self._bus, after=str(after), until=str(until)):
                shapes.take(message)
            after = until
        self._shapes, self._told = shapes, None

    def end(self) -> None:
        """Another process owns the alarms, or all is to be read anew."""
        self._shapes = None

    async def report(self, state: FactoryState, lives: Mapping[str, AlarmLife]) -> None:
        """Tell a state what drifted; what a person acknowledged is normal from now on."""
        if self._shapes is None:
            return
        accepted = [self._shapes.accept(one) for one in _acknowledged(lives.values())]
        state.payload_drifts = tuple(self._shapes.drifts())
        if any(accepted):
            await self.keep()
        if self._told is None or self._told != _told(state.payload_drifts):
            await write_drifts(self._bus, state.payload_drifts)
            self._told = _told(state.payload_drifts)

    async def keep(self) -> None:
        """Write what was learned, and how often each drift was heard by now."""
        if self._shapes is None:
            return
        await write_shapes(self._bus, self._shapes)
        await write_drifts(self._bus, tuple(self._shapes.drifts()))


def _acknowledged(lives: Iterable[AlarmLife]) -> list[str]:
    acknowledged = AlarmState.ACKNOWLEDGED
    return [one.subject for one in lives if one.rule == DRIFT_RULE and one.state is acknowledged]


def _told(drifts: Iterable[ShapeDrift]) -> list[object]:
    return [(one.filter, one.key, one.after) for one in drifts]
