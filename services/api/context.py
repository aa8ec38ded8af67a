"""What every request may use: the environments served, the clients known, the limits."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path

from omf.analysis.shifts import ShiftCalendar, default_shifts
from services.api.token_refusals import TokenRefusals
from services.common.auth.access_tokens import (
    USED_EVERY_S,
    PersonClient,
    StandingOverError,
    client_by_id,
    note_use,
)
from services.common.auth.api_tokens import ApiClient, Tokens
from services.common.auth.rate_limiter import RateLimiter, StreamLimiter
from services.common.foresight.reader import ForesightReader
from services.common.process import clock
from services.common.store.bus import Bus
from services.common.store.fold_reader import FoldReader
from services.common.store.keys import Environment
from services.history.location import storage_of
from services.history.reader import History
from services.history.storage import ArchiveStorage

MAX_NOTED_USES = 10_000
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
    used_at: dict[str, float] = field(default_factory=dict)
    """When the use of a person's token was written down last."""
    closing: bool = False
    """Open streams end, so that the process can."""

    @property
    def people_bus(self) -> Bus:
        """Where the tokens of people lie: the first environment, as for the pages."""
        return next(iter(self.environments.values())).bus

    @cached_property
    def refusals(self) -> TokenRefusals:
        """Notes which tokens were refused, where the tokens of people lie."""
        return TokenRefusals(self.people_bus)

    async def note_use(self, client: PersonClient) -> None:
        """Write down now and then that a person's token was used. StoreError."""
        now = clock.now()
        before = self.used_at.get(client.sha256, 0.0)
        if abs(now - before) < USED_EVERY_S:
            return
        if len(self.used_at) >= MAX_NOTED_USES:
            self.used_at.clear()
        self.used_at[client.sha256] = now
        await note_use(self.people_bus, client.sha256, now)

    async def serves(self, client: ApiClient) -> bool:
        """Whether a stream of this client goes on: its token is still known, with the same rights.

        StoreError while nobody can say so of a person.
        """
        if self.closing:
            return False
        if isinstance(client, PersonClient):
            with suppress(StandingOverError):
                return await client_by_id(self.people_bus, client.sha256, clock.now()) == client
            return False
        return self.tokens is None or self.tokens.all().get(client.name) == client

    def history(self, environment: Environment) -> History:
        """The archive of an environment."""
        return History(self.archive_of(environment))
