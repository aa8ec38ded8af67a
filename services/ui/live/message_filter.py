"""Which messages a person wants to see: one look, and whether it takes a message."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, get_args

from omf.messages import json_diff, regular_expression
from omf.messages.field_condition import ConditionError, FieldCondition
from omf.messages.message import Message
from omf.messages.reading import Reading, Rejected, Result, parse
from omf.topics import catalogue, filters
from omf.topics.catalogue import EVERYTHING
from services.ui.live.recent_messages import priority_of, to_factory

Way = Literal["all", "from", "to", "ours"]
WAYS: tuple[Way, ...] = get_args(Way)
"""Seen from the factory: what it says, what it is told; and of that, what we told it."""
Match = Literal["text", "regex", "field"]
MATCHES: tuple[Match, ...] = get_args(Match)
"""How the search is meant: anywhere, as a regular expression, or as a condition on a field."""
CATEGORIES: tuple[str, ...] = tuple(dict.fromkeys(t.category for t in catalogue.TOPICS))
ASPECTS: tuple[str, ...] = tuple(dict.fromkeys(t.aspect for t in catalogue.TOPICS))

Test = Callable[[Message], bool]


class SearchError(ValueError):
    """The search is no regular expression, or no condition on a field; the text says why."""


def _nobody(_: Message) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """What a person wants to see; the widest look is the default."""

    priority: int = EVERYTHING
    way: Way = "all"
    topic_filter: str = ""
    text: str = ""
    match: Match = "text"
    exclude: tuple[str, ...] = ()
    """Topic filters of what is left out."""
    category: str = ""
    aspect: str = ""
    device: str = ""
    """Serial number of the device a topic belongs to."""
    since: float | None = None
    """Unix seconds, both ends included."""
    until: float | None = None
    misfit: bool = False
    """True: only what could not be read, or not all of it."""

    def takes(self, message: Message, ours: Callable[[Message], object] = _nobody) -> bool:
        """True if the message is wanted; the cheap questions come first.

        `ours` tells what this dashboard sent itself, which no topic tells of a free message.
        """
        topic = message.topic
        if priority_of(topic) > self.priority:
            return False
        if not self._goes(message, ours):
            return False
        if self.topic_filter and not _matches(self.topic_filter, topic):
            return False
        if self.exclude and any(_matches(one, topic) for one in self.exclude):
            return False
        if not (self._of_kind(topic) and self._in_time(message) and self._found(message)):
            return False
        return not self.misfit or _unread(parse(topic, message.payload))

    def _goes(self, message: Message, ours: Callable[[Message], object]) -> bool:
        if self.way == "all":
            return True
        if self.way == "ours":
            return bool(ours(message))
        return (self.way == "to") == bool(to_factory(message.topic) or ours(message))

    def _of_kind(self, topic: str) -> bool:
        if self.device and self.device not in topic.split("/"):
            return False
        if not (self.category or self.aspect):
            return True
        entry = catalogue.of(topic)
        if entry is None:
            return False
        fits = self.category in {"", entry.category}
        return fits and self.aspect in {"", entry.aspect}

    def _in_time(self, message: Message) -> bool:
        if self.since is None and self.until is None:
            return True
        at = message.received_at
        return (self.since is None or at >= self.since) and (self.until is None or at <= self.until)

    def _found(self, message: Message) -> bool:
        return not self.text or question(self.match, self.text)(message)

    def with_topic(self, text: str) -> "MessageFilter":
        """The same with another topic filter; raises TopicError for one that MQTT would refuse."""
        text = text.strip()
        return replace(self, topic_filter=filters.check_filter(text) if text else "")

    def without(self, text: str) -> "MessageFilter":
        """The same, leaving out these topic filters; raises TopicError for a wrong one."""
        wanted = [part.strip() for part in text.split(",") if part.strip()]
        return replace(self, exclude=tuple(filters.check_filter(one) for one in wanted))

    def searching(self, text: str, match: Match) -> "MessageFilter":
        """The same with another search; SearchError for one that cannot be carried out."""
        if text:
            question(match, text)
        return replace(self, text=text, match=match)

    @property
    def widest(self) -> bool:
        """True if every message is wanted."""
        return replace(self, match="text") == MessageFilter()

    @property
    def filters(self) -> tuple[str, ...]:
        """The buffers that are looked into."""
        return (self.topic_filter,) if self.topic_filter else catalogue.filters(self.priority)


def _unread(found: Result) -> bool:
    return isinstance(found, Rejected) or (isinstance(found, Reading) and bool(found.misfits))


@lru_cache(maxsize=20_000)
def _matches(topic_filter: str, topic: str) -> bool:
    """The same few topics are asked about thousands of times."""
    return filters.matches(topic_filter, topic)


@lru_cache(maxsize=200)
def question(match: Match, text: str) -> Test:
    """The question a search asks of a message; SearchError if it is none."""
    if match == "regex":
        return _regex(text)
    return _field(text) if match == "field" else _plain(text)


def _plain(text: str) -> Test:
    wanted = text.casefold()

    def test(message: Message) -> bool:
        if wanted in message.topic.casefold() or wanted in message.properties.casefold():
            return True
        return wanted in message.payload.decode(errors="replace").casefold()

    return test


def _regex(text: str) -> Test:
    """RE2 reads each byte once whatever the expression: nobody can stop the server with one."""
    try:
        pattern = regular_expression.compiled(text, any_case=True)
    except regular_expression.RegexError as error:
        raise SearchError(str(error)) from error

    def test(message: Message) -> bool:
        body = message.payload.decode(errors="replace")
        told = message.properties
        return bool(
            pattern.search(message.topic) or pattern.search(body) or (told and pattern.search(told))
        )

    return test


def _field(text: str) -> Test:
    try:
        condition = FieldCondition.parse(text)
    except ConditionError as error:
        raise SearchError(str(error)) from error
    key = condition.levels[-1].name.encode()
    names, compares = condition.names(), condition.compares()

    def test(message: Message) -> bool:
        if key not in message.payload:
            return False
        body = json_diff.leaves(json_diff.parsed(message.payload))
        return any(compares(leaf) for path, leaf in body.items() if names(path))

    return test
