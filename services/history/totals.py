"""How much an archive holds, and for how long its limits will do."""

from collections.abc import Iterable
from typing import NamedTuple

from services.history.manifest import Manifest
from services.history.retention import DAY_MS, MEGABYTE, KeepLimit, file_ms

LATELY_MS = 14 * DAY_MS
"""Growth is measured over so much of the end of the archive."""


class KindTotal(NamedTuple):
    """What there is of one kind of file."""

    kind: str
    files: int
    rows: int
    size: int
    per_day: float | None
    """Bytes a day, lately; None while less than an hour is known."""
    oldest_ms: int
    newest_ms: int


def totals(days: Iterable[Manifest]) -> list[KindTotal]:
    """Of every kind of file, by name."""
    by_kind: dict[str, list[tuple[int, int, int, int]]] = {}
    for day in days:
        for file in day.files:
            ends = (file_ms(file.first), file_ms(file.last))
            by_kind.setdefault(file.kind, []).append((*ends, file.rows, file.size))
    return [_total(kind, found) for kind, found in sorted(by_kind.items())]


def _total(kind: str, found: list[tuple[int, int, int, int]]) -> KindTotal:
    oldest, newest = min(row[0] for row in found), max(row[1] for row in found)
    begin = max(oldest, newest - LATELY_MS)
    lately = [row for row in found if row[0] >= begin]
    span = newest - begin
    grown = sum(row[3] for row in lately) * DAY_MS / span if span >= DAY_MS / 24 else None
    rows, size = sum(row[2] for row in found), sum(row[3] for row in found)
    return KindTotal(kind, len(found), rows, size, grown, oldest, newest)


def forecast_days(total: KindTotal, limit: KeepLimit) -> float | None:
    """Days until the oldest of a kind is deleted, as it grows now; None while nobody can tell."""
    by_age = limit.days - (total.newest_ms - total.oldest_ms) / DAY_MS
    if total.per_day is None:
        return None
    left = limit.megabytes * MEGABYTE - total.size
    by_size = left / total.per_day if total.per_day else by_age
    return max(0.0, min(by_age, by_size))
