"""MQTT topic names and topic filters, exactly as MQTT 3.1.1 and 5 define them (section 4.7).

`+` stands for one level, `#` for all that follows and the level before it, a wildcard in front
never reaches a topic beginning with `$`, and an empty level is a level like any other.
"""

import re
from collections.abc import Collection, Iterable

from omf.texts import Saying, Text, text

SINGLE = "+"
REST = "#"
MAX_TOPIC_BYTES = 65_535
"""The length field of an MQTT string has two bytes."""


class TopicError(ValueError, Saying):
    """A topic or filter no broker would take; `text` names the fault and the mend."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def check_topic(topic: str) -> str:
    """Return `topic`; raise TopicError unless it may stand in a PUBLISH."""
    _check_text(topic, text("topic.a_topic"))
    if SINGLE in topic or REST in topic:
        raise TopicError(text("topic.wildcard_in_topic", topic=topic))
    return topic


def check_filter(topic_filter: str) -> str:
    """Return `topic_filter`; raise TopicError unless it may stand in a SUBSCRIBE."""
    _check_text(topic_filter, text("topic.a_filter"))
    levels = topic_filter.split("/")
    if "*" in levels:
        raise _wrong(topic_filter, text("topic.star"))
    for level in levels:
        if len(level) > 1 and (SINGLE in level or REST in level):
            raise _wrong(topic_filter, text("topic.mixed", level=level))
    if REST in levels[:-1]:
        raise _wrong(topic_filter, text("topic.hash_not_last"))
    return topic_filter


def _wrong(topic_filter: str, fault: Text) -> TopicError:
    return TopicError(text("topic.filter", filter=topic_filter, fault=fault))


def _check_text(name: str, what: Text) -> None:
    if not name:
        raise TopicError(text("topic.empty", what=what))
    if "\0" in name:
        raise TopicError(text("topic.nul", what=what, text=name))
    try:
        size = len(name.encode())
    except UnicodeEncodeError as error:
        raise TopicError(text("topic.no_utf8", what=what, text=name)) from error
    if size > MAX_TOPIC_BYTES:
        raise TopicError(text("topic.too_long", what=what, size=size, most=MAX_TOPIC_BYTES))


def matches(topic_filter: str, topic: str) -> bool:
    """Say whether a subscription to `topic_filter` receives `topic`."""
    return topic_filter == topic or _covers(topic_filter.split("/"), topic.split("/"))


def pattern(topic_filter: str) -> str:
    """The regular expression of the topics that an MQTT filter matches, whole."""
    levels = topic_filter.split("/")
    deep = levels[-1] == "#"
    kept = levels[:-1] if deep else levels
    if not kept:
        return r"([^$](.|\n)*)?"
    parts = ["[^/]*" if level == "+" else re.escape(level) for level in kept]
    if kept[0] == "+":
        parts[0] = "([^$/][^/]*)?"
    return "/".join(parts) + (r"(/(.|\n)*)?" if deep else "")


def covers(wide: str, narrow: str) -> bool:
    """Say whether every topic the filter `narrow` matches is matched by the filter `wide`."""
    levels = narrow.split("/")
    # Seen alone, `#` asks for at least one level, as `+/#` does; deeper it may ask for none.
    return _covers(wide.split("/"), [SINGLE, REST] if levels == [REST] else levels)


def _covers(wide: list[str], narrow: list[str]) -> bool:
    if _hidden(wide[0], narrow[0]):
        return False
    for wanted, level in zip(wide, narrow, strict=False):
        if wanted == REST:
            return True
        if level == REST or wanted not in (SINGLE, level):
            return False
    if len(wide) == len(narrow) + 1:
        return wide[-1] == REST
    return len(wide) == len(narrow)


def _hidden(wildcard: str, level: str) -> bool:
    """Say whether a wildcard in front stops short of a broker's own `$` topic."""
    return wildcard in (SINGLE, REST) and level.startswith("$")


