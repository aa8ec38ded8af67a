"""What lies in the store at the end of a run, read past the network."""

from typing import Any

from services.common.store import entries
from services.common.store.keys import CommandEvent, key
from services.common.store.lease import Lease
from services.orders.locks import DeviceLock
from tests.simulation.memory_store import MemoryStore
from tests.simulation.store import DirectRedis
from tests.simulation.system import ENVIRONMENT

READERS = (("commands", "orders"), ("receipts", "orders"), ("outbox", "gateway"))
"""Streams whose entries are handed out to one, each until it acknowledges."""


class StoreContents:
    """What lies in the store at the end, read past the network."""

    def __init__(self, store: MemoryStore) -> None:
        self._client: Any = DirectRedis(store)

    def rows(self, name: str) -> list[Any]:
        """Ids and fields of a stream."""
        return list(self._client.xrange(key(ENVIRONMENT, name)))

    def models(self, name: str, kind: Any) -> list[Any]:
        """What the entries of a stream of our own are."""
        return [entries.decode(kind, fields) for _, fields in self.rows(name)]

    def models_in_hand(self, name: str, group: str, kind: Any) -> list[Any]:
        """What the entries are that were handed out and not acknowledged."""
        stream = key(ENVIRONMENT, name)
        if not self._client.exists(stream) or not self._client.xinfo_groups(stream):
            return []
        held = self._client.xpending_range(stream, group, min="-", max="+", count=1000)
        ids = [row["message_id"] for row in held]
        rows = (self._client.xrange(stream, one, one) for one in ids)
        return [entries.decode(kind, found[0][1]) for found in rows if found]

    def text(self, name: str) -> bytes:
        """A plain value; b"" if there is none."""
        return self._client.get(key(ENVIRONMENT, name)) or b""

    def life(self, command_id: str) -> list[CommandEvent]:
        """The events of a command."""
        found = self._client.lrange(key(ENVIRONMENT, f"command:{command_id}"), 1, -1)
        return [CommandEvent.model_validate_json(item) for item in found]

    def lease(self) -> Lease:
        """The control lease."""
        found = self._client.get(key(ENVIRONMENT, "lease"))
        return Lease.model_validate_json(found) if found else Lease()

    def buffers(self) -> list[str]:
        """Names of all buffers."""
        begin = key(ENVIRONMENT, "buffer:").encode()
        return [
            name.decode().removeprefix(key(ENVIRONMENT, ""))
            for name in self._client.keys("*")
            if name.startswith(begin)
        ]

    def hash(self, name: str) -> dict[bytes, bytes]:
        """A hash."""
        return dict(self._client.hgetall(key(ENVIRONMENT, name)))

    def locks(self) -> dict[str, DeviceLock]:
        """Every lock by its key."""
        begin = key(ENVIRONMENT, "claim:")
        names = [name for name in self._client.keys("*") if name.decode().startswith(begin)]
        return {n.decode(): DeviceLock.model_validate_json(self._client.get(n)) for n in names}

    def all_handled(self) -> bool:
        """Nothing is in hand, and everything was handed out; nothing is where nobody reads yet."""
        return all(self._handled(name, group) for name, group in READERS)

    def _handled(self, name: str, group: str) -> bool:
        """A store that lost its last second may lack the group until its reader looks again."""
        stream = key(ENVIRONMENT, name)
        if not self._client.exists(stream) or not self._client.xinfo_groups(stream):
            return False
        return not (self.pending(name, group) or self._not_read(name))

    def _not_read(self, name: str) -> bool:
        stream = key(ENVIRONMENT, name)
        newest = self._client.xinfo_stream(stream)["last-generated-id"]
        return any(
            group["last-delivered-id"] != newest for group in self._client.xinfo_groups(stream)
        )

    def pending(self, stream: str, group: str) -> int:
        """Entries in hand."""
        return int(self._client.xpending(key(ENVIRONMENT, stream), group)["pending"])
