"""An entry of a stream as its consumer has it, and who may look at a batch before it queues."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from omf.messages.stream_id import StreamId
from services.common.store.keys import StreamModel


class StreamEntry(NamedTuple):
    """One entry of the stream, undecoded; without fields while it is still to be claimed."""

    id: str
    fields: Mapping[bytes, bytes]

    @property
    def at(self) -> float:
        """When the store took it, by the store's clock, in Unix seconds."""
        return StreamId.parse(self.id).seconds


class BatchGate(Protocol):
    """Sees each batch of new entries; called in the event loop of the consumer."""

    async def admitted(self, batch: Sequence[StreamEntry]) -> Sequence[StreamEntry]:
        """Those to handle; with the others it is done. StoreError: all are handled."""

    def overtakes(self, entry: StreamEntry, other: StreamEntry) -> bool:
        """True if `entry` may be handled before one that waits in its lane."""


class OpenGate:
    """Every entry is handled, in order."""

    async def admitted(self, batch: Sequence[StreamEntry]) -> Sequence[StreamEntry]:
        """All of them."""
        return batch

    def overtakes(self, entry: StreamEntry, other: StreamEntry) -> bool:  # noqa: ARG002
        """Never."""
        return False


class Dead(StreamModel):
    """An entry nobody could handle, with what was tried."""

    stream: str
    entry_id: str
    body: str
    deliveries: int
    reason: str
    at: float
