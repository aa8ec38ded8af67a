"""What lies in the warehouse, by each of the three that tell it, and where they disagree."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from omf.constants import COLOURS
from omf.messages.ccu import StockItem
from omf.state.modules import WAREHOUSE, Module
from omf.state.values import Arrival, clip

MAX_WAREHOUSE_BAYS = 256
"""Nine per warehouse (PROTOCOL B.8); the state stays small whatever is sent."""
CLOUD = "cloud"
BAY_RESERVED = "RESERVED"

Piece = tuple[str | None, str | None]
"""Colour and tag."""


@dataclass(slots=True)
class Bay:
    """One bay; neither colour nor tag is an empty one, reported as empty."""

    workpiece_id: str | None
    colour: str | None
    state: str | None
    """RAW or RESERVED; None while the bay is empty and nobody has reserved it."""
    hbw: str | None
    location: str
    since: float | None = None
    """Arrival of the first message that showed it so."""

    @property
    def piece(self) -> Piece:
        """What lies there: colour and tag."""
        return self.colour, self.workpiece_id

    @property
    def empty(self) -> bool:
        """Nothing lies there; of a piece its tag may be known and its colour not."""
        return self.colour is None and self.workpiece_id is None


@dataclass(slots=True)
class Source:
    """One teller of the stock; `bays` is empty and `known` False until it spoke."""

    bays: dict[str, Bay] = field(default_factory=dict)
    known: bool = False
    at: float | None = None
    """Newest live message."""


@dataclass(slots=True)
class Conflict:
    """One bay that two tellers see differently, `other` being a warehouse's serial or CLOUD."""

    bay: str
    other: str
    ccu: Piece
    told: Piece
    since: float


@dataclass(slots=True)
class Stock:
    """The CCU's stock, the warehouse's own loads and the cloud's copy, and their conflicts."""

    ccu: Source = field(default_factory=Source)
    hbw: dict[str, Source] = field(default_factory=dict)
    """By serial of the warehouse."""
    cloud: Source = field(default_factory=Source)
    conflicts: list[Conflict] = field(default_factory=list)

    @property
    def bays(self) -> dict[str, Bay]:
        """The bays by the CCU's word, which is what it delivers from."""
        return self.ccu.bays

    @property
    def known(self) -> bool:
        """Tell whether the CCU ever reported its stock: an empty one is not an unknown one."""
        return self.ccu.known

    @property
    def at(self) -> float | None:
        """Arrival of the newest live stock message of the CCU."""
        return self.ccu.at

    def counts(self) -> dict[str, int]:
        """Pieces by colour, reserved ones too; zero where none lies."""
        counts = dict.fromkeys(COLOURS, 0)
        for bay in self.bays.values():
            if bay.colour is not None:
                counts[bay.colour] = counts.get(bay.colour, 0) + 1
        return counts

    def by_state(self) -> dict[str, int]:
        """Pieces by colour and state, such as `RED:RAW`."""
        counts: dict[str, int] = {}
        for bay in self.bays.values():
            if bay.colour is not None:
                key = f"{bay.colour}:{bay.state}"
                counts[key] = counts.get(key, 0) + 1
        return counts

    def free(self, colour: str) -> int:
        """Pieces of that colour no order has reserved."""
        return sum(bay.colour == colour and bay.state == "RAW" for bay in self.bays.values())

    @property
    def empty_bays(self) -> int:
        """Bays reported as empty."""
        return sum(bay.empty for bay in self.bays.values())

    @property
    def reserved_bays(self) -> int:
        """Empty bays kept for a piece that is still to come."""
        return sum(bay.empty and bay.state == BAY_RESERVED for bay in self.bays.values())

    def bay(self, hbw: str, name: str) -> Bay | None:
        """The bay of that name in the warehouse of that serial, by the CCU's word."""
        found = (self.bays.get(key) for key in (f"{hbw}/{name}", name))
        return next((bay for bay in found if bay is not None and (bay.hbw or "") == hbw), None)


