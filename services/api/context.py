"""What every request may use: the environments served, the clients known, the limits."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from omf.analysis.shifts import ShiftCalendar, default_shifts
from services.common.auth.api_tokens import ApiClient, Tokens
from services.common.auth.rate_limiter import RateLimiter, StreamLimiter
from services.common.foresight.reader import ForesightReader
from services.common.store.bus import Bus
from services.common.store.fold_reader import FoldReader
from services.common.store.keys import Environment
from services.history.location import storage_of
from services.history.reader import History
from services.history.storage import ArchiveStorage

QUESTIONS_AT_ONCE = 2
"""To the archive; each takes a process with its own memory beside the api's."""


@dataclass(frozen=True)
class ServedEnvironment:
    """One environment: its bus and its fold."""

    environment: Environment
    bus: Bus
    reader: FoldReader
    submitting: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Between the look whether an id is taken and the taking, nobody else submits."""
    travelling: asyncio.Lock = field(default_factory=asyncio.Lock)
    """A state of the past is folded anew: one at a time, or a few callers eat the processor."""


@dataclass
class AppContext:
    """Shared by all requests of one process; `tokens` None: only this machine, only looking."""

    environments: dict[Environment, ServedEnvironment]
    tokens: Tokens | None
    rate_limiter: RateLimiter = field(default_factory=RateLimiter)
    stream_limiter: StreamLimiter = field(default_factory=StreamLimiter)
    archive_of: Callable[[Environment], ArchiveStorage] = field(
        default=partial(storage_of, data=Path("data"))
    )
    """Where the archive of an environment lies."""
    shifts: ShiftCalendar = field(default_factory=default_shifts)
    questions: asyncio.Semaphore = field(
        default_factory=lambda: asyncio.Semaphore(QUESTIONS_AT_ONCE)
    )
    """Held by a question to the archive."""
    foresight: ForesightReader | None = None
    """Says what lies ahead; None: nobody does."""
    closing: bool = False
    """Open streams end, so that the process can."""

    def serves(self, client: ApiClient) -> bool:
        """Whether a stream of this client goes on: its token still stands in the file as it did."""
        known = self.tokens is None or self.tokens.all().get(client.name) == client
        return known and not self.closing

    def history(self, environment: Environment) -> History:
        """The archive of an environment."""
        return History(self.archive_of(environment))
