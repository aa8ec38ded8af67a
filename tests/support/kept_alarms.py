"""The alarms of a state as their owner keeps them, without the owner: a look is a judgement."""

from omf.alarms.changes import observe
from omf.alarms.kpis import announced
from omf.alarms.life import AlarmEntry, AlarmLife
from omf.alarms.lifecycle import AlarmState
from omf.state import FactoryState


class KeptAlarms:
    """Looks at a state as often as it is told to, and remembers all that was told."""

    def __init__(self) -> None:
        self.lives: dict[str, AlarmLife] = {}
        self.told: list[AlarmEntry] = []
        self.under: dict[str, set[str]] = {}
        """What was ever shown under each cause."""

    def look(self, state: FactoryState, now: float) -> None:
        """Judge once, at `now`."""
        self.lives, entries = observe(self.lives, state.found_alarms(now), now, state.alarm_rules)
        self.told += entries
        for life in self.lives.values():
            if life.state is AlarmState.SUPPRESSED:
                self.under.setdefault(life.cause, set()).add(life.id)

    @property
    def announced(self) -> list[AlarmEntry]:
        """What came before people."""
        return [entry for entry in self.told if announced(entry)]

    def share_under(self, cause: str) -> float:
        """Of all that was found since the beginning the share that is this cause or under it."""
        found = {entry.alarm for entry in self.told}
        return len(found & (self.under.get(cause, set()) | {cause})) / len(found)

    def first(self, alarm: str) -> float | None:
        """When an alarm first came before people."""
        return next((entry.at for entry in self.announced if entry.alarm == alarm), None)
