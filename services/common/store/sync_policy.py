"""When a store syncs its append-only file, in its own words: always, everysec or no.

"" where it does not say, as a rented one does not, or an account without the right to ask.
"""

from collections.abc import Callable
from typing import Any

from services.common.store.bus import Bus, RefusedError
from services.common.store.entries import text
from services.common.store.errors import StoreError
from services.common.store.requirements import Durability, check_sync

SYNC_POLICY = "appendfsync"


def check_policies(client: Any, durability: Durability) -> None:
    """Return if the server behind a client of `store` syncs as wanted; else UnfitStoreError."""
    if durability == "always":
        check_sync(durability, _asked(lambda: client.config_get(SYNC_POLICY)))


async def sync_policy(bus: Bus) -> str:
    """Of the server behind a bus."""
    try:
        return _told(await bus.call(bus.client.config_get(SYNC_POLICY)))
    except StoreError as error:
        if isinstance(error.__cause__, RefusedError):
            return ""
        raise


def _asked(ask: Callable[[], Any]) -> str:
    try:
        return _told(ask())
    except RefusedError:
        return ""


def _told(answer: dict[Any, Any]) -> str:
    return next((text(value) for value in answer.values()), "")
