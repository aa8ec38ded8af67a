"""Times as people type them."""

import re
from datetime import datetime, timedelta, tzinfo

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


def moment(text: str, zone: tzinfo | None = None) -> float:
    """Unix seconds of `10m` (ago), `14:05[:30]` (the last such), an ISO time, or Unix seconds.

    A time without a zone is the time in `zone`, else on this machine's wall. ValueError shows the
    forms.
    """
    if AGO.fullmatch(text):
        return clock.now() - seconds(text)
    if re.fullmatch(r"\d{9,11}(\.\d+)?", text):
        return float(text)
    try:
        if re.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?", text):
            return _last(text, zone)
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo or zone is None else found.replace(tzinfo=zone)).timestamp()
    except (ValueError, OverflowError):
        raise ValueError(
            f"{text!r} is no time; use 10m (ago), 14:05:30 or 2026-08-07T14:05:30Z."
        ) from None


def _last(text: str, zone: tzinfo | None) -> float:
    """The last time the clock on the wall showed this."""
    now = datetime.fromtimestamp(clock.now()).astimezone(zone)
    hour, minute, second = (*map(int, text.split(":")), 0)[:3]
    at = now.replace(hour=hour, minute=minute, second=second, microsecond=0)
    return (at if at <= now else at - timedelta(days=1)).timestamp()
