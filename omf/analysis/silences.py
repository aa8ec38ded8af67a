"""Who said nothing for longer than ever: anybody, and each device with a heartbeat."""

from omf.analysis.report import Silence
from omf.constants import MODULE_SILENCE_S, VEHICLE_SILENCE_S
from omf.topics import catalogue

ANYBODY = "*"
ANYBODY_S = 5.0
"""The longest pause in 7 hours of recordings with sensors is about a second (PROFILE)."""
LIMITS_S = {
    "module_connection": MODULE_SILENCE_S,
    "module_state": MODULE_SILENCE_S,
    "fts_state": VEHICLE_SILENCE_S,
    "fts_connection": VEHICLE_SILENCE_S,
}


class Silences:
    """Measures the pauses between live messages."""

    def __init__(self) -> None:
        self._heard: dict[str, tuple[float, float]] = {}
        self._found: list[Silence] = []

    def hear(self, topic: str, at: float) -> None:
        """Take one live message."""
        self._mark(ANYBODY, at, ANYBODY_S)
        entry = catalogue.of(topic)
        if entry and (limit_s := LIMITS_S.get(entry.name)):
            self._mark(catalogue.levels(entry.name, topic)["serial"], at, limit_s)

    def _mark(self, source: str, at: float, limit_s: float) -> None:
        before = self._heard.get(source, (at, limit_s))[0]
        self._heard[source] = (at, limit_s)
        if at - before > limit_s:
            self._found.append(
                Silence(source=source, began_at=before, ended_at=at, limit_s=limit_s)
            )

    def rows(self, end: float) -> tuple[Silence, ...]:
        """Every silence in order of its begin, with those that last to the end."""
        last = [
            Silence(source=source, began_at=at, ended_at=end, limit_s=limit_s, open=True)
            for source, (at, limit_s) in self._heard.items()
            if end - at > limit_s
        ]
        return tuple(sorted((*self._found, *last), key=lambda row: (row.began_at, row.source)))
