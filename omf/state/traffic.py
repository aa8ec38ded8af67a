"""How much was said on which topic, and what of it could not be read."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from omf.messages.encodings import REMARKS
from omf.messages.misfits import Misfit, told
from omf.messages.reading import Rejected
from omf.state.values import MAX_TEXT_CHARS, Arrival, clip, push
from omf.texts import Text
from omf.topics import catalogue
from omf.topics.filters import matches

Crowd = Literal["modules", "vehicles", "links", "sensors", "senders", "commands", "calibrations"]
"""What is kept up to a limit, the longest silent leaving first."""
MAX_COUNTED_TOPICS = 2000
"""A factory has about a hundred; beyond, the one that was silent longest leaves for a new one."""
PAUSES_KNOWN, PAUSES_REMEMBERED = 50, 500
"""So many pauses make a rhythm known, and so many count for it."""
REGULAR = 5.0
"""A regular sender's longest pause is no more than so many mean ones."""
UNUSUAL = 3.0
"""A pause of so many longest ones is no pause any more but a silence."""
LONGEST_SHRINKS = 0.999
MAX_SEEN_COMMANDS = 32
MAX_KEPT_REJECTS = 20


@dataclass(slots=True)
class Rhythm:
    """How long the pauses between live messages are."""

    pauses: int = 0
    mean_s: float = 0.0
    longest_s: float = 0.0
    """Of those so far; it shrinks a little with each, so that one long pause is forgotten."""
    heard_at: float | None = None
    """Newest live message."""

    def hear(self, at: float) -> None:
        """Take the next one."""
        before, self.heard_at = self.heard_at, at
        if before is None or at < before:
            return
        pause, usual = at - before, self.longest_usual_s
        if usual is not None and pause > UNUSUAL * usual:
            return  # 1. an outage, 2. learned, the next one of that length would be no news
        self.pauses += 1
        self.mean_s += (pause - self.mean_s) / min(self.pauses, PAUSES_REMEMBERED)
        self.longest_s = max(pause, self.longest_s * LONGEST_SHRINKS)

    @property
    def known(self) -> bool:
        """Whether enough was heard to tell whether it is regular."""
        return self.pauses >= PAUSES_KNOWN

    @property
    def longest_usual_s(self) -> float | None:
        """The longest pause there usually is; None of one that speaks when something happens."""
        regular = self.known and self.longest_s <= REGULAR * self.mean_s
        return self.longest_s if regular and self.mean_s > 0 else None


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
    deleted: bool = False
    """The last message was empty: what the broker kept was deleted (G.2)."""
    rhythm: Rhythm | None = None
    """How regularly it is spoken on; None of topics whose sender is judged by what it is."""


@dataclass(slots=True)
class Reject:
    """One message that did not fit its model, or not all of it; the buffers hold its bytes."""

    id: str
    topic: str
    reason: str
    """`too_large`, `empty`, `not_json` or `misfit`; `partly` or `odd` of one that was read."""
    detail: Text
    """Which fields, and what is wrong with them."""
    at: float


@dataclass(slots=True)
class Traffic:
    """Counts of all messages; the three limits above bound them.

    `total` is the sum of all counts by topic and `overflow`.
    """

    total: int = 0
    bytes: int = 0
    topics: dict[str, TopicCount] = field(default_factory=dict)
    """The one that was silent longest comes first."""
    overflow: int = 0
    """Messages on topics that had to leave, or that cannot be listed by their name."""
    left_at: float | None = None
    """When a topic last had to leave for a new one."""
    unlisted_at: float | None = None
    """When a message last came whose topic is too long to be listed, or no text."""
    unlisted: str = ""
    """The beginning of that topic."""
    unmodelled: int = 0
    """Messages on topics the catalogue does not know or has no model for."""
    rejected: int = 0
    rejected_at: float | None = None
    reasons: dict[str, int] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    partly: int = 0
    """Messages of which something could not be read, or with odd bytes; the rest is used."""
    partly_read: dict[str, Reject] = field(default_factory=dict)
    """The last such message of a topic; of the topics beyond MAX_KEPT_REJECTS the oldest go."""
    retained_commands: dict[str, float] = field(default_factory=dict)
    """Command topics on which the broker keeps a message (F.34), with the arrival of the copy."""

    crowded_out: dict[Crowd, int] = field(default_factory=dict)
    """How many had to leave for newer ones, by what they are."""
    crowded_out_at: float | None = None

    def count(self, topic_filter: str) -> int:
        """Messages on the topics a filter matches."""
        return sum(n.count for topic, n in self.topics.items() if matches(topic_filter, topic))


