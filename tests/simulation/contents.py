"""What lies in the store at the end of a run, read past the network."""

from typing import Any

from services.common.store import entries
from services.common.store.keys import CommandEvent, key
from services.common.store.lease import Lease
from services.orders.locks import DeviceLock
from tests.simulation.memory_store import MemoryStore
from tests.simulation.store import DirectRedis
from tests.simulation.system import ENVIRONMENT


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

    def pending(self, stream: str, group: str) -> int:
        """Entries in hand."""
        return int(self._client.xpending(key(ENVIRONMENT, stream), group)["pending"])
