"""A store that could forget is refused at the start, in one line."""

from collections.abc import Mapping
from typing import Any

SECTIONS = ("memory", "persistence", "server")
"""What `check_store` wants to see of INFO."""
MIN_VERSION = (7, 0)
"""Rights by key and command, which the accounts of a factory server need, came with it."""


class UnfitStoreError(Exception):
    """The store would lose what it was given; the text says which setting and the mend."""


def check_store(info: Mapping[str, Any]) -> None:
    """Return if a store with this INFO keeps what it accepts; else UnfitStoreError."""
    policy = info.get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        raise UnfitStoreError(
            f"the store would evict buffers (maxmemory-policy {policy}); set it to noeviction"
        )
    version = str(info.get("redis_version", "0"))
    if tuple(int(part) for part in version.split(".")[:2]) < MIN_VERSION:
        raise UnfitStoreError(f"the store is version {version}; at least 7.0 is needed")
    if not info.get("aof_enabled"):
        raise UnfitStoreError(
            "the store keeps no append-only file and forgets all at a restart; set appendonly yes"
        )
