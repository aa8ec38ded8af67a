"""One process of a role works, those beside it stand by and take over when it falls silent.

A lease in the store says who leads (leader.lua), its token fences every write (fence.lua), so a
process that was frozen, thaws and believes that it still leads writes nothing and ends.
"""

import asyncio
import logging
import os
from collections.abc import Callable
from contextlib import suppress

from prometheus_client import Counter, Gauge

from services.common.process import clock, timer_slots
from services.common.process.exit_codes import ExitCode
from services.common.process.health import Health
from services.common.store.bus import Bus, StoreError
from services.common.store.fence import Fence
from services.common.store.leader_lease import (
    ROLE_RENEW_S,
    SCRIPT,
    STANDBY_LOOK_S,
    Act,
    LeaderLease,
    SupersededError,
    leader_key,
)

LEADS = Gauge("omf_leads", "1 while this process does the work of its role, 0 while it stands by")
TOKEN = Gauge("omf_leader_token", "Fencing token of this process: how often its role was taken")
RENEWED = Gauge("omf_leader_renewal_age_seconds", "Since this process last renewed its lead")
TAKEN = Counter(
    "omf_leader_taken", "Times this process took the lead, by how it became free", ["how"]
)

LEADERSHIP_LOOP = "leadership"

_log = logging.getLogger(__name__)


def end_process(code: int) -> None:
    """At once: whatever else a process does at its end would be written by nobody's right."""
    logging.shutdown()
    os._exit(code)


class Leadership:
    """Whether this process leads, in the event loop of a service.

    `begin` waits, then a task of its own renews until `release`. What the store refuses to a
    process that lost the lead ends it at once, with code 75 and one line. StoreError is waited out:
    while the store is away nobody can take over either.
    """

    def __init__(
        self,
        bus: Bus,
        role: str,
        node: str,
        health: Health,
        end: Callable[[int], None] | None = None,
    ) -> None:
        """From now on every write over `bus` needs the lead; `end` ends the process."""
        self.lease = LeaderLease(role, node)
        self._bus = bus
        self._health = health
        self._end = end or end_process
        self._doubted = False
        self._turn: asyncio.Future[None] | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._key = bus.key(leader_key(role))
        bus.fence(Fence(self._key, lambda: self.lease.token, self._refused))
        # In a process of several factories the next life of this one claims the lead anew; what the
        # last one left running would take that for another process and end all of them.
        bus.at_end.append(self._keep_no_more)
        follow_lease(self.lease)

    async def begin(self, asked: asyncio.Event) -> None:
        """Return once this process leads; SystemExit(0) if it is asked to end before."""
        while not await self._claimed():
            self._health.beat(LEADERSHIP_LOOP)
            with suppress(TimeoutError):
                await asyncio.wait_for(asked.wait(), STANDBY_LOOK_S)
            if asked.is_set():
                with suppress(StoreError):
                    await self._ask("leave")
                raise SystemExit(ExitCode.STOPPED)
        self._keeper = asyncio.create_task(self._keep(), name=LEADERSHIP_LOOP)

    async def release(self) -> None:
        """Let a stand-by take over at once; the last thing a process does with the store."""
        self._keep_no_more()
        with suppress(StoreError):
            await self._ask("release")

    def _keep_no_more(self) -> None:
        if self._keeper:
            self._keeper.cancel()

    @property
    def certain(self) -> bool:
        """True while nobody else can have taken over, without asking."""
        return self.lease.certain

    def doubt(self) -> None:
        """Renew now, not at the next turn."""
        self._doubted = True
        if self._turn and not self._turn.done():
            self._turn.set_result(None)

    async def _claimed(self) -> bool:
        began = clock.monotonic()
        try:
            leads = self.lease.leads(await self._ask("claim"), began)
        except StoreError as error:
            self._health.hindered(LEADERSHIP_LOOP, str(error))
            return False
        self._health.hindered(LEADERSHIP_LOOP, "")
        if leads:
            show_lead(self.lease, self._health)
        else:
            show_standby(self.lease, self._health)
        return leads

    async def _keep(self) -> None:
        began = clock.monotonic()
        while True:
            if not self._doubted:
                self._turn = timer_slots.timer(ROLE_RENEW_S, began)
                await self._turn
            self._doubted = False
            self._health.beat(LEADERSHIP_LOOP)
            began = clock.monotonic()
            try:
                leads = self.lease.leads(await self._ask("renew"), began)
            except StoreError:
                continue  # every loop says so already
            if not leads:
                self._give_up(self.lease.leader)

    async def _ask(self, act: Act) -> list[bytes]:
        question = self.lease.question(act)
        answer: list[bytes] = await self._bus.unfenced_script(SCRIPT, [self._key], question)
        return answer

    def _refused(self, token: int, node: str) -> None:
        """The store refused a write: somebody else leads, or it lost who does."""
        if self.lease.lost(token):
            self._give_up(node)
        self.doubt()

    def _give_up(self, node: str) -> None:
        _log.critical("%s", SupersededError(self.lease.role, node))
        self._end(ExitCode.SUPERSEDED)


def follow_lease(lease: LeaderLease) -> None:
    """Ask for the age of the last renewal at every scrape."""
    LEADS.set(0)
    RENEWED.set_function(lambda: lease.age_s if lease.token else 0.0)


def show_lead(lease: LeaderLease, health: Health) -> None:
    """This process leads from now on."""
    health.stands_by(None)
    LEADS.set(1)
    TOKEN.set(lease.token)
    TAKEN.labels(lease.how).inc()
    _log.info("leads %s as %s (%s), token %d", lease.role, lease.node, lease.how, lease.token)


def show_standby(lease: LeaderLease, health: Health) -> None:
    """Another one leads."""
    if health.leader != lease.leader:
        _log.info("stands by for %s: %s leads", lease.role, lease.leader)
    health.stands_by(lease.leader)
