"""The passages of one alarm, parted where it was normal: each time that it stood by itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from omf.alarms.life import AlarmEntry
from omf.alarms.lifecycle import AlarmEvent, AlarmState


@dataclass(frozen=True)
class AlarmOccurrence:
    """What became of an alarm from its rise until it was normal again; times are Unix s."""

    entries: tuple[AlarmEntry, ...]
    """Oldest first, at least one."""

    @cached_property
    def begun_at(self) -> float | None:
        """When it was raised; None where its beginning is not among the entries."""
        first = self.entries[0]
        return first.at if first.before is AlarmState.NORMAL else None

    @cached_property
    def ended_at(self) -> float | None:
        """When it was normal again; None while it is not."""
        ends = (entry.at for entry in self.entries if entry.after is AlarmState.NORMAL)
        return next(ends, None)

    @cached_property
    def raised(self) -> int:
        """How often its cause came."""
        return sum(entry.event is AlarmEvent.RAISED for entry in self.entries)

    def stood_s(self, now: float) -> float | None:
        """Seconds its cause was there, up to `now`; None where the beginning is not known."""
        if self.begun_at is None:
            return None
        stood, since = 0.0, None
        for entry in self.entries:
            if entry.event is AlarmEvent.RAISED:
                since = entry.at
            elif since is not None and _over(entry):
                stood, since = stood + entry.at - since, None
        return stood if since is None else stood + max(0.0, now - since)


def occurrences(entries: Iterable[AlarmEntry]) -> list[AlarmOccurrence]:
    """Each time an alarm stood, newest first; `entries` are those of one alarm, oldest first."""
    found: list[list[AlarmEntry]] = []
    for entry in entries:
        begins = entry.event is AlarmEvent.RAISED and entry.before is AlarmState.NORMAL
        if begins or not found:
            found.append([])
        # An act that came too late belongs to what it was meant for.
        found[-1].append(entry)
    return [AlarmOccurrence(tuple(one)) for one in reversed(found)]


def _over(entry: AlarmEntry) -> bool:
    return entry.event is AlarmEvent.RETURNED or entry.after is AlarmState.NORMAL
