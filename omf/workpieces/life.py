"""What is kept of workpieces: where each one is, what happened to it, and by which messages.

Nothing here is guessed: what no message says outright is marked `inferred` and names its evidence.
Times are arrivals in Unix s, ids those of messages (PROTOCOL F.22).
"""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

MAX_OPEN_LIVES = 256
"""A warehouse has nine bays, a vehicle three, a module one: ten times the largest factory."""
MAX_ENDED_LIVES = 32
"""More than a busy model factory finishes between two archived states, which are an hour apart."""
MAX_LIFE_EVENTS = 256
"""Three times the life of a BLUE piece in traffic."""
MAX_LIFE_ORDERS = 16
MAX_CONTRADICTIONS = 16

PlaceKind = Literal["module", "bay", "vehicle"]
EventColumn = Literal["order", "station", "transport"]
Origin = Literal["intake", "stored", "vehicle", "module"]
Content = tuple[str | None, str | None]
"""Tag and colour of what a bay holds."""


class PlaceClaim(NamedTuple):
    """A place where a workpiece is, by the word of the message named."""

    device: str
    """Serial of the module or vehicle."""
    position: str | None
    """Bay of a warehouse, load position of a vehicle; None: has none, or it was not told."""
    kind: PlaceKind
    at: float
    message_id: str
    inferred: bool = False

    @property
    def name(self) -> str:
        """`SVR3QA0022/A1`, or the serial alone."""
        return self.device if self.position is None else f"{self.device}/{self.position}"

    @property
    def tells_tags(self) -> bool:
        """Whether the device said itself which tag lies there: warehouses and vehicles do."""
        return self.kind != "module" and self.position is not None and not self.inferred


class LifeEvent(NamedTuple):
    """One thing that happened to a workpiece; `what` is documented in docs/workpieces.md."""

    at: float
    message_id: str
    column: EventColumn
    what: str
    device: str | None = None
    position: str | None = None
    """Bay or load position."""
    node: str | None = None
    result: str | None = None
    order_id: str | None = None
    began_at: float | None = None
    """When the action began that ended with this."""
    companions: tuple[str, ...] = ()
    """Other pieces on the vehicle: their tags, or the ids of their lives."""
    inferred: bool = False
    evidence: tuple[str, ...] = ()
    """Further messages it follows from."""


class Contradiction(NamedTuple):
    """Two messages that cannot both be right, and which."""

    kind: str
    """`place`, `colour`, `tag`, `stock`."""
    at: float
    said: tuple[str, str]
    """What the first says and what the second: places, colours or tags."""
    evidence: tuple[str, str]
    until: float | None = None
    """When one of them was taken back; None: it stands."""


class StepTrace(NamedTuple):
    """One step of an order, as the CCU's lists told it."""

    id: str | None
    """The action id of the order to the module, or of the DOCK of the drive (PROTOCOL C.28)."""
    name: str
    """`DRILL.PICK`, `HBW > DRILL`."""
    state: str | None
    station: str | None = None
    """Type of the module that works on the piece; None for drives, PICK and DROP."""
    sent_at: float | None = None
    sent_by: str | None = None
    ended_at: float | None = None
    ended_by: str | None = None


@dataclass(slots=True)
class OrderTrace:
    """What an order did for a workpiece, with the messages that said so."""

    order_id: str
    type: str | None
    colour: str | None
    state: str | None = None
    request_id: str | None = None
    requested_at: float | None = None
    """Arrival of the request; None if it was not heard."""
    requested_by: str | None = None
    seen_at: float | None = None
    """Arrival of the first list or answer that names it; None if that was a retained copy."""
    seen_by: str | None = None
    ended_at: float | None = None
    ended_by: str | None = None
    planned: tuple[str, ...] = ()
    """Types of the stations that were to work on the piece, in their order."""
    planned_by: str | None = None
    """The message with the flow in force then; None: by the order's own steps."""
    steps: list[StepTrace] = field(default_factory=list)


