"""How a process is connected to the store; what goes out is packed by compiled code.

The driver itself only reads that way. A script of ours has some twenty-five arguments: 2 instead of
19 microseconds.
"""

from typing import Any

import hiredis
from redis.asyncio import Connection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from services.common.store.joint_redis import JointRedis

STORE_TIMEOUT_S = 10.0


def connection_options() -> dict[str, Any]:
    """How every client of ours connects; the same for asyncio, FastStream and ingest."""
    return {
        "socket_timeout": STORE_TIMEOUT_S,
        "socket_connect_timeout": 3.0,
        "health_check_interval": 15,
    }


class PackedConnection(Connection):
    """Sends the same bytes as the driver's own connection."""

    def pack_command(self, *args: Any) -> list[bytes]:
        """The bytes of one command; what only the driver knows or refuses by name is left to it."""
        try:
            if " " not in args[0]:
                return [hiredis.pack_command(args)]
        except TypeError:
            pass
        packed: list[bytes] = super().pack_command(*args)
        return packed


def client(url: str) -> Any:
    """A client for asyncio: bytes in, bytes out, one try per call."""
    options = connection_options() | {"retry": Retry(NoBackoff(), 0), "retry_on_error": []}
    if url.startswith("redis://"):  # of the others the driver takes its own kind of connection
        options["connection_class"] = PackedConnection
    return JointRedis.at(url, options)
