"""Small facts every device reports in the same shape: actions, errors, loads, changes."""

from dataclasses import dataclass, field
from typing import NamedTuple, Self, TypeVar, overload

T = TypeVar("T")

MAX_TEXT_CHARS = 512
"""A longer text is cut when kept: the buffers hold the whole message, the state must stay small."""


class Arrival(NamedTuple):
    """When and how a message reached us: the only clock the fold believes (PROTOCOL F.22)."""

    at: float
    """Unix s."""
    id: str
    retained: bool
    """A copy the broker kept, of unknown age: it tells the state but is no news."""

    @property
    def news_at(self) -> float | None:
        """Arrival time of a live message, None for a retained copy."""
        return None if self.retained else self.at


@dataclass(slots=True)
class Change:
    """A state that became another one."""

    state: str | None
    at: float
    retained: bool


@dataclass(slots=True)
class Action:
    """What a device does or did last; `state` is the device's word, judged by `result` (F.19)."""

    id: str | None
    command: str | None
    state: str | None
    result: str | None = None
    duration: float | None = None
    """Seconds, MILL and DRILL: an echo of the order, stale on PICK and DROP."""
    colour: str | None = None
    workpiece_id: str | None = None
    timestamp: str | None = None
    """The sender's clock, shown and never compared."""
    since: float | None = None
    """Arrival of the first message with this state of this action."""
    began_at: float | None = None
    """Arrival of the first message of this action."""
    stages: list[Change] = field(default_factory=list)
    """The states it passed, oldest first, as far as we heard; the last one is `state`."""

    def is_same(self, other: Self) -> bool:
        """Tell whether both are reports of one action; DPS leaves the command out while RUNNING."""
        if self.id is None or self.id != other.id:
            return False
        return self.command == other.command or None in (self.command, other.command)


@dataclass(slots=True)
class PastAction:
    """One ended action, for the device's history."""

    id: str | None
    command: str | None
    order_id: str
    state: str | None
    result: str | None
    began_at: float | None
    ended_at: float


@dataclass(slots=True)
class ReportedError:
    """One entry of a device's `errors`; only level FATAL blocks the device (F.25)."""

    type: str | None
    level: str | None
    message: str | None
    references: dict[str, str]
    timestamp: str | None
    since: float | None
    """Arrival of the first message of an unbroken row that listed it."""

    @property
    def fatal(self) -> bool:
        """Tell whether the CCU will treat the device as BLOCKED."""
        return self.level == "FATAL"


@dataclass(slots=True)
class CarriedLoad:
    """A workpiece on a device; absent facts are None, an empty bay is no Load at all (F.26)."""

    colour: str | None
    workpiece_id: str | None
    position: str | None = None
    loaded_ms: int | None = None
    """Unix ms by the device's clock, HBW only."""


@overload
def clip(text: str) -> str: ...
@overload
def clip(text: None) -> None: ...
def clip(text: str | None) -> str | None:
    """Keep a text short enough to live in the state."""
    return text if text is None or len(text) <= MAX_TEXT_CHARS else text[:MAX_TEXT_CHARS]


def push(items: list[T], item: T, limit: int) -> None:
    """Append and forget the oldest beyond the limit."""
    items.append(item)
    if len(items) > limit:
        del items[: len(items) - limit]
