"""A broker in memory by the rules of MQTT 3.1.1: sessions, retained messages, who is connected.

A persistent session gets what was published while it was away; a message of QoS 1 that was not
acknowledged comes again; retained messages come at each subscribe.
"""

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple, Protocol

from omf.topics.filters import matches as _matches
from tests.simulation.faults import Dice, Journal
from tests.simulation.virtual_time import HostClock

matches = cache(_matches)
"""Each run asks the same again and again."""
PACKET_IDS = 65535
RETAINED_LINK = "-retained"
"""Ends the client id by which ingest asks once more."""


class Accepted(NamedTuple):
    """One publish the broker took."""

    at: float
    """By the clock of the host, Unix seconds."""
    sender: str
    """Client id; "" for the devices of the floor."""
    topic: str
    payload: bytes


class Connection(Protocol):
    """A client that is, or was, connected."""

    client_id: str
    session: "Session"

    def deliver(self, topic: str, payload: bytes, *, retain: bool) -> None:
        """Send it a message."""

    def broken(self, why: str) -> None:
        """Its connection is gone."""


@dataclass
class Session:
    """What the broker knows of one client id."""

    filters: set[str] = field(default_factory=set)
    unsent: list[tuple[str, bytes, bool]] = field(default_factory=list)
    unacknowledged: dict[int, tuple[str, bytes, bool]] = field(default_factory=dict)
    next_mid: int = 1

    def take_mid(self) -> int:
        """The next packet id that is free."""
        while self.next_mid in self.unacknowledged:
            self.next_mid = self.next_mid % PACKET_IDS + 1
        taken, self.next_mid = self.next_mid, self.next_mid % PACKET_IDS + 1
        return taken


class Onlooker(Protocol):
    """Sees what passes at the broker, at the moment it does."""

    def published(self, one: Accepted) -> None:
        """The broker took a message."""

    def acknowledged(self, topic: str, payload: bytes) -> None:
        """A publisher learned that the broker took its message."""

    def settled(self, topic: str, payload: bytes, retain: bool, *, mid: int) -> None:  # noqa: FBT001 - as the session keeps it
        """The broker learned that a persistent session has a message, and forgets it."""


class SimulatedBroker:
    """Sessions, retained messages and the links that are connected."""

    def __init__(self, dice: Dice, journal: Journal, host: HostClock) -> None:
        self.dice, self.journal, self.host = dice, journal, host
        self.up = True
        self.accepted: list[Accepted] = []
        """Every publish it took, in order."""
        self.listener: Callable[[str, bytes], None] = lambda _topic, _payload: None
        """The floor hears all of it, without a connection that could break."""
        self.onlooker: Onlooker | None = None
        self.subscribed_at = sys.maxsize
        """How many publishes came before the first subscription of a persistent session."""
        self.told_again_until = 0
        """How many publishes came before ingest had last asked for what is retained once more."""
        self._sessions: dict[str, Session] = {}
        self._retained: dict[str, bytes] = {}
        self._links: dict[str, Connection] = {}

    def restart(self, down_s: float) -> None:
        """Everybody is thrown out; sessions and retained messages lie on its disk."""
        self.up = False
        self.journal.note("broker", "goes")
        for link in list(self._links.values()):
            link.broken("the broker went away")
        asyncio.get_running_loop().call_later(down_s, self._come)

    def _come(self) -> None:
        self.up = True
        self.journal.note("broker", "comes")

    def connect(self, link: Connection, *, clean: bool) -> tuple[Session, bool]:
        """The session of a link, and whether it was there."""
        if (other := self._links.get(link.client_id)) and other is not link:
            other.broken("another client took the name over")
        known = not clean and link.client_id in self._sessions
        session = self._sessions[link.client_id] if known else Session()
        if not clean:
            self._sessions[link.client_id] = session
        self._links[link.client_id] = link
        return session, known

    def gone(self, link: Connection) -> None:
        """A connection is closed."""
        if self._links.get(link.client_id) is link:
            del self._links[link.client_id]
            if link.client_id.endswith(RETAINED_LINK):
                self.told_again_until = len(self.accepted)

    def take(self, topic: str, payload: bytes, *, retain: bool, sender: str = "") -> None:
        """Accept a publish and hand it to whoever subscribed."""
        self.accepted.append(Accepted(self.host.now(), sender, topic, payload))
        if self.onlooker:
            self.onlooker.published(self.accepted[-1])
        self.listener(topic, payload)
        if retain:
            self._retained[topic] = payload
        for client_id, session in self._sessions.items():
            if client_id not in self._links and _wants(session, topic):
                session.unsent.append((topic, payload, False))
        for link in list(self._links.values()):
            if _wants(link.session, topic):
                link.deliver(topic, payload, retain=False)

    def retained(self, topic_filter: str) -> list[tuple[str, bytes]]:
        """What a new subscription is told."""
        return [(t, p) for t, p in self._retained.items() if matches(topic_filter, t)]


def _wants(session: Session, topic: str) -> bool:
    return any(matches(one, topic) for one in session.filters)
