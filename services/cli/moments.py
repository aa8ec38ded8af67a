"""Times as people type them and as they are shown."""

from datetime import datetime

from services.common.process.time_parsing import moment, seconds

__all__ = ["age", "clock_time", "moment", "seconds"]


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
