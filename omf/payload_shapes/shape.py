"""What was learned of the payloads of one kind of topic, and what is not as it was learned.

Learning: a value is known once its field was heard in `LEARN_MESSAGES` messages, or in
`RARE_MESSAGES` over `RARE_S`. What is said before that is learned and never a drift.
"""

from dataclasses import dataclass, field
from enum import StrEnum

LEARN_MESSAGES = 20
"""After so many messages a field is known."""
RARE_MESSAGES, RARE_S = 5, 86_400.0
"""Of a topic that speaks at a start only: fewer messages, if they lie a day apart."""
SENDER_MESSAGES, MOST_SENDERS = 5, 256
"""So many messages of each topic are learned in any case: no two devices say quite the same."""
GONE_MESSAGES = 3
"""A field that was always there is gone once it was missing so often."""
MOST_WORDS, WORD_CHARS = 12, 40
MANY_NUMBERS = 5
"""A number that had so many different values has a range; fewer may be a code."""
RANGE_FACTOR = 2.0
"""Outside is what is further away than twice the width of all that was heard, zero included."""
COUNTED_TO = 1_000
"""Counts go no further: a shape that is settled does not change with each message."""
MOST_FIELDS = 400
"""Of one kind of topic; a hundred are the most that was recorded."""
MOST_KEYS = 64
"""An object with more different keys has names of things for keys."""
MOST_DRIFTS = 50
"""Of one kind of topic."""


class JsonType(StrEnum):
    """What a value is; `raw` is a payload that is no JSON."""

    OBJECT = "object"
    ARRAY = "array"
    NUMBER = "number"
    TEXT = "text"
    TRUTH = "truth"
    NULL = "null"
    RAW = "raw"


class DriftKind(StrEnum):
    """How a field is not as it was learned."""

    APPEARED = "appeared"
    VANISHED = "vanished"
    TYPE = "type"
    RANGE = "range"
    WORD = "word"


@dataclass(slots=True)
class ShapeDrift:
    """One field that is not as it was learned; it stands until somebody takes it as normal."""

    filter: str
    """Name of the shape: topic filter, or the topic where nobody knows it."""
    entry: str
    """Name of the catalogue entry; empty for a topic nobody knows."""
    kind: DriftKind
    path: str
    """`batteryState.charge`, `actionStates[].state`; empty for the payload itself."""
    before: str
    """As learned: the type, `low … high`, or the words; empty for a field that appeared."""
    after: str
    """As heard: the type, the number, or the word; empty for a field that vanished."""
    topic: str
    """On which it was heard first."""
    message_id: str
    at: float
    """Arrival of that message, Unix s."""
    count: int = 1

    @property
    def key(self) -> str:
        """The same for each message that says the same."""
        return f"{self.kind} {self.path} {self.after if self.kind is DriftKind.TYPE else ''}"


@dataclass(slots=True)
class ValueShape:
    """One place in a payload, with the places inside it."""

    path: str
    born: int = 0
    """Messages of the topic heard before it."""
    since: float = 0.0
    """Arrival of the first one."""
    count: int = 0
    missing: int = 0
    """How often its object was there without it while it was learned: it need not be there."""
    gone: int = 0
    """How often it has been missing since."""
    types: list[JsonType] = field(default_factory=list)
    keys: dict[str, "ValueShape"] = field(default_factory=dict)
    """Of an object."""
    inside: "ValueShape | None" = None
    """Each item of an array, each value of a map."""
    is_map: bool = False
    low: float = 0.0
    high: float = 0.0
    numbers: list[float] = field(default_factory=list)
    """The first different ones."""
    words: list[str] = field(default_factory=list)
    """The different ones; of yes and no as well."""
    same: int = 0
    """Texts heard since the last new word."""
    free_text: bool = False
    """Not one of a few words."""

    @property
    def ranged(self) -> bool:
        """Whether it has a range."""
        return len(self.numbers) >= MANY_NUMBERS

    @property
    def range_words(self) -> str:
        """The lowest and the highest number heard."""
        return f"{self.low:g} … {self.high:g}"

    def outside(self, number: float) -> bool:
        """Whether a number is far from all that was heard."""
        low, high = min(self.low, 0.0), max(self.high, 0.0)
        margin = (high - low) * RANGE_FACTOR
        return number > high + margin or number < low - margin

    def type_words(self) -> str:
        """The types heard, without null."""
        return " ".join(one for one in self.types if one is not JsonType.NULL)


@dataclass(slots=True)
class TopicShape:
    """The payloads of one kind of topic."""

    name: str
    """Topic filter of the catalogue, the kind of a sensor filled in; or a topic nobody knows."""
    entry: str
    """Name of the catalogue entry; empty for a topic nobody knows."""
    senders: dict[str, int] = field(default_factory=dict)
    """How many messages each topic had, up to SENDER_MESSAGES."""
    root: ValueShape = field(default_factory=lambda: ValueShape(""))
    count: int = 0
    fields: int = 0
    """Places in it; no more than MOST_FIELDS are learned."""
    drifts: dict[str, ShapeDrift] = field(default_factory=dict)
    sender_known: bool = False
    """Whether the topic of the last message was learned."""

    def hear(self, topic: str) -> None:
        """Count a message of a topic."""
        heard = self.senders.get(topic, 0)
        self.sender_known = heard >= SENDER_MESSAGES
        if not self.sender_known and (heard or len(self.senders) < MOST_SENDERS):
            self.senders[topic] = heard + 1

    def knows(self, value: ValueShape, at: float) -> bool:
        """Whether a place is learned."""
        if not self.sender_known:
            return False
        heard = self.count - value.born
        if value.count >= LEARN_MESSAGES and heard >= LEARN_MESSAGES:
            return True
        return value.count >= RARE_MESSAGES <= heard and at - value.since >= RARE_S
