"""All that the pages of one environment show, fed by one reader and shared by every browser."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, TypeVar

from omf.constants import SERVICE_SILENCE_S
from omf.layout.default import default_layout
from omf.layout.layout import Layout
from omf.messages.message import Message
from omf.plans.plan import OrderPlan
from omf.purchases.account import PurchaseAccount
from omf.sequences.run import SequenceRun
from omf.simulation.forecast import Forecast
from omf.simulation.learned import LearnedDurations
from omf.state import FactoryState
from omf.state.staleness import moment
from services.common.sessions.named_ranges import ListedSession
from services.common.sessions.recorded_time import RecordedTimes
from services.common.sessions.runs import OpenRun
from services.common.sessions.station import ReplayStatus
from services.common.store.approvals import PendingApproval
from services.common.store.archive_status import ArchiveStatus
from services.common.store.backup_note import BackupNote
from services.common.store.brackets import OpenBracket
from services.common.store.entries import BufferInfo
from services.common.store.environments import is_replay
from services.common.store.keys import Command, CommandEvent, CommandRecord, Environment, LinkHealth
from services.common.store.leader_lease import RoleLeader
from services.common.store.lease import Lease
from services.common.store.notification_status import NotificationStatus
from services.common.store.pending_previews import PendingPreview
from services.common.store.stream_load import StreamLoad
from services.ui.live.command_log import CommandLog
from services.ui.live.health_poller import HealthSnapshot
from services.ui.live.presence import Viewer
from services.ui.live.recent_messages import Journal

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

    ingest: LinkHealth | None = None
    gateway: LinkHealth | None = None
    leaders: tuple[RoleLeader, ...] = ()
    """Which process of each role works, and which stand by."""


@dataclass(slots=True)
class ViewModel:
    """The state behind the pages. Only the reader writes; `version` rises with each change."""

    environment: Environment
    speed: float = 1.0
    """How many seconds of this factory pass in one of life, as far as is known beforehand."""
    factory: FactoryState = field(default_factory=FactoryState)
    journal: Journal = field(default_factory=Journal)
    commands: CommandLog = field(default_factory=CommandLog)
    links: Links = field(default_factory=Links)
    lease: Lease = field(default_factory=Lease)
    health: HealthSnapshot = field(default_factory=HealthSnapshot)
    viewers: tuple[Viewer, ...] = ()
    previews: tuple[PendingPreview, ...] = ()
    """Commands in preparation, of everybody."""
    store: StoreHealth = field(default_factory=StoreHealth)
    buffers: list[BufferInfo] = field(default_factory=list)
    brackets: list[OpenBracket] = field(default_factory=list)
    approvals: list[PendingApproval] = field(default_factory=list)
    """Dangerous commands that wait for a second person."""
    plans: list[OrderPlan] = field(default_factory=list)
    purchases: list[PurchaseAccount] = field(default_factory=list)
    """Raw material that was ordered, one account for each colour."""
    runs: list[SequenceRun] = field(default_factory=list)
    """Sequences of commands: the open ones, then the last that ended."""
    sessions: list[ListedSession] = field(default_factory=list)
    planning_runs: list[OpenRun] = field(default_factory=list)
    """Planning runs under way, the oldest first."""
    forecast: Forecast | None = None
    """When orders end; None while nobody has foretold it, and where nobody can."""
    learned: LearnedDurations | None = None
    """How long steps take here by the archive; None where no historian learned it."""
    archive: ArchiveStatus | None = None
    """None where no historian ever ran."""
    backup: BackupNote | None = None
    """The last copy of the store; None where none was made."""
    streams: tuple[StreamLoad, ...] = ()
    """Of our own: how full, and what of it waits."""
    notifications: NotificationStatus | None = None
    """None where nobody is told outside."""
    """Named time ranges, and how much of each is still kept: `whole`, `partly` or `gone`."""
    station: ReplayStatus | None = None
    mirrored: int | None = None
    """The class of messages that somebody chose to be recorded; None: as ingest was configured."""
    reset_cleared: float = 0.0
    """Up to which factory reset somebody said that what it left is put away."""
    caught_up: bool = False
    version: int = 0
    received: int = 0
    """Messages folded by this process so far."""
    on_news: Callable[[], None] = lambda: None
    past: float | None = None
    """The moment of the past it stands at, Unix seconds; None: it goes with the present."""
    through: str = ""
    """In the past the id of the last message in it."""
    now: float = 0.0
    """The time of this picture as the factory has it: in a replay the recorded time."""
    wall: float = 0.0
    """The time of this picture here, by which links, sessions and people are measured."""
    times: RecordedTimes | None = None
    """Where a replay has come to; None elsewhere."""
    _last_layout: Layout | None = None
    """The last that was told, be it of the session before the one that is played."""
    _shared: dict[Hashable, Any] = field(default_factory=dict)
    _shared_before: dict[Hashable, Any] = field(default_factory=dict)
    _shown: tuple[int, int] = (-1, -1)
    _looked: tuple[int, int] = (-1, -1)
    _replay: bool = field(init=False)
    """Asked for every mark of every page."""

    def __post_init__(self) -> None:
        self._replay = is_replay(self.environment)

    @property
    def factory_now(self) -> float:
        """The moment the factory is judged at, on the clock by which its messages are dated."""
        ingest = self.links.ingest
        if ingest is None or self._replay:
            return moment(self.factory, self.now)
        return moment(self.factory, ingest.message_now(self.now))

    @property
    def layout(self) -> Layout | None:
        """The shop floor to be drawn: as received; in a replay else the last known, or the default.

        Many sessions begin long after the CCU told its layout.
        """
        known = self.factory.layout
        if known or not self._replay:
            return known
        return self._last_layout or _default_layout()

    @property
    def layout_is(self) -> Literal["received", "last", "default"]:
        """Where the drawn layout is from."""
        if self.factory.layout or not self._replay:
            return "received"
        return "last" if self._last_layout else "default"

    @property
    def playing(self) -> bool:
        """True while the session station plays here."""
        station = self.station
        if station is None or self.wall - station.at > SERVICE_SILENCE_S:
            return False
        return station.state == "playing"

    @property
    def paused(self) -> bool:
        """True while somebody has paused what is played here: nothing on the pages goes on."""
        told = self.station
        recent = told is not None and self.wall - told.at <= SERVICE_SILENCE_S
        return recent and told is not None and told.state == "paused"

    def _moment(self, wall: float) -> float:
        """What time it is for whoever looks: in a replay the recorded time, which may stand still.

        Where nobody says any more how time passes it stands at the newest message.
        """
        if self.past is not None:
            return self.past
        if not self._replay:
            return wall
        played = self.times.newest if self.times else None
        ingest, newest = self.links.ingest, self.factory.last_received
        now = wall + (ingest.ahead_s if ingest else 0.0)
        now = played.moment(now) if played else now
        stands = newest is not None and (played is None or played.pace) and not self.playing
        return min(now, newest) if stands and newest is not None else now

    def receive(self, batch: Sequence[Message]) -> None:
        """Fold messages into the factory and keep them for the message centre."""
        for message in batch:
            if message.session != self.factory.session:
                self.journal.clear()
            self.factory.apply(message, message.received_at)
            self.journal.add(message)
            # In the order of arrival: of two that are alike the first is the one we sent.
            self.commands.publishes.of(message)
            self._last_layout = self.factory.layout or self._last_layout
        self.received += len(batch)
        if batch:
            self.changed()

    def hear(self, event: CommandEvent) -> bool:
        """Add one stage of a command; False if the command itself is not known yet."""
        self.changed()
        return self.commands.hear(self._dated(event))

    def load(self, records: Sequence[CommandRecord]) -> None:
        """Take over whole lives of commands."""
        for record in records:
            events = tuple(self._dated(event) for event in record.events)
            self.commands.load([CommandRecord(command=self._asked(record.command), events=events)])

    def ask(self, command: Command) -> None:
        """Remember a command at the moment it is handed in, before orders has said a word."""
        self.commands.ask(self._asked(command))

    def dated(self, at: float) -> float:
        """A moment here as the factory has it: in a replay the recorded one."""
        return at if self.times is None else self.times.moment(at)

    def _asked(self, command: Command) -> Command:
        return command.model_copy(update={"created_at": self.dated(command.created_at)})

    def _dated(self, event: CommandEvent) -> CommandEvent:
        return event.model_copy(update={"at": self.dated(event.at)})

    def begin_anew(self, factory: FactoryState) -> None:
        """At the start, and once the store was emptied: nothing is known but `factory`."""
        self.factory = factory
        self.forecast = None
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

    def prepared(self, previews: tuple[PendingPreview, ...]) -> None:
        """These commands are in preparation now; pages hear of it only where it is news."""
        if previews != self.previews:
            self.previews = previews
            self.changed()

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
        self.wall, self.now = now, self._moment(now)
        if (looked := (self.version, int(now))) != self._looked:
            self._looked = looked
            self._shared_before, self._shared = self._shared, {}

    def shared(self, key: Hashable, build: Callable[[], T]) -> T:
        """`build()`, made once per picture however many browsers ask for it.

        A tuple that equals the one of the picture before is that one: each page sees at once that
        nothing of it changed.
        """
        if key not in self._shared:
            made, before = build(), self._shared_before.get(key)
            same = isinstance(made, tuple) and made == before
            self._shared[key] = before if same else made
        found: T = self._shared[key]
        return found


@cache
def _default_layout() -> Layout:
    return Layout.from_message(default_layout())
