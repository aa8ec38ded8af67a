"""What a session missed, told by the counters of the senders; a reboot is no gap."""

from dataclasses import dataclass, field

from omf.analysis.report import Gap, Sequence
from omf.messages import Reading
from omf.messages.fts import VehicleState
from omf.messages.module import ModuleState

BRIDGED = frozenset({"module_state", "module_connection", "module_factsheet"})
"""Topics over which one Node-RED flow counts together."""
REBOOT_BELOW = 4
"""Counters begin at 0 or 1; the first few messages may have been missed."""
REBOOT_S = 5.0
"""A sender with two counters begins both again."""
MIXED_SHARE = 0.5
MIN_STEPS = 4
"""Fewer steps than this and no share can be told: then every step counts."""


@dataclass(slots=True)
class _Counter:
    messages: int = 0
    steps: int = 0
    odd: int = 0
    last: int | None = None
    gaps: list[Gap] = field(default_factory=list)
    reboots: list[float] = field(default_factory=list)

    def take(self, number: int, at: float) -> None:
        self.messages += 1
        last, self.last = self.last, number
        if last is None or number == last:
            return
        self.steps += 1
        if number == last + 1:
            return
        if number < last and number < REBOOT_BELOW:
            self._reboot(at)
            return
        self.odd += 1
        if number > last:
            self.gaps.append(Gap(at=at, missing=number - last - 1, before=last, after=number))

    def _reboot(self, at: float) -> None:
        if not self.reboots or at - self.reboots[-1] > REBOOT_S:
            self.reboots.append(at)

    def mixed(self) -> bool:
        return self.steps >= MIN_STEPS and self.odd > MIXED_SHARE * self.steps


class Headers:
    """Follows the headerId of every sender that counts."""

    def __init__(self) -> None:
        self._counters: dict[str, _Counter] = {}

    def hear(self, topic: str, reading: Reading, at: float) -> None:
        """Take one live message; connections of TXT and vehicles carry a fixed number (B.2)."""
        number = getattr(reading.payload, "header_id", None)
        if number is None:
            return
        if reading.entry.name in BRIDGED:
            source = topic.rpartition("/")[0]
        elif isinstance(reading.payload, ModuleState | VehicleState):
            source = topic
        else:
            return
        self._counters.setdefault(source, _Counter()).take(number, at)

    def rows(self) -> tuple[Sequence, ...]:
        """Every sender, those that missed something first."""
        rows = [
            Sequence(
                source=source,
                messages=counter.messages,
                countable=not counter.mixed(),
                gaps=() if counter.mixed() else tuple(counter.gaps),
                reboots=tuple(counter.reboots),
            )
            for source, counter in self._counters.items()
        ]
        return tuple(sorted(rows, key=lambda row: (-len(row.gaps), row.source)))
