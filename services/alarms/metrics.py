"""What Prometheus learns of the alarms and their owner."""

import math
from collections import Counter as Tally
from collections import deque
from collections.abc import Iterable, Mapping

from omf.alarms import kpis
from omf.alarms.life import AlarmEntry, AlarmLife, AlarmLoad
from omf.alarms.lifecycle import AlarmEvent, AlarmState
from omf.alarms.rule_data import SEVERITIES
from omf.analysis.shifts import ShiftCalendar
from omf.constants import MINUTE_S
from services.common.process.factory_metrics import Counter, Gauge, prepared

KPI_SPAN_S = 60 * MINUTE_S

STANDING = Gauge("omf_alarm_lives", "Alarms that are not normal", ["state"])
ALARM_PASSAGES = Counter("omf_alarm_passages", "Passages of alarms", ["event"])
OWNED = Gauge("omf_alarms_owned", "1 if this process owns the alarms, 0 if it stands by")
RAISED = Counter("omf_alarms_raised", "Alarms raised, by priority", ["priority"])
RECENT_FIGURES = {
    "per_ten_minutes": Gauge("omf_alarm_rate", "Alarms in ten minutes, over the last hour"),
    "flood_share": Gauge("omf_alarm_flood_share", "Share of the last hour that lay in a flood"),
    "standing": Gauge("omf_alarms_standing", "Alarms whose cause is there, and nobody hid"),
    "waiting": Gauge("omf_alarms_waiting", "Alarms that wait for somebody"),
}
SHIFT_FIGURES = {
    "raised": Gauge("omf_alarm_shift_raised", "Alarms raised since the shift began", ["shift"]),
    "per_ten_minutes": Gauge(
        "omf_alarm_shift_rate", "Alarms in ten minutes, since the shift began", ["shift"]
    ),
    "flood_share": Gauge(
        "omf_alarm_shift_flood_share", "Share of the shift so far that lay in a flood", ["shift"]
    ),
    "acknowledge_s": Gauge(
        "omf_alarm_shift_acknowledge_seconds",
        "Median from rise to acknowledgement, since the shift began",
        ["shift"],
    ),
}
FLOOD = Gauge("omf_alarm_flood", "1 while more alarms come than anybody can follow")
EXPLAINED = Gauge("omf_alarms_explained", "Alarms that stand under the one that explains them")
CHATTERING = Gauge("omf_alarms_chattering", "Alarms raised three times within a minute")
STALE = Gauge("omf_alarms_stale", "Alarms that have stood for a day")
ACKNOWLEDGE = Gauge("omf_alarm_acknowledge_seconds", "Median from rise to acknowledgement")
MAX_RECENT = 10_000
"""Passages of an hour, or of a shift, that are looked at; of a worse flood the newest."""


@prepared
def _zeros() -> None:
    for state in AlarmState:
        STANDING.labels(state.value)
    for priority in range(1, len(SEVERITIES) + 1):
        RAISED.labels(str(priority))
    for event in AlarmEvent:
        ALARM_PASSAGES.labels(event.value)


def show_lives(lives: Mapping[str, AlarmLife]) -> None:
    """How many are in each state, and how many of them another one explains."""
    found = Tally(life.state for life in lives.values())
    for state in AlarmState:
        STANDING.labels(state.value).set(found[state])
    EXPLAINED.set(sum(bool(life.cause) for life in lives.values()))


def count_passages(entries: Iterable[AlarmEntry]) -> None:
    """Each that was written."""
    for entry in entries:
        ALARM_PASSAGES.labels(entry.event.value).inc()
        if kpis.announced(entry):
            RAISED.labels(str(entry.priority)).inc()


class RecentFigures:
    """The figures of the last hour, of the passages that were written in it."""

    def __init__(self) -> None:
        self._recent: deque[AlarmEntry] = deque(maxlen=MAX_RECENT)

    def take(self, entries: Iterable[AlarmEntry]) -> None:
        """These were written, in this order."""
        self._recent += entries

    def load(self, now: float) -> AlarmLoad:
        """How much the alarms ask of people at `now`, by the store's clock."""
        found = kpis.load(self._recent, now)
        FLOOD.set(found.flood_since is not None)
        return found

    def show(self, lives: Mapping[str, AlarmLife], now: float) -> None:
        """Show how it stands at `now`, by the store's clock."""
        since = now - KPI_SPAN_S
        while self._recent and self._recent[0].at < since:
            self._recent.popleft()
        found = kpis.figures(tuple(self._recent), lives, since=since, until=now)
        for name, gauge in RECENT_FIGURES.items():
            gauge.set(getattr(found, name))
        CHATTERING.set(len(found.chattering))
        STALE.set(len(found.stale))
        ACKNOWLEDGE.set(math.nan if found.acknowledge_s is None else found.acknowledge_s)


class ShiftFigures:
    """The figures of the shift that goes on, of the passages that were written in it."""

    def __init__(self, calendar: ShiftCalendar) -> None:
        self._calendar = calendar
        self._passed: deque[AlarmEntry] = deque(maxlen=MAX_RECENT)

    def begin(self, now: float) -> float:
        """When the shift of a moment began, Unix s."""
        return self._calendar.at(now).since

    def take(self, entries: Iterable[AlarmEntry]) -> None:
        """These were written, in this order."""
        self._passed += entries

    def show(self, lives: Mapping[str, AlarmLife], now: float) -> None:
        """Show how the shift stands at `now`, by the store's clock, and none that is over."""
        shift = self._calendar.at(now)
        while self._passed and self._passed[0].at < shift.since:
            self._passed.popleft()
        found = kpis.figures(tuple(self._passed), lives, since=shift.since, until=now)
        for name, gauge in SHIFT_FIGURES.items():
            value = getattr(found, name)
            gauge.clear()
            gauge.labels(shift.name).set(math.nan if value is None else value)
