"""What every request may use: the environments served, the clients known, the limits."""

import asyncio
from dataclasses import dataclass, field

from services.api.limits import Seats
from services.api.reader import Reader
from services.api.tokens import Tokens
from services.common.auth.rate_limiter import Pace
from services.common.store.bus import Bus
from services.common.store.keys import Environment


@dataclass(frozen=True)
class Place:
    """One environment: its bus and its fold."""

    environment: Environment
    bus: Bus
    reader: Reader
    submitting: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Between the look whether an id is taken and the taking, nobody else submits."""
    travelling: asyncio.Lock = field(default_factory=asyncio.Lock)
    """A state of the past is folded anew: one at a time, or a few callers eat the processor."""


@dataclass
class Door:
    """Shared by all requests of one process; `tokens` None: only this machine, only looking."""

    places: dict[Environment, Place]
    tokens: Tokens | None
    pace: Pace = field(default_factory=Pace)
    seats: Seats = field(default_factory=Seats)
    closing: bool = False
    """Open streams end, so that the process can."""
