"""Times as people type them and as they are shown."""

import re
from datetime import datetime, timedelta

from services.common import clock

UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
AGO = re.compile(r"(\d+(?:\.\d+)?)([smhd])")


def seconds(text: str) -> float:
    """`90s`, `10m`, `2h`, `1d` or plain seconds; ValueError shows the forms."""
    if found := AGO.fullmatch(text):
        return float(found[1]) * UNITS[found[2]]
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{text!r} is no duration; use 90s, 10m, 2h or 1d.") from None


def moment(text: str) -> float:
    """Unix seconds of `10m` (ago), `14:05[:30]` (the last such), an ISO time, or Unix seconds.

    A time without a zone is the time on this machine's wall. ValueError shows the forms.
    """
    if AGO.fullmatch(text):
        return clock.now() - seconds(text)
    if re.fullmatch(r"\d{9,11}(\.\d+)?", text):
        return float(text)
    try:
        if re.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?", text):
            return _last(text)
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise ValueError(
            f"{text!r} is no time; use 10m (ago), 14:05:30 or 2026-08-07T14:05:30Z."
        ) from None


def _last(text: str) -> float:
    """The last time the clock on the wall showed this."""
    now = datetime.fromtimestamp(clock.now()).astimezone()
    hour, minute, second = (*map(int, text.split(":")), 0)[:3]
    at = now.replace(hour=hour, minute=minute, second=second, microsecond=0)
    return (at if at <= now else at - timedelta(days=1)).timestamp()


def clock_time(at: float | None) -> str:
    """Time of day on this machine, to the millisecond; `-` when unknown."""
    if at is None:
        return "-"
    return datetime.fromtimestamp(at).astimezone().strftime("%H:%M:%S.%f")[:-3]


def age(seconds_ago: float | None) -> str:
    """`3 s`, `12 min`, `5 h`; `-` when unknown."""
    if seconds_ago is None:
        return "-"
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds_ago >= 2 * size:
            return f"{seconds_ago / size:.0f} {unit}"
    return f"{max(0.0, seconds_ago):.0f} s"
