"""All that the pages of one environment show, fed by one reader and shared by every browser."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from omf.constants import SERVICE_SILENCE_S
from omf.factory import FactoryState
from omf.factory.freshness import moment
from omf.message import Message
from services.common.brackets import OpenBracket
from services.common.bus import BufferInfo
from services.common.lease import Lease
from services.common.sessions import Session
from services.common.station import ReplayStatus
from services.common.streams import CommandEvent, Environment, Link
from services.ui.command_log import CommandLog
from services.ui.condition import Picture
from services.ui.journal import Journal
from services.ui.presence import Looker

T = TypeVar("T")


@dataclass(slots=True)
class StoreHealth:
    """Whether the bus can be read, since when, and what it said if not."""

    readable: bool | None = None
    since: float = 0.0
    detail: str = ""


@dataclass(slots=True)
class Links:
    """The broker links as their owners last wrote them."""

    ingest: Link | None = None
    gateway: Link | None = None


@dataclass(slots=True)
class ViewModel:
    """The state behind the pages. Only the reader writes; `version` rises with each change."""

    environment: Environment
    factory: FactoryState = field(default_factory=FactoryState)
    journal: Journal = field(default_factory=Journal)
    commands: CommandLog = field(default_factory=CommandLog)
    links: Links = field(default_factory=Links)
    lease: Lease = field(default_factory=Lease)
    picture: Picture = field(default_factory=Picture)
    lookers: tuple[Looker, ...] = ()
    store: StoreHealth = field(default_factory=StoreHealth)
    buffers: list[BufferInfo] = field(default_factory=list)
    brackets: list[OpenBracket] = field(default_factory=list)
    sessions: list[tuple[Session, str]] = field(default_factory=list)
    """Named time ranges, and how much of each is still kept: `whole`, `partly` or `gone`."""
    station: ReplayStatus | None = None
    mirrored: int | None = None
    """The class of messages that somebody chose to be recorded; None: as ingest was configured."""
    caught_up: bool = False
    version: int = 0
    received: int = 0
    """Messages folded by this process so far."""
    on_news: Callable[[], None] = lambda: None
    now: float = 0.0
    _shared: dict[Hashable, Any] = field(default_factory=dict)
    _shown: tuple[int, int] = (-1, -1)
    _looked: tuple[int, int] = (-1, -1)

    @property
    def factory_now(self) -> float:
        """The moment the factory is judged at: nobody falls silent while a replay stands still."""
        newest = next(self.journal.newest(1), None)
        told = self.links.ingest.message_now(self.now) if self.links.ingest else self.now
        now = moment(self.factory, told)
        if self.environment != "replay" or self.playing or newest is None:
            return now
        return min(now, newest.received_at)

    @property
    def playing(self) -> bool:
        """True while the session station plays here."""
        station = self.station
        if station is None or self.now - station.at > SERVICE_SILENCE_S:
            return False
        return station.state == "playing"

    def receive(self, batch: Sequence[Message]) -> None:
        """Fold messages into the factory and keep them for the message centre."""
        for message in batch:
            self.factory.apply(message, message.received_at)
            self.journal.add(message)
        self.received += len(batch)
        if batch:
            self.changed()

    def hear(self, event: CommandEvent) -> bool:
        """Add one stage of a command; False if the command itself is not known yet."""
        self.changed()
        return self.commands.hear(event)

    def begin_anew(self) -> None:
        """The store was emptied: nothing is known any more."""
        self.factory = FactoryState()
        self.journal.clear()
        self.commands.clear()
        self.caught_up = False
        self.changed()

    def changed(self) -> None:
        """There are news: whoever draws is told at once."""
        self.version += 1
        self.on_news()

    def readable(self, at: float) -> None:
        """The bus answered."""
        self._store(readable=True, at=at, detail="")

    def unreadable(self, at: float, detail: str) -> None:
        """The bus did not answer; what is shown stays and grows old."""
        self._store(readable=False, at=at, detail=detail)

    def _store(self, *, readable: bool, at: float, detail: str) -> None:
        if self.store.readable is readable:
            return
        self.store = StoreHealth(readable, at, detail)
        self.changed()

    def turn(self, now: float) -> bool:
        """Begin a new picture at time `now`; True if it may differ from the one before.

        Without news the picture changes once a second, because ages do.
        """
        self.look(now)
        if self._looked == self._shown:
            return False
        self._shown = self._looked
        return True

    def look(self, now: float) -> None:
        """Begin a picture for one page alone: the others still have their news to come."""
        self.now = now
        if (looked := (self.version, int(now))) != self._looked:
            self._looked = looked
            self._shared.clear()

    def shared(self, key: Hashable, build: Callable[[], T]) -> T:
        """`build()`, made once per picture however many browsers ask for it."""
        if key not in self._shared:
            self._shared[key] = build()
        found: T = self._shared[key]
        return found
