"""What a report is made of, hour by hour: kept beside the messages once a day is over.

The historian makes the hours of a day once and never again, unless what is kept or by what rules
changed (`facts_version`). Whoever reports a range reads what is kept and hears the rest anew.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from omf.analysis.shift_clock import SHIFT_ENTRIES
from omf.analysis.shift_facts import ShiftFacts, facts_from, facts_json, facts_version
from omf.analysis.time_spans import Span
from omf.constants import HOUR_S, MINUTE_S
from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from omf.topics import catalogue
from services.history import parquet, tables
from services.history.manifest import HOUR_MS, ArchiveError, ArchiveGap, Manifest, midnight_ms
from services.history.reader import History
from services.history.retention import DAY_MS
from services.history.rows import HOUR_TABLE, StoredEntry

WARM_UP_S = 5 * MINUTE_S
"""So long before a range it is listened, longer than anybody is silent: what each device does is
known at its beginning."""


def messages_of(history: History, after: str, until: str) -> Iterator[Message]:
    """The archived messages the figures are made of, in the order of their ids."""
    patterns = sorted(catalogue.find(name).pattern for name in SHIFT_ENTRIES)
    for row in history.messages(after=after, until=until, topic_filter=patterns):
        yield row.message


def hours_of(day: str) -> list[float]:
    """When each hour of a day begins, and its end; Unix s."""
    begin = midnight_ms(day) / 1000
    return [begin + number * HOUR_S for number in range(DAY_MS // HOUR_MS + 1)]


def hour_entry(facts: ShiftFacts) -> StoredEntry:
    """An hour as it is kept."""
    begin_ms = round(facts.since * 1000)
    return StoredEntry(f"{begin_ms}-0", begin_ms, facts_json(facts))


def has_hours(day: Manifest) -> bool:
    """Whether the hours of a day are kept, by the rules of this release."""
    files = day.of(HOUR_TABLE)
    return bool(files) and all(one.fold_version == facts_version() for one in files)


class KeptDay(NamedTuple):
    """The hours of one day that lie in a range, oldest first, each behind the other."""

    day: str
    hours: tuple[ShiftFacts, ...]


def kept_days(history: History, span: Span) -> Iterator[KeptDay]:
    """Days of [since, until) of which hours are kept; one that cannot be read is heard anew."""
    since_ms, until_ms = (round(one * 1000) for one in span)
    for day in history.days_between(since_ms, until_ms):
        if has_hours(day) and (found := _hours(history, day, (since_ms, until_ms))):
            yield KeptDay(day.day, found)


def _hours(history: History, day: Manifest, span_ms: tuple[int, int]) -> tuple[ShiftFacts, ...]:
    # The message's own `between` leaves out its end; an hour has to end in the range as well.
    where = parquet.between(span_ms[0], span_ms[1] - HOUR_MS + 1)
    try:
        read = [
            parquet.read(history.storage.local(day.day, file), where=where)
            for file in day.of(HOUR_TABLE)
        ]
        entries = [one for table in read for one in tables.stored_entries(table)]
        found = [facts_from(one.data) for one in sorted(entries, key=lambda one: one.time_ms)]
    except (ArchiveError, ValueError):
        return ()  # its messages tell the same, and `omf history verify` names the file
    return tuple(found) if all(a.until == b.since for a, b in pairwise(found)) else ()


def gaps_in(history: History, span: Span) -> list[ArchiveGap]:
    """Where messages of a range are missing that the journal let go before they were archived."""
    since_ms, until_ms = (round(one * 1000) for one in span)
    return [
        gap
        for day in history.days_between(since_ms, until_ms + DAY_MS)
        for gap in day.gaps
        if StreamId.parse(gap.after).ms < until_ms and StreamId.parse(gap.until).ms >= since_ms
    ]