def overlaps(one: str, other: str) -> bool:
    """Say whether some topic is matched by both filters."""
    left, right = one.split("/"), other.split("/")
    if _hidden(left[0], right[0]) or _hidden(right[0], left[0]):
        return False
    for a, b in zip(left, right, strict=False):
        if REST in (a, b):
            return True
        if a != b and SINGLE not in (a, b):
            return False
    longer, shorter = max(left, right, key=len), min(left, right, key=len)
    return longer[len(shorter) :] in ([], [REST])


def minimal_cover(filters: Iterable[str]) -> tuple[str, ...]:
    """Return the filters no other one covers, in the order given; equals keep the first."""
    kept: list[str] = []
    for candidate in dict.fromkeys(filters):
        if any(covers(other, candidate) for other in kept):
            continue
        kept = [other for other in kept if not covers(candidate, other)]
        kept.append(candidate)
    return tuple(kept)


def disjoint_cover(filters: Iterable[str]) -> tuple[str, ...]:
    """Return filters of which no two share a topic and that receive all that `filters` do.

    Two that cross (`a/+` and `+/b`) are widened into one (`+/+`): a broker may deliver a message
    once per matching subscription, and it is cheaper to drop a message than to count it twice.
    """
    cover = list(minimal_cover(filters))
    while crossing := _crossing(cover):
        one, other = crossing
        joined = _join(one.split("/"), other.split("/"))
        cover = list(minimal_cover([joined, *cover]))
    return tuple(cover)


def _crossing(filters: list[str]) -> tuple[str, str] | None:
    for at, one in enumerate(filters):
        for other in filters[at + 1 :]:
            if overlaps(one, other):
                return one, other
    return None


def _join(left: list[str], right: list[str]) -> str:
    joined: list[str] = []
    for a, b in zip(left, right, strict=False):
        if REST in (a, b):
            return "/".join([*joined, REST])
        joined.append(a if a == b else SINGLE)
    return "/".join([*joined, REST] if len(left) != len(right) else joined)


class _Node:
    """One level of the trie; `here` and `rest` are positions of filters, -1 for none."""

    __slots__ = ("children", "here", "rest", "single")

    def __init__(self) -> None:
        self.children: dict[str, _Node] = {}
        self.single: _Node | None = None
        self.here = -1
        self.rest = -1


class FilterIndex:
    """Finds the filters that match a topic at the cost of its depth, not of their number."""

    def __init__(self, filters: Iterable[str]) -> None:
        self.filters = tuple(dict.fromkeys(filters))
        self._root = _Node()
        for position, topic_filter in enumerate(self.filters):
            self._insert(check_filter(topic_filter).split("/"), position)

    def _insert(self, levels: list[str], position: int) -> None:
        node = self._root
        for level in levels:
            if level == REST:
                node.rest = position
                return
            if level == SINGLE:
                node.single = node.single or _Node()
                node = node.single
            else:
                node = node.children.setdefault(level, _Node())
        node.here = position

    def match(self, topic: str) -> tuple[str, ...]:
        """Return every filter that matches `topic`, in the order the filters were given."""
        levels = topic.split("/")
        found: list[int] = []
        nodes = [self._root]
        if topic.startswith("$"):
            first = self._root.children.get(levels.pop(0))
            nodes = [first] if first else []
        for level in levels:
            nodes = _step(nodes, level, found)
        for node in nodes:
            found += (node.here, node.rest)
        return tuple([self.filters[position] for position in sorted(found) if position >= 0])


def _step(nodes: list[_Node], level: str, found: list[int]) -> list[_Node]:
    below: list[_Node] = []
    for node in nodes:
        if node.rest >= 0:
            found.append(node.rest)
        child = node.children.get(level)
        if child is not None:
            below.append(child)
        if node.single is not None:
            below.append(node.single)
    return below


def matches_any(filters: str | Collection[str], topic: str) -> bool:
    """True if a topic fits a filter, or one of several."""
    return any(matches(one, topic) for one in ([filters] if isinstance(filters, str) else filters))
