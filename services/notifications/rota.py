"""Who is on duty by an iCalendar file; the only module that knows icalendar."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

_TOO_OFTEN = ("SECONDLY", "MINUTELY")
_NAMES = re.compile(r"[,;/+&\n]")


class Rota:
    """One calendar, with its repetitions and exceptions."""

    def __init__(self, source: bytes, timezone: str) -> None:
        """`timezone` is that of whole days and of times without one; ValueError: no calendar."""
        self._timezone = ZoneInfo(timezone)
        calendar = icalendar.Calendar.from_ical(source)
        if any(_too_often(one) for one in calendar.walk("VEVENT")):
            raise ValueError("an event repeats each second or minute; repeat it each hour or day")
        self._events = recurring_ical_events.of(calendar)
        self._minute = -1.0
        self._names: frozenset[str] = frozenset()
        self.at(0.0)

    def at(self, now: float) -> frozenset[str]:
        """Whom the events of this minute name in their summary, in small letters."""
        minute = now // 60
        if minute != self._minute:
            begin = datetime.fromtimestamp(now, self._timezone)
            found = self._events.between(begin, begin + timedelta(seconds=1))
            said = [name for one in found for name in _NAMES.split(str(one.get("SUMMARY", "")))]
            self._minute = minute
            self._names = frozenset(name.strip().casefold() for name in said if name.strip())
        return self._names


def _too_often(event: icalendar.Component) -> bool:
    """True of what would be counted up from its first day each minute, millions of times."""
    rules = event.get("RRULE", ())
    every = rules if isinstance(rules, list | tuple) else [rules]
    return any(str(one).upper() in _TOO_OFTEN for rule in every for one in rule.get("FREQ", ()))
