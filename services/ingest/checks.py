"""A store that could forget is refused at the start, in one line."""

import logging
from typing import Any

from services.common.bus import DriverError

MIN_VERSION = (6, 2)
"""XTRIM by age came with it."""

_log = logging.getLogger(__name__)


class UnfitStoreError(Exception):
    """The store would lose what it was given; the text says which setting and the mend."""


def check_store(store: Any) -> None:
    """Return if the store keeps what it accepts; UnfitStoreError, or DriverError while away."""
    policy = store.info("memory").get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        raise UnfitStoreError(
            f"the store would evict buffers (maxmemory-policy {policy}); set it to noeviction"
        )
    version = str(store.info("server").get("redis_version", "0"))
    if tuple(int(part) for part in version.split(".")[:2]) < MIN_VERSION:
        raise UnfitStoreError(f"the store is version {version}; at least 6.2 is needed")
    try:
        if not store.info("persistence").get("aof_enabled"):
            _log.warning("the store keeps no append-only file: a restart of it loses the buffers")
    except DriverError:
        _log.warning("the store does not tell whether it keeps an append-only file")
