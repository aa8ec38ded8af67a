"""The control lease of an environment: who leads it, until when, and who asks to take over."""

from typing import Self

from services.common.store.bus import Bus
from services.common.store.keys import StreamModel

LEASE_KEY = "lease"


class Lease(StreamModel):
    """Written by orders alone, with each `control-*` command."""

    required: bool = False
    """True: kinds that are `risky` are refused to everybody but the holder."""
    four_eyes: bool = False
    """True: dangerous kinds wait for a second person."""
    holder: str = ""
    """Who took it last; ask `holder_at`, for a lease runs out by itself."""
    since: float = 0.0
    """Since when the holder leads, store clock in Unix seconds."""
    until: float = 0.0
    """When it runs out."""
    asked_by: str = ""
    """Who asks the holder to hand over."""
    asked_at: float = 0.0

    @property
    def vacant(self) -> Self:
        """The same factory while nobody leads it."""
        return type(self)(required=self.required, four_eyes=self.four_eyes)

    def holder_at(self, now: float) -> str:
        """Who leads at `now`, by the store's clock; "" if nobody does."""
        return self.holder if now < self.until else ""

    def bars(self, operator: str, now: float) -> bool:
        """True if this person may give no risky command at `now`."""
        return self.required and self.holder_at(now) != operator


async def read(bus: Bus) -> Lease:
    """The lease as it stands; nobody's and not required where orders never ran."""
    found = await bus.call(bus.client.get(bus.key(LEASE_KEY)))
    return Lease.model_validate_json(found) if found else Lease()
