"""MQTT topic names and topic filters, exactly as MQTT 3.1.1 and 5 define them (section 4.7).

`+` stands for one level, `#` for all that follows and the level before it, a wildcard in front
never reaches a topic beginning with `$`, and an empty level is a level like any other.
"""

from collections.abc import Iterable

SINGLE = "+"
REST = "#"
MAX_TOPIC_BYTES = 65_535
"""The length field of an MQTT string has two bytes."""


class TopicError(ValueError):
    """A topic or filter no broker would take; `de` and `en` name the fault and the mend."""

    def __init__(self, de: str, en: str) -> None:
        super().__init__(en)
        self.de = de
        self.en = en


def check_topic(topic: str) -> str:
    """Return `topic`; raise TopicError unless it may stand in a PUBLISH."""
    _check_text(topic, "Topic", "topic")
    if SINGLE in topic or REST in topic:
        raise TopicError(
            f"Topic {topic!r}: + und # gehören in Filter; ein Topic ganz nennen",
            f"topic {topic!r}: + and # belong in filters; name one topic in full",
        )
    return topic


def check_filter(topic_filter: str) -> str:
    """Return `topic_filter`; raise TopicError unless it may stand in a SUBSCRIBE."""
    _check_text(topic_filter, "Filter", "filter")
    levels = topic_filter.split("/")
    if "*" in levels:
        raise _wrong(
            topic_filter,
            "* ist kein Platzhalter von MQTT; + für eine Ebene nehmen",
            "* is no MQTT wildcard; use + for one level",
        )
    for level in levels:
        if len(level) > 1 and (SINGLE in level or REST in level):
            raise _wrong(
                topic_filter,
                f"{level!r} mischt; ein Platzhalter steht allein",
                f"{level!r} mixes; a wildcard stands alone",
            )
    if REST in levels[:-1]:
        raise _wrong(
            topic_filter,
            "# muss die letzte Ebene sein; davor + nehmen",
            "# must be the last level; use + before it",
        )
    return topic_filter


def _wrong(topic_filter: str, de: str, en: str) -> TopicError:
    return TopicError(f"Filter {topic_filter!r}: {de}", f"filter {topic_filter!r}: {en}")


def _check_text(text: str, de: str, en: str) -> None:
    if not text:
        raise TopicError(
            f"{de} ist leer; mindestens ein Zeichen angeben",
            f"{en} is empty; give at least one character",
        )
    if "\0" in text:
        raise TopicError(
            f"{de} {text!r} enthält NUL; es entfernen", f"{en} {text!r} contains NUL; remove it"
        )
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise TopicError(
            f"{de} {text!r} ist kein Text in UTF-8; das Surrogat entfernen",
            f"{en} {text!r} is not UTF-8 text; remove the surrogate",
        ) from error
    if size > MAX_TOPIC_BYTES:
        raise TopicError(
            f"{de} hat {size} Bytes; höchstens {MAX_TOPIC_BYTES} passen",
            f"{en} has {size} bytes; at most {MAX_TOPIC_BYTES} fit",
        )


def matches(topic_filter: str, topic: str) -> bool:
    """Say whether a subscription to `topic_filter` receives `topic`."""
    return topic_filter == topic or _covers(topic_filter.split("/"), topic.split("/"))


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
