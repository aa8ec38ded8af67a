"""Which alarms stood in a session, sampled in its own time."""

from dataclasses import dataclass

from omf.alarms.alarm import Alarm
from omf.alarms.rule_data import SEVERITIES
from omf.analysis.report import AlarmRow
from omf.state import FactoryState

SAMPLE_S = 1.0
MAX_RAISED = 500
"""Alarms noted each time they come; one that flutters for hours fills no more."""


@dataclass(slots=True)
class _Seen:
    alarm: Alarm
    first_at: float
    last_at: float
    times: int = 1


class AlarmLog:
    """Asks the state for its alarms at most once a second of the session."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}
        self._standing: set[str] = set()
        self._due = float("-inf")
        self.raised: list[tuple[float, Alarm]] = []
        """Each time an alarm came, in order: Unix s, and what it said then."""

    def pass_to(self, state: FactoryState, at: float) -> None:
        """Call with the state before each message that arrives at `at`."""
        if at >= self._due:
            self._due = at + SAMPLE_S
            self.look(state, at)

    def look(self, state: FactoryState, at: float) -> None:
        """Take down what stands now."""
        standing = {alarm.id: alarm for alarm in state.alarms(at)}
        for name, alarm in standing.items():
            if name not in self._standing and len(self.raised) < MAX_RAISED:
                self.raised.append((at, alarm))
            seen = self._seen.get(name)
            if seen is None:
                self._seen[name] = _Seen(alarm, at, at)
                continue
            seen.times += name not in self._standing
            seen.alarm, seen.last_at = alarm, at
        self._standing = set(standing)

    def rows(self) -> tuple[AlarmRow, ...]:
        """Every alarm, gravest first, then in order of its first sight."""
        rows = [_row(seen, still=seen.alarm.id in self._standing) for seen in self._seen.values()]
        return tuple(sorted(rows, key=lambda r: (SEVERITIES.index(_severity(r)), r.first_at, r.id)))


def _severity(row: AlarmRow) -> str:
    return row.severity


def _row(seen: _Seen, *, still: bool) -> AlarmRow:
    alarm = seen.alarm
    return AlarmRow(
        id=alarm.id,
        rule=alarm.rule,
        severity=alarm.severity,
        subject=alarm.subject,
        **alarm.text.to_dict(),
        first_at=seen.first_at,
        last_at=seen.last_at,
        times=seen.times,
        open=still,
    )
