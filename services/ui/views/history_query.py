"""A question to the archive as an address: it can be kept, named and shared."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Literal, get_args
from urllib.parse import quote, unquote, urlencode

from omf.topics.filters import check_filter
from services.common.process import clock, time_parsing
from services.history.field_search import FieldName
from services.history.message_search import MessageQuestion
from services.ui.live.message_filter import MATCHES, Match

HistoryView = Literal["messages", "chart"]
HISTORY_VIEWS: tuple[HistoryView, ...] = get_args(HistoryView)
FIRST_SINCE = "24h"
"""What a page shows that was asked nothing."""
MAX_TEXT = 400
MAX_CHARTED = 8


@dataclass(frozen=True, slots=True)
class HistoryQuestion:
    """What a person asks the archive. Times as typed: `2h` stays two hours before now."""

    since: str = FIRST_SINCE
    until: str = ""
    topic: str = ""
    text: str = ""
    match: Match = "text"
    show: HistoryView = "messages"
    fields: tuple[FieldName, ...] = ()
    """Of the chart."""
    message: str = ""
    """Id of the message that is open."""


class WrongTimeError(ValueError):
    """`given` is no time."""

    def __init__(self, given: str) -> None:
        super().__init__(given)
        self.given = given


def read(query: Mapping[str, str]) -> HistoryQuestion:
    """The question of an address; what cannot be asked is said when it is asked."""
    match = next((one for one in MATCHES if one == query.get("match")), MATCHES[0])
    show = next((one for one in HISTORY_VIEWS if one == query.get("show")), HISTORY_VIEWS[0])
    return HistoryQuestion(
        since=query.get("from", FIRST_SINCE)[:MAX_TEXT],
        until=query.get("to", "")[:MAX_TEXT],
        topic=query.get("topic", "")[:MAX_TEXT],
        text=query.get("text", "")[:MAX_TEXT],
        match=match,
        show=show,
        fields=_fields(query.get("fields", "")),
        message=query.get("message", "")[:MAX_TEXT],
    )


def _fields(text: str) -> tuple[FieldName, ...]:
    pairs = (one.partition(":") for one in text.split(",") if ":" in one)
    return tuple(FieldName(unquote(topic), unquote(path)) for topic, _, path in pairs)[:MAX_CHARTED]


def parts(asked: HistoryQuestion) -> dict[str, str]:
    """What of a question is not as usual, by the names in the address."""
    told = {
        "from": "" if asked.since == FIRST_SINCE else asked.since,
        "to": asked.until,
        "topic": asked.topic,
        "match": "" if asked.match == MATCHES[0] else asked.match,
        "text": asked.text,
        "show": "" if asked.show == HISTORY_VIEWS[0] else asked.show,
        "fields": ",".join(
            f"{quote(f.topic, safe='')}:{quote(f.path, safe='')}" for f in asked.fields
        ),
        "message": asked.message,
    }
    kept = {name: value for name, value in told.items() if value}
    # An emptied beginning asks for all there is, which is not what a bare address asks for.
    return kept | ({"from": ""} if not asked.since else {})


def query(asked: HistoryQuestion) -> str:
    """The query that asks it, with its question mark; empty for the first look."""
    told = parts(asked)
    return f"?{urlencode(told)}" if told else ""


def span(asked: HistoryQuestion, zone: tzinfo | None, now: float) -> tuple[int | None, int | None]:
    """The range in ms since 1970; WrongTimeError names what is no time."""
    return milliseconds(asked.since, zone, now), milliseconds(asked.until, zone, now)


def milliseconds(typed: str, zone: tzinfo | None, now: float) -> int | None:
    """A time as typed in ms since 1970, None if none was; WrongTimeError names what is no time."""
    try:
        return round(time_parsing.moment(typed, zone, now) * 1000) if typed else None
    except ValueError:
        raise WrongTimeError(typed) from None


def settled(typed: str, zone: tzinfo | None, now: float) -> str:
    """A time for an address: `2h` as it is, a moment so that it is the same in every zone."""
    if not typed or time_parsing.AGO.fullmatch(typed):
        return typed
    try:
        return clock.iso(time_parsing.moment(typed, zone, now))
    except ValueError:
        return typed


def before_moment(asked: HistoryQuestion, at: float, zone: tzinfo | None) -> HistoryQuestion:
    """What a page of the past asks: times count from `at`, and nothing came after it.

    WrongTimeError.
    """
    since_ms, until_ms = span(asked, zone, at)
    last_ms = round(at * 1000) + 1
    until_ms = last_ms if until_ms is None else min(until_ms, last_ms)
    since = "" if since_ms is None else clock.iso(since_ms / 1000)
    return replace(asked, since=since, until=clock.iso(until_ms / 1000))


def message_question(
    asked: HistoryQuestion, zone: tzinfo | None, now: float, *, limit: int = 100
) -> MessageQuestion:
    """What is asked of the messages, newest first; TopicError or WrongTimeError."""
    since_ms, until_ms = span(asked, zone, now)
    topic = check_filter(asked.topic.strip()) if asked.topic.strip() else "#"
    return MessageQuestion(
        topic,
        text=asked.text if asked.match == "text" else "",
        regex=asked.text if asked.match == "regex" else "",
        where=asked.text if asked.match == "field" else "",
        since_ms=since_ms,
        until_ms=until_ms,
        newest_first=True,
        limit=limit,
    )