def racks(stock: Stock, modules: Iterable[Module]) -> dict[str, tuple[str, ...]]:
    """The names of the bays by the serial of their warehouse, as people read them, row by row.

    A warehouse says itself which bays it has; what the CCU tells of it is there as well.
    """
    found: dict[str, set[str]] = {}
    for bay in stock.bays.values():
        found.setdefault(bay.hbw or "", set()).add(bay.location)
    # Bays the CCU names without a warehouse cannot be told from those of a warehouse itself.
    stores = [] if "" in found else [one for one in modules if one.type == WAREHOUSE]
    for store in stores:
        found.setdefault(store.serial, set()).update(store.positions, store.bays)
    return {serial: tuple(sorted(names)) for serial, names in sorted(found.items()) if names}


def capacity(stock: Stock, modules: Iterable[Module], colour: str) -> int | None:
    """Pieces of a colour all warehouses take, by their factsheets; None while one has not told.

    One the CCU tells no bay of is none it stores in.
    """
    used = {bay.hbw for bay in stock.bays.values() if bay.hbw}
    stores = [one for one in modules if one.type == WAREHOUSE and (one.serial in used or not used)]
    unheard = used.difference(store.serial for store in stores)
    if not stores or unheard or not all(store.capacity for store in stores):
        return None
    return sum(store.capacity.get(colour, 0) for store in stores)


def read_stock(stock: Stock, source: Source, items: Sequence[StockItem], arrival: Arrival) -> None:
    """Take over a stock message of the CCU or of its cloud copy; an unreadable bay is unknown."""
    bays: dict[str, Bay] = {}
    known = [item for item in items[:MAX_WAREHOUSE_BAYS] if item.known]
    several = len({item.hbw for item in known}) > 1
    for number, item in enumerate(known, 1):
        # Bays that name no place are not one and the same.
        name, hbw = clip(item.location) or f"?{number}", clip(item.hbw)
        colour, tag, state = _piece(item)
        # A second warehouse has bays of the same names; whichever comes first hides no other.
        again = name in bays and (hbw is None or bays[name].hbw != hbw)
        key = f"{hbw}/{name}" if several or again else name
        bay = Bay(tag, colour, state, hbw, name)
        # A bay told twice is one bay, with what was told to lie in it.
        bays[key] = bays[key] if key in bays and bay.empty else bay
    _take(stock, source, bays, arrival)


def forget_teller(stock: Stock, other: str) -> None:
    """Drop the conflicts with a teller whose word holds no more."""
    stock.conflicts = [one for one in stock.conflicts if one.other != other]


def _piece(item: StockItem) -> tuple[str | None, str | None, str | None]:
    piece = item.workpiece
    if piece is None or item.empty:
        kept = BAY_RESERVED if piece is not None and piece.state == BAY_RESERVED else None
        return None, None, kept
    return clip(piece.type) or None, clip(piece.id) or None, clip(piece.state)


def read_loads(stock: Stock, module: Module, arrival: Arrival) -> None:
    """Take over the loads a warehouse reports; a bay without load is empty."""
    source = stock.hbw.setdefault(module.serial, Source())
    bays = {
        name: Bay(
            load.workpiece_id if load else None,
            load.colour if load else None,
            None,
            module.serial,
            name,
        )
        for name, load in module.bays.items()
    }
    _take(stock, source, bays, arrival)


def _take(stock: Stock, source: Source, bays: dict[str, Bay], arrival: Arrival) -> None:
    for key, bay in bays.items():
        before = source.bays.get(key)
        same = before is not None and before.piece == bay.piece and before.state == bay.state
        bay.since = before.since if same and before else arrival.news_at
    source.bays = bays
    source.known = True
    if not arrival.retained:
        source.at = arrival.at
    _compare(stock, arrival)


def _compare(stock: Stock, arrival: Arrival) -> None:
    since = {(one.bay, one.other): one.since for one in stock.conflicts}
    stock.conflicts = [
        Conflict(key, teller, bay.piece, told, since.get((key, teller), arrival.at))
        for key, bay in stock.bays.items()
        for teller, told in _tellers(stock, key, bay)
        if told != bay.piece
    ]


def _tellers(stock: Stock, key: str, bay: Bay) -> Iterator[tuple[str, Piece]]:
    copied = stock.cloud.bays.get(key)
    if copied is not None:
        yield CLOUD, copied.piece
    warehouse = stock.hbw.get(bay.hbw or "")
    stored = warehouse.bays.get(bay.location) if warehouse else None
    if stored is not None:
        yield bay.hbw or "", stored.piece
