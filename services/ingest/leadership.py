"""Whether this ingest leads its part of the environment, asked in the main thread.

What `services.common.process.leadership` is to a process with an event loop.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from services.common.process import clock
from services.common.process.health import Health
from services.common.process.leadership import follow_lease, show_lead, show_standby
from services.common.store.clients import DriverError
from services.common.store.fence import Fence
from services.common.store.keys import key
from services.common.store.leader_lease import (
    ROLE_RENEW_S,
    SCRIPT,
    STANDBY_LOOK_S,
    Act,
    LeaderLease,
    SupersededError,
    leader_key,
)
from services.ingest.own_thread import WaitEvent
from services.ingest.settings import IngestSettings

_log = logging.getLogger(__name__)


class StoppedError(Exception):
    """Told to stop while waiting for the store, or for the lead."""


class IngestLeadership:
    """The lease of one ingest; called by its main thread alone.

    `store` is guarded from now on: whatever it writes for a process that lost the lead is refused,
    and SupersededError leaves the call. A store that is away is left for the next time.
    """

    def __init__(self, store: Any, settings: IngestSettings, health: Health) -> None:
        """Of all that ingest does in an environment, or of one shard of it."""
        role = settings.shard.name("ingest")
        self.lease = LeaderLease(role, settings.node)
        self._key = key(settings.environment, leader_key(role))
        self.fence = Fence(self._key, lambda: self.lease.token, self._refused)
        self.fence.guard(store)
        self._ask = store.register_script(SCRIPT)
        self._health = health
        self._due = 0.0
        follow_lease(self.lease)

    @property
    def due_in_s(self) -> float:
        """How long the next renewal has time."""
        return max(0.0, self._due - clock.monotonic())

    def begin(self, beat: Callable[[], None], stopping: WaitEvent) -> None:
        """Return once this process leads; StoppedError if it is told to stop before.

        Comes before the broker is asked: it throws out whoever has our client id there.
        """
        while not self._claim():
            beat()
            if stopping.wait(STANDBY_LOOK_S):
                self.end("leave")
                raise StoppedError

    def _claim(self) -> bool:
        try:
            leads = self._told("claim")
        except DriverError as error:
            _log.warning("waiting for the store: %s", error)
            return False
        if leads:
            show_lead(self.lease, self._health)
        else:
            show_standby(self.lease, self._health)
        return leads

    def keep(self) -> None:
        """Renew if it is time; SupersededError once another one leads."""
        if self.due_in_s:
            return
        with suppress(DriverError):
            if not self._told("renew"):
                raise SupersededError(self.lease.role, self.lease.leader)

    def end(self, act: Act) -> None:
        """`release` the lead, or `leave` those that stand by."""
        with suppress(DriverError):
            self._ask(keys=[self._key], args=self.lease.question(act))

    def _told(self, act: Act) -> bool:
        began = clock.monotonic()
        self._due = began + ROLE_RENEW_S
        return self.lease.leads(self._ask(keys=[self._key], args=self.lease.question(act)), began)

    def _refused(self, token: int, node: str) -> None:
        self._due = 0.0
        if self.lease.lost(token):
            raise SupersededError(self.lease.role, node)
