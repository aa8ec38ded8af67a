"""The parts that are no module: Node-RED, the CCU, the TXTs, the sensor boards, the camera."""

from dataclasses import dataclass, field
from typing import Literal

from omf.state.values import Arrival, Change, clip, push

CCU = "ccu"
BRIDGE = "nodered"
"""Names of two links: the control unit, and Node-RED, which speaks for all modules."""
MAX_LINKS = 256
MAX_CHANGES = 50


@dataclass(slots=True)
class PartLink:
    """The connection of one part, as it or its last will told it."""

    connection: str | None = None
    since: float | None = None
    """Arrival of the change to it; None if only a retained copy told."""
    at: float | None = None
    """Newest live message."""
    heard_at: float | None = None
    """First message, retained copies too."""
    changes: list[Change] = field(default_factory=list)
    ip: str | None = None
    version: str | None = None
    text: str | None = None
    """Last words of a part that says more than its connection."""
    messages: int = 0


@dataclass(frozen=True, slots=True)
class LinkLoss:
    """Why nothing of the factory is heard: the broker cannot be reached, or nobody reads it."""

    part: Literal["broker", "ingest"]
    since: float
    """Unix s, of the clock that messages are dated by."""


@dataclass(slots=True)
class CameraPicture:
    """A picture kept in the buffers under its message id; the state holds only what it was."""

    message_id: str
    at: float
    bytes: int
    retained: bool


def hear(link: PartLink, arrival: Arrival) -> None:
    """Note that a part spoke."""
    link.messages += 1
    if link.heard_at is None:
        link.heard_at = arrival.at
    if not arrival.retained:
        link.at = arrival.at


def connect(link: PartLink, state: str | None, arrival: Arrival) -> None:
    """Note the connection of a part, as a change only if it differs."""
    state = clip(state)
    if not state or state == link.connection:
        return
    link.connection = state
    link.since = arrival.news_at
    push(link.changes, Change(state, arrival.at, arrival.retained), MAX_CHANGES)
