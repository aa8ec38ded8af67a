"""A store that could forget is refused at the start, in one line."""

from collections.abc import Mapping
from typing import Any, Literal

SECTIONS = ("memory", "persistence", "server")
"""What `check_store` wants to see of INFO."""
MIN_VERSION = (7, 0)
"""Rights by key and command, which the accounts of a factory server need, came with it."""


Durability = Literal["everysec", "always"]
"""When the store syncs its append-only file, in its own words: `OMF_DURABILITY`."""


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


def check_sync(wanted: Durability, told: str) -> None:
    """Return if a store with this `appendfsync` keeps its answers as wanted; else UnfitStoreError.

    With `always` it answers nobody before what it was given is synced, so whatever is acknowledged
    after its answer survives a power cut. "" is a store that does not say.
    """
    if wanted == "everysec" or told == "always":
        return
    if told:
        raise UnfitStoreError(
            f"OMF_DURABILITY=always, but the store answers before it syncs (appendfsync {told}); "
            "set appendfsync always in its configuration"
        )
    raise UnfitStoreError(
        "OMF_DURABILITY=always, but the store does not say when it syncs (CONFIG GET appendfsync); "
        "give this account the right +config|get"
    )
