"""Purchases of raw material as orders keeps them."""

from omf.purchases.account import PurchaseAccount
from services.common.store.bus import Bus
from services.common.store.entries import all_readable

PURCHASES = "purchases"
"""Hash: colour -> PurchaseAccount."""


async def read_purchases(bus: Bus) -> list[PurchaseAccount]:
    """The account of each colour of which something was ever ordered, by colour."""
    found = await bus.call(bus.client.hvals(bus.key(PURCHASES)))
    accounts = all_readable(PurchaseAccount, found, "an account of purchases")
    return sorted(accounts, key=lambda one: one.colour)
