"""How much was said on which topic, and what of it could not be read."""

from dataclasses import dataclass, field

from omf.factory.values import MAX_TEXT_CHARS, Arrival, clip, push
from omf.messages import Rejected
from omf.topics import matches

MAX_TOPICS = 2000
"""A factory has about a hundred; a flood of invented ones is counted in one sum instead."""
MAX_COMMANDS = 32
MAX_REJECTS = 20


@dataclass(slots=True)
class TopicCount:
    """Traffic of one topic."""

    count: int = 0
    bytes: int = 0
    retained: int = 0
    """How many came as a copy the broker kept."""
    kept: bool = False
    """The broker kept the last of them, and nobody deleted it since (G.2)."""
    at: float = 0.0
    """Arrival of the newest message."""


@dataclass(slots=True)
class Reject:
    """One message that did not fit its model; the buffers hold its bytes under the id."""

    id: str
    topic: str
    reason: str
    """`too_large`, `empty`, `not_json` or `misfit`."""
    detail: str
    at: float


@dataclass(slots=True)
class Traffic:
    """Counts of all messages; bounded by MAX_TOPICS, MAX_COMMANDS and MAX_REJECTS."""

    total: int = 0
    bytes: int = 0
    topics: dict[str, TopicCount] = field(default_factory=dict)
    overflow: int = 0
    """Messages on topics beyond MAX_TOPICS, or with a name that is too long or no text."""
    unmodelled: int = 0
    """Messages on topics the catalogue does not know or has no model for."""
    rejected: int = 0
    rejected_at: float | None = None
    reasons: dict[str, int] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    retained_commands: dict[str, float] = field(default_factory=dict)
    """Command topics on which the broker keeps a message (F.34), with the arrival of the copy."""

    def count(self, topic_filter: str) -> int:
        """Messages on the topics a filter matches."""
        return sum(n.count for topic, n in self.topics.items() if matches(topic_filter, topic))


def tally(traffic: Traffic, topic: str, size: int, arrival: Arrival) -> None:
    """Count one message."""
    traffic.total += 1
    traffic.bytes += size
    entry = traffic.topics.get(topic)
    if entry is None:
        if len(traffic.topics) >= MAX_TOPICS or not _can_be_kept(topic):
            traffic.overflow += 1
            return
        entry = traffic.topics[topic] = TopicCount()
    entry.count += 1
    entry.bytes += size
    entry.retained += arrival.retained
    entry.kept = size > 0 and (entry.kept or arrival.retained)
    entry.at = arrival.at


def _can_be_kept(topic: str) -> bool:
    return len(topic) <= MAX_TEXT_CHARS and topic.encode(errors="ignore").decode() == topic


def reject(traffic: Traffic, rejected: Rejected, arrival: Arrival) -> None:
    """Count a message that did not fit, by reason, and remember the last few."""
    traffic.rejected += 1
    traffic.rejected_at = arrival.at
    traffic.reasons[rejected.reason] = traffic.reasons.get(rejected.reason, 0) + 1
    last = Reject(
        arrival.id, clip(rejected.topic), rejected.reason, clip(rejected.detail), arrival.at
    )
    push(traffic.rejects, last, MAX_REJECTS)


def note_command(traffic: Traffic, topic: str, payload: bytes, arrival: Arrival) -> None:
    """Remember a command the broker keeps; an empty payload on the topic deletes it (G.2)."""
    if not payload:
        traffic.retained_commands.pop(topic, None)
    elif arrival.retained and len(traffic.retained_commands) < MAX_COMMANDS:
        traffic.retained_commands.setdefault(topic, arrival.at)
