"""The lease of a role: one process of all that are started for it leads, the others stand by.

What is here asks nobody anything: `Leadership` (asyncio) and ingest carry question and answer.
"""

import secrets
from collections.abc import Mapping
from importlib.resources import files
from typing import Literal, NamedTuple

from services.common.process import clock
from services.common.store.bus import Bus
from services.common.store.entries import text
from services.common.store.leader_contracts import ROLES

ROLE_LEASE_S = 1.2
"""A leader that has not renewed for so long may be replaced."""
ROLE_RENEW_S = 0.4
STANDBY_LOOK_S = 0.15
"""How often a stand-by looks whether the lease has run out."""
STANDBY_SILENT_S = 5.0
"""A stand-by that has not said so for this long is gone."""
LEADER = "leader"
SCRIPT = files(__package__).joinpath("leader.lua").read_text("utf-8")

Act = Literal["claim", "renew", "release", "leave"]
How = Literal["first", "released", "restarted", "silent"]


def leader_key(role: str) -> str:
    """The name of the lease of a role in the table of contracts."""
    return f"{LEADER}:{role}"


class SupersededError(Exception):
    """Another process leads in this one's place; this one must end."""

    def __init__(self, role: str, node: str) -> None:
        super().__init__(
            f"{role} is led by {node} now: this process was silent for too long or is started"
            " twice; it writes nothing more and ends"
        )


class LeaderLease:
    """The lease as one process knows it. Called by one task or thread."""

    def __init__(self, role: str, node: str) -> None:
        """`node` tells machines apart: a process that is started again there need not wait."""
        self.role = role
        self.node = node
        self.life = secrets.token_hex(8)
        """Tells this process from every other, also of the same node."""
        self.token = 0
        """What fences it; 0 before it ever led."""
        self.leader = ""
        """The node that led when the store was last asked."""
        self.how: How | None = None
        """Why the lease could be taken."""
        self.before = ""
        """The life that led before this one and did not release."""
        self._ran_out_at = ""
        self._renewed_at = float("-inf")

    def question(self, act: Act) -> list[str]:
        """The arguments of the script."""
        lasts_us = str(int(ROLE_LEASE_S * 1e6))
        return [act, self.node, self.life, str(self.token), lasts_us, self._ran_out_at]

    def leads(self, answer: list[bytes], asked_at: float) -> bool:
        """Take the script's answer to a claim or a renewal; True if this process leads.

        `asked_at` is when it was asked, on the clock of `clock.monotonic`.
        """
        verdict, token, node, ran_out_at, _, before, how = map(bytes.decode, answer)
        self.leader, self._ran_out_at = node, ran_out_at
        if verdict != "leads":
            return False
        if how:
            self.how, self.before = _how(how), before
        self.token, self._renewed_at = int(token), asked_at
        return True

    @property
    def age_s(self) -> float:
        """Since this process last knew that it leads."""
        return clock.monotonic() - self._renewed_at

    @property
    def certain(self) -> bool:
        """True while nobody else can have taken over: the lease was renewed and has not run out."""
        return self.age_s < ROLE_LEASE_S

    def lost(self, token: int) -> bool:
        """True if this token, found in the store, is of a later leader."""
        return token > self.token


def _how(said: str) -> How:
    known: tuple[How, ...] = ("first", "released", "restarted", "silent")
    return next(how for how in known if how == said)


class RoleLeader(NamedTuple):
    """A role as it stands in the store, for whoever shows it; times in seconds."""

    role: str
    node: str
    """"" after it was released and nobody took it."""
    token: int
    renewed_s: float
    """Since the last renewal."""
    since: float
    """Since when this one leads, store clock in Unix seconds."""
    standbys: tuple[str, ...]
    """Nodes that wait."""

    @property
    def silent(self) -> bool:
        """True if nobody leads: it has not renewed for longer than a busy machine explains."""
        return not self.node or self.renewed_s > STANDBY_SILENT_S


async def read_leaders(bus: Bus, now: float) -> tuple[RoleLeader, ...]:
    """Who leads each role that ever ran here, by the store's time `now`."""
    async with bus.client.pipeline(transaction=False) as pipe:
        for role in ROLES:
            pipe.hgetall(bus.key(leader_key(role)))
        found = await bus.call(pipe.execute())
    pairs = zip(ROLES, found, strict=True)
    return tuple(_role(role, fields, now) for role, fields in pairs if fields.get(b"token"))


def _role(role: str, fields: Mapping[bytes, bytes], now: float) -> RoleLeader:
    def seconds(name: bytes) -> float:
        return int(fields.get(name, b"0")) / 1e6

    waits = {name: seconds(name) for name in fields if name.startswith(b"waits:")}
    here = sorted(name for name, at in waits.items() if abs(now - at) < STANDBY_SILENT_S)
    return RoleLeader(
        role,
        text(fields.get(b"node", b"")) if fields.get(b"life") else "",
        int(fields[b"token"]),
        abs(now - seconds(b"at")),
        seconds(b"since"),
        tuple(text(name).partition(":")[2] for name in here),
    )
