"""What Prometheus learns of the alarms and their owner."""

from collections import Counter as Tally
from collections.abc import Iterable, Mapping

from prometheus_client import Counter, Gauge

from omf.alarms.life import AlarmEntry, AlarmLife
from omf.alarms.lifecycle import AlarmEvent, AlarmState

LIVES = Gauge("omf_alarm_lives", "Alarms that are not normal", ["state"])
ALARM_PASSAGES = Counter("omf_alarm_passages", "Passages of alarms", ["event"])
OWNED = Gauge("omf_alarms_owned", "1 if this process owns the alarms, 0 if it stands by")
for _state in AlarmState:
    LIVES.labels(_state.value)
for _event in AlarmEvent:
    ALARM_PASSAGES.labels(_event.value)


def show_lives(lives: Mapping[str, AlarmLife]) -> None:
    """How many are in each state."""
    found = Tally(life.state for life in lives.values())
    for state in AlarmState:
        LIVES.labels(state.value).set(found[state])


def count_passages(entries: Iterable[AlarmEntry]) -> None:
    """Each that was written."""
    for entry in entries:
        ALARM_PASSAGES.labels(entry.event.value).inc()