def tally(traffic: Traffic, topic: str, size: int, arrival: Arrival) -> None:
    """Count one message."""
    traffic.total += 1
    traffic.bytes += size
    if (entry := _listed(traffic, topic, size, arrival)) is None:
        traffic.overflow += 1
        return
    entry.count += 1
    entry.bytes += size
    entry.retained += arrival.retained
    entry.kept = size > 0 and (entry.kept or arrival.retained)
    entry.at = arrival.at
    entry.deleted = size == 0


def note_unmodelled(traffic: Traffic, topic: str, arrival: Arrival) -> None:
    """Count a message that nothing is read of, and learn how regularly its topic is spoken on."""
    traffic.unmodelled += 1
    entry = traffic.topics.get(topic)
    if entry is not None and not arrival.retained:
        entry.rhythm = entry.rhythm or Rhythm()
        entry.rhythm.hear(arrival.at)


def _listed(traffic: Traffic, topic: str, size: int, arrival: Arrival) -> TopicCount | None:
    """The count of a topic, put last; None if it cannot be listed.

    A deletion is no sign of life: it neither keeps a topic listed nor makes room for it.
    """
    topics = traffic.topics
    if (entry := topics.get(topic)) is not None:
        if size:
            topics[topic] = topics.pop(topic)
        return entry
    if not _can_be_listed(topic):
        traffic.unlisted, traffic.unlisted_at = _text(topic[:MAX_TEXT_CHARS]), arrival.at
        return None
    if len(topics) >= MAX_COUNTED_TOPICS:
        if not size:
            return None
        traffic.overflow += topics.pop(_longest_silent(topics)).count
        traffic.left_at = arrival.at
    entry = topics[topic] = TopicCount()
    return entry


def _longest_silent(topics: dict[str, TopicCount]) -> str:
    """Invented topics leave before those of the factory, however long these were silent."""
    unknown = (topic for topic in topics if catalogue.of(topic) is None)
    return next(unknown, None) or next(iter(topics))


def crowd_out(traffic: Traffic, kind: Crowd, at: float | None) -> None:
    """Count that one of a kind had to leave for a newer one."""
    traffic.crowded_out[kind] = traffic.crowded_out.get(kind, 0) + 1
    traffic.crowded_out_at = at


def crowded(traffic: Traffic) -> bool:
    """True while all places are taken by topics that were not deleted."""
    return sum(not entry.deleted for entry in traffic.topics.values()) >= MAX_COUNTED_TOPICS


def _can_be_listed(topic: str) -> bool:
    return len(topic) <= MAX_TEXT_CHARS and _text(topic) == topic


def _text(topic: str) -> str:
    return topic.encode(errors="ignore").decode()


def reject(traffic: Traffic, rejected: Rejected, arrival: Arrival) -> None:
    """Count a message that did not fit, by reason, and remember the last few."""
    traffic.rejected += 1
    traffic.rejected_at = arrival.at
    traffic.reasons[rejected.reason] = traffic.reasons.get(rejected.reason, 0) + 1
    last = Reject(
        arrival.id,
        clip(rejected.topic),
        rejected.reason,
        rejected.detail.cut(MAX_TEXT_CHARS),
        arrival.at,
    )
    push(traffic.rejects, last, MAX_KEPT_REJECTS)


def note_partly(traffic: Traffic, topic: str, notes: Sequence[Misfit], arrival: Arrival) -> None:
    """Remember what of a message could not be read, or what is odd about its bytes."""
    traffic.partly += 1
    topic, known = clip(topic), traffic.partly_read
    known.pop(topic, None)
    reason = "odd" if notes[0].kind in REMARKS else "partly"
    known[topic] = Reject(arrival.id, topic, reason, told(notes).cut(MAX_TEXT_CHARS), arrival.at)
    if len(known) > MAX_KEPT_REJECTS:
        del known[next(iter(known))]


def note_command(traffic: Traffic, topic: str, payload: bytes, arrival: Arrival) -> None:
    """Remember a command the broker keeps; an empty payload on the topic deletes it (G.2)."""
    known = traffic.retained_commands
    if not payload:
        known.pop(topic, None)
    elif arrival.retained:
        # Last is what was told last; it keeps the time of its first copy.
        known[topic] = known.pop(topic, arrival.at)
        if len(known) > MAX_SEEN_COMMANDS:
            del known[next(iter(known))]
            crowd_out(traffic, "commands", arrival.at)
