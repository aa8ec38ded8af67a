"""How much an archive has of a time range, and what that weighs."""

from collections.abc import Iterable
from typing import NamedTuple

from services.common.sessions.named_ranges import Kept
from services.history.manifest import ArchiveFile, Manifest
from services.history.retention import file_ms, overlaps
from services.history.rows import DERIVED_KINDS


class Coverage(NamedTuple):
    """Of a range of ids."""

    kept: Kept
    size: int
    """Bytes of its share of the files it lies in."""


def coverage(days: Iterable[Manifest], begin_ms: int, end_ms: int) -> Coverage:
    """What there is of the ids from `begin_ms` to `end_ms`; what is not archived yet is no lack."""
    known = list(days)
    files = [file for day in known for file in day.files]
    size = round(sum(_share(file, begin_ms, end_ms) * file.size for file in files))
    said = [file for file in files if file.kind not in DERIVED_KINDS]
    if not any(overlaps(file, begin_ms, end_ms) for file in said):
        return Coverage("gone", size)
    begun = min(file_ms(file.first) for file in said) <= begin_ms
    deleted = any(
        file_ms(through) >= begin_ms
        for day in known
        for kind, through in day.forgotten.items()
        if kind not in DERIVED_KINDS
    )
    whole = begun and not deleted and not has_gap(known, begin_ms, end_ms)
    return Coverage("whole" if whole else "partly", size)


def has_gap(days: Iterable[Manifest], begin_ms: int, end_ms: int) -> bool:
    """Whether messages of a range were lost before they were archived."""
    return any(
        file_ms(gap.after) <= end_ms and file_ms(gap.until) >= begin_ms
        for day in days
        for gap in day.gaps
    )


def _share(file: ArchiveFile, begin_ms: int, end_ms: int) -> float:
    """Which part of a file is of a range, as if it were filled evenly."""
    first, last = file_ms(file.first), file_ms(file.last)
    if not overlaps(file, begin_ms, end_ms):
        return 0.0
    if last == first:
        return 1.0
    return (min(last, end_ms) - max(first, begin_ms)) / (last - first)