@dataclass(slots=True)
class WorkpieceLife:
    """One piece from its intake, or from the first message about it, to its end."""

    id: str
    """The message it began with, and the position there where that message tells of several."""
    origin: Origin
    begun_at: float
    begun_by: str
    tag: str | None = None
    """None before it was read; then `id` and the claims are what it is known by."""
    colour: str | None = None
    """None is unknown; the first word on it, a second that differs is a contradiction."""
    colour_by: str | None = None
    claims: list[PlaceClaim] = field(default_factory=list)
    events: list[LifeEvent] = field(default_factory=list)
    orders: list[OrderTrace] = field(default_factory=list)
    contradictions: list[Contradiction] = field(default_factory=list)
    dropped_events: int = 0
    """Older events that found no room."""
    end: str | None = None
    """`delivered`, `rejected`, `turned_away`, `left_without_tag`, `taken_back`, `reentered`,
    `lost_at_reset`, `removed_from_stock`, `forgotten`; None while it is in the house."""
    ended_at: float | None = None
    ended_by: str | None = None

    @property
    def name(self) -> str:
        """The tag, or the id while there is none."""
        return self.tag or self.id

    def note(self, event: LifeEvent) -> None:
        """Keep an event; the oldest but one leaves where there is no room."""
        self.events.append(event)
        if len(self.events) > MAX_LIFE_EVENTS:
            del self.events[1]
            self.dropped_events += 1

    def contradict(self, found: Contradiction) -> None:
        """Keep a contradiction, once while it stands."""
        known = ((one.kind, frozenset(one.said)) for one in self.contradictions if not one.until)
        if (found.kind, frozenset(found.said)) not in known:
            self.contradictions.append(found)
            del self.contradictions[:-MAX_CONTRADICTIONS]

    def settle(self, kind: str, said: str, at: float) -> None:
        """End the contradictions of a kind that rest on what was taken back now."""
        for place, one in enumerate(self.contradictions):
            if one.kind == kind and one.until is None and said in one.said:
                self.contradictions[place] = one._replace(until=at)


@dataclass(slots=True)
class Workpieces:
    """All pieces in the house, the last ones that left it, and what devices told of them last."""

    open: dict[str, WorkpieceLife] = field(default_factory=dict)
    """By id, in order of their beginning."""
    ended: list[WorkpieceLife] = field(default_factory=list)
    ended_total: int = 0
    told: dict[str, dict[str, Content]] = field(default_factory=dict)
    """By device and position what it last said to hold there."""
    nodes: dict[str, str | None] = field(default_factory=dict)
    """By vehicle where it last said to be."""
    actions: dict[str, tuple[str | None, str | None, str | None]] = field(default_factory=dict)
    """By module id, command and state of the action it last told of."""
    instants: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By module type and message of the last instant action that takes pieces away."""
    by_order: dict[str, str] = field(default_factory=dict)
    """Id of the life by that of the running order it belongs to."""
    waiting_orders: dict[str, OrderTrace] = field(default_factory=dict)
    """Orders that no piece is known of yet."""
    flows_by: str | None = None
    """The message with the flows in force."""

    def life(self, life_id: str) -> WorkpieceLife | None:
        """The life of an id, if it is in the house or among the last ones that left it."""
        found = self.open.get(life_id)
        return found or next((one for one in self.ended if one.id == life_id), None)

    def find(
        self, tag: str, device: str | None = None, position: str | None = None
    ) -> WorkpieceLife | None:
        """The piece of a tag in the house: of several the one at that place, else the newest."""
        found = None
        for life in self.open.values():
            if life.tag != tag:
                continue
            found = life
            if any(one.device == device and one.position == position for one in life.claims):
                return life
        return found

    def at(self, device: str, position: str | None) -> WorkpieceLife | None:
        """The piece that is at a place; of several the last one to come there."""
        lives = reversed(self.open.values())
        return next((life for life in lives if _claims(life, device, position)), None)

    def on(self, device: str) -> list[WorkpieceLife]:
        """The pieces a device holds, in whichever position."""
        return [
            life
            for life in self.open.values()
            if any(claim.device == device for claim in life.claims)
        ]


def _claims(life: WorkpieceLife, device: str, position: str | None) -> bool:
    return any(one.device == device and one.position == position for one in life.claims)
