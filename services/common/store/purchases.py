"""Purchases of raw material as orders keeps them."""

import logging

from pydantic import ValidationError

from omf.purchases.account import PurchaseAccount
from services.common.store.bus import Bus

PURCHASES = "purchases"
"""Hash: colour -> PurchaseAccount."""

_log = logging.getLogger(__name__)


async def read_purchases(bus: Bus) -> list[PurchaseAccount]:
    """The account of each colour of which something was ever ordered, by colour."""
    found = await bus.call(bus.client.hvals(bus.key(PURCHASES)))
    accounts = (one for one in map(readable_account, found) if one is not None)
    return sorted(accounts, key=lambda one: one.colour)


def readable_account(told: bytes) -> PurchaseAccount | None:
    """An account; None for one of another version, or a forged one."""
    try:
        return PurchaseAccount.model_validate_json(told)
    except ValidationError as error:
        _log.error("purchases of another version are left aside: %s", error)
        return None
