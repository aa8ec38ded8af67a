"""Times as people type them."""

import re
from datetime import UTC, datetime, time, timedelta, tzinfo

from services.common.process import clock

UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
MAX_DAYS_BACK = 3
"""Today's may lie ahead, and yesterday's may be the one that spring skipped."""
AGO = re.compile(r"(\d+(?:\.\d+)?)([smhd])")
EARLIEST = datetime(2, 1, 1, tzinfo=UTC).timestamp()
"""What is longer ago cannot be shown as a date in every zone."""


def seconds(text: str) -> float:
    """`90s`, `10m`, `2h`, `1d` or plain seconds; ValueError shows the forms."""
    if found := AGO.fullmatch(text):
        return float(found[1]) * UNITS[found[2]]
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{text!r} is no duration; use 90s, 10m, 2h or 1d.") from None


def moment(text: str, zone: tzinfo | None = None, now: float | None = None) -> float:
    """Unix seconds of `10m` (ago), `14:05[:30]` (the last such), an ISO time, or Unix seconds.

    `now` is what time it is, unless it is the time of this machine: a replay has its own.
    A time without a zone is the time in `zone`, else on this machine's wall, with the offset that
    holds at that moment, not the one of now. ValueError shows the forms, or says that the change to
    summer time skipped it.
    """
    now = clock.now() if now is None else now
    if AGO.fullmatch(text):
        return _showable(now - seconds(text), text)
    if re.fullmatch(r"\d{9,11}(\.\d+)?", text):
        return float(text)
    try:
        if re.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?", text):
            hour, minute, second = (*map(int, text.split(":")), 0)[:3]
            return _last(time(hour, minute, second), zone, now)
        found = datetime.fromisoformat(text)
        at = _on_the_wall(found, zone) if found.tzinfo is None else found.timestamp()
        return _showable(at, text)
    except _SkippedError:
        raise ValueError(f"{text!r} does not exist here: the clock was set forward.") from None
    except (ValueError, OverflowError, OSError):
        raise _no_time(text) from None


def _showable(at: float, text: str) -> float:
    if at < EARLIEST:
        raise _no_time(text)
    return at


def _no_time(text: str) -> ValueError:
    return ValueError(f"{text!r} is no time; use 10m (ago), 14:05:30 or 2026-08-07T14:05:30Z.")


class _SkippedError(ValueError):
    """The wall clock never showed this time: it was set forward over it."""


def _on_the_wall(shown: datetime, zone: tzinfo | None) -> float:
    """When the clock on the wall showed this; the first time if it did twice."""
    at = shown.replace(tzinfo=zone).timestamp()
    back = datetime.fromtimestamp(at, zone).replace(tzinfo=None, fold=0)
    if abs(back - shown.replace(fold=0)) >= timedelta(seconds=1):
        raise _SkippedError
    return at


def _last(shown: time, zone: tzinfo | None, now: float) -> float:
    """The last time the clock on the wall showed this, whatever was its offset then."""
    today = datetime.fromtimestamp(now, zone).date()
    for day in (today - timedelta(days=back) for back in range(MAX_DAYS_BACK)):
        # In autumn the clock shows an hour twice: the second time is the later one.
        for fold in (1, 0):
            try:
                at = _on_the_wall(datetime.combine(day, shown.replace(fold=fold)), zone)
            except _SkippedError:
                continue
            if at <= now:
                return at
    raise _SkippedError
