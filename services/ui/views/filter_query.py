"""A look at the messages as an address, so that it can be kept, shared and downloaded."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC
from typing import TypeVar
from urllib.parse import urlencode

from omf.topics.catalogue import EVERYTHING
from omf.topics.filters import TopicError
from services.common.process import clock, time_parsing
from services.ui.live.message_filter import (
    ASPECTS,
    CATEGORIES,
    MATCHES,
    WAYS,
    MessageFilter,
    SearchError,
)

T = TypeVar("T", bound=str)
VIEW_PRESETS = "messages"
"""Kind under which looks are kept by name."""
MAX_FILTER_CHARS = 200
"""Characters of a search; more is no search but an attack on the processor."""
MAX_EXCLUDE = 2_000
"""Some forty topics."""


def read(query: Mapping[str, str]) -> MessageFilter:
    """The look a query asks for; what is wrong in it is left out."""
    wanted = query.get("class", "")
    priority = int(wanted) if wanted in {str(n) for n in range(1, EVERYTHING)} else EVERYTHING
    selection = MessageFilter(
        priority=priority,
        way=_one_of(query, "way", WAYS) or WAYS[0],
        category=_one_of(query, "category", CATEGORIES) or "",
        aspect=_one_of(query, "aspect", ASPECTS) or "",
        device=query.get("device", "")[:MAX_FILTER_CHARS],
        since=_moment(query.get("since", "")),
        until=_moment(query.get("until", "")),
        misfit=query.get("misfit") == "1",
    )
    with suppress(TopicError):
        selection = selection.with_topic(query.get("topic", ""))
    with suppress(TopicError):
        selection = selection.without(query.get("exclude", "")[:MAX_EXCLUDE])
    with suppress(SearchError):
        match = _one_of(query, "match", MATCHES) or MATCHES[0]
        selection = selection.searching(query.get("text", "")[:MAX_FILTER_CHARS], match)
    return selection


def _one_of(query: Mapping[str, str], name: str, known: tuple[T, ...]) -> T | None:
    return next((one for one in known if one == query.get(name)), None)


def _moment(text: str) -> float | None:
    try:
        return time_parsing.moment(text, UTC) if text else None
    except ValueError:
        return None


def query(selection: MessageFilter) -> str:
    """The query that asks for a look, with its question mark; empty for the widest one."""
    kept = parts(selection)
    return f"?{urlencode(kept)}" if kept else ""


def parts(selection: MessageFilter) -> dict[str, str]:
    """What a look asks for, by name; `read` makes the look of it again."""
    told = {
        "class": "" if selection.priority == EVERYTHING else str(selection.priority),
        "way": "" if selection.way == WAYS[0] else selection.way,
        "topic": selection.topic_filter,
        "exclude": ",".join(selection.exclude),
        "category": selection.category,
        "aspect": selection.aspect,
        "device": selection.device,
        "since": _iso(selection.since),
        "until": _iso(selection.until),
        "misfit": "1" if selection.misfit else "",
        "match": "" if selection.match == MATCHES[0] else selection.match,
        "text": selection.text,
    }
    return {name: value for name, value in told.items() if value}


def _iso(at: float | None) -> str:
    return "" if at is None else clock.iso(at)
