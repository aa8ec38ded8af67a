"""The topic catalogue: what travels where, read once from catalogue.yaml (PROTOCOL section B)."""

import re
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict

from omf.constants import JOURNAL as JOURNAL  # noqa: PLC0414 - its readers find it here
from omf.texts import Text, text
from omf.topics.filters import SINGLE, FilterIndex, check_topic

EVERYTHING = 6
CLASSES = range(1, EVERYTHING + 1)
"""Of priority: the smaller, the more important."""
"""The class that adds the journal to the five before it."""
NEEDED_CLASS = 4
"""What orders and the fold live on: received whatever class an operator chose."""
CACHED_TOPICS = 1024
"""Topics looked up lately; a factory has about 100, a flood of invented ones must not grow."""


class Limits(BaseModel):
    """How long a buffer remembers; the first limit reached counts, None is no limit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keep_count: int | None = None
    keep_hours: float
    keep_bytes: int | None = None


class Topic(BaseModel):
    """One entry of the catalogue; the head of catalogue.yaml explains the fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    topic: str
    """As written in the catalogue, with named levels: `module/v1/ff/{serial}/state`."""
    category: Literal["module", "vehicle", "order", "system", "sensor", "extension"]
    aspect: Literal["state", "connection", "factsheet", "order", "instantAction", "config"]
    priority: int
    direction: Literal["from_factory", "to_factory", "internal"]
    publisher: str
    subscriber: str
    qos: Literal[0, 1, 2] | None
    retain: bool | None
    command: bool
    model: str | None
    per_minute: float | None
    keep_count: int
    keep_hours: float
    max_bytes: int
    content: Literal["json", "text", "base64", "hex"]
    """How its payload is shown for reading."""
    source: str
    note: str

    @property
    def text(self) -> Text:
        """What travels on it, in words."""
        return text(f"catalogue.{self.name}")

    @cached_property
    def carried_out(self) -> bool:
        """A device or program of the factory carries out what is said on it, whoever says it.

        What the broker keeps there is carried out again at each reconnect (PROTOCOL F.34).
        """
        acts = self.aspect in ("order", "instantAction") and self.direction != "from_factory"
        return self.command or (acts and self.subscriber != "UI")

    @cached_property
    def pattern(self) -> str:
        """The topic filter of the entry: each named level is `+`."""
        return _NAMED_LEVEL.sub(SINGLE, self.topic)


_NAMED_LEVEL = re.compile(r"\{(\w+)\}")


def _entries(source: Mapping[str, Any]) -> Iterable[Topic]:
    for group in source["groups"]:
        for name, own in group["topics"].items():
            yield Topic(name=name, **{**source["defaults"], **group["all"], **own})


_SOURCE: Mapping[str, Any] = yaml.load(
    files("omf.topics").joinpath("catalogue.yaml").read_text("utf-8"), yaml.CSafeLoader
)
TOPICS: tuple[Topic, ...] = tuple(_entries(_SOURCE))
"""Every entry, in the order of the priority classes."""
PRIORITY_CLASSES = range(1, 7)
"""Each is called by the catalogues of texts, under `priority.`"""
_JOURNAL_LIMITS = Limits(**_SOURCE["journal"])
_DEFAULT = _SOURCE["defaults"]
_NEVER_A_NAME = frozenset(_SOURCE["never_a_name"])
_BY_NAME = {entry.name: entry for entry in TOPICS}
_BY_PATTERN = {entry.pattern: entry for entry in TOPICS}
PICTURES = frozenset(_BY_NAME[name].pattern for name in _SOURCE["pictures"])
"""Filters of messages so large that the journal keeps them no longer than their own buffer."""


def _specific(pattern: str) -> tuple[bool, ...]:
    return tuple(level == SINGLE for level in pattern.split("/"))


_INDEX = FilterIndex(sorted(_BY_PATTERN, key=_specific))


def find(name: str) -> Topic:
    """Return the entry of that name; KeyError lists the known ones."""
    if name not in _BY_NAME:
        raise KeyError(f"no topic {name!r} in the catalogue; known: {', '.join(_BY_NAME)}")
    return _BY_NAME[name]


@lru_cache(maxsize=CACHED_TOPICS)
def of(topic: str) -> Topic | None:
    """Return the entry with the most literal levels that matches `topic`; None if unknown."""
    for pattern in _INDEX.match(topic):
        entry = _BY_PATTERN[pattern]
        if _NEVER_A_NAME.isdisjoint(_named(entry, topic).values()):
            return entry
    return None


def levels(name: str, topic: str) -> dict[str, str]:
    """Return the named levels of a topic of that entry, e.g. `{"serial": "5iO4"}`."""
    return _named(find(name), topic)


def _named(entry: Topic, topic: str) -> dict[str, str]:
    pairs = zip(entry.topic.split("/"), topic.split("/"), strict=True)
    return {wanted[1:-1]: level for wanted, level in pairs if wanted.startswith("{")}


def address(name: str, **named: str) -> str:
    """Return the concrete topic of an entry; TopicError or KeyError name a wrong level."""
    entry = find(name)
    wanted = _NAMED_LEVEL.findall(entry.topic)
    if set(wanted) != set(named):
        raise KeyError(f"{name} takes the levels {wanted}, not {sorted(named)}")
    for level in named.values():
        if "/" in level or level in _NEVER_A_NAME:
            raise KeyError(f"{name}: {level!r} cannot name a device")
    return check_topic(entry.topic.format(**named))


def filters(priority: int) -> tuple[str, ...]:
    """Return the filters mirrored at a class, cumulative; class 6 adds the journal."""
    if priority not in PRIORITY_CLASSES:
        raise ValueError(f"priority {priority} is not a class; use 1 to {EVERYTHING}")
    chosen = tuple(entry.pattern for entry in TOPICS if entry.priority <= priority)
    return (*chosen, JOURNAL) if priority == EVERYTHING else chosen


def limits(topic_filter: str) -> Limits:
    """Return how long the buffer of a filter remembers, whether or not the catalogue has it."""
    if topic_filter == JOURNAL:
        return _JOURNAL_LIMITS
    if entry := _BY_PATTERN.get(topic_filter):
        return Limits(keep_count=entry.keep_count, keep_hours=entry.keep_hours)
    return Limits(keep_count=_DEFAULT["keep_count"], keep_hours=_DEFAULT["keep_hours"])


def max_bytes(topic: str) -> int:
    """Return the largest payload accepted on a topic."""
    entry = of(topic)
    return entry.max_bytes if entry else int(_DEFAULT["max_bytes"])
