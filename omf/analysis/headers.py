"""What a session missed, told by the counters of the senders; a reboot is no gap."""

from dataclasses import dataclass, field

from omf.analysis.report import Gap, SenderCounter
from omf.messages.reading import Reading
from omf.state import sequence_gaps

REBOOT_S = 5.0
"""A sender with two counters begins both again."""


@dataclass(slots=True)
class _Counter:
    sender: sequence_gaps.SequenceCounter = field(default_factory=sequence_gaps.SequenceCounter)
    gaps: list[Gap] = field(default_factory=list)
    reboots: list[float] = field(default_factory=list)

    def take(self, number: int, at: float) -> None:
        last = self.sender.last
        step = self.sender.take(number)
        if step.reboot and (not self.reboots or at - self.reboots[-1] > REBOOT_S):
            self.reboots.append(at)
        if step.missing and last is not None:
            self.gaps.append(Gap(at=at, missing=step.missing, before=last, after=number))


class Headers:
    """Follows the headerId of every sender that counts."""

    def __init__(self) -> None:
        self._counters: dict[str, _Counter] = {}

    def hear(self, topic: str, reading: Reading, at: float) -> None:
        """Take one live message."""
        if told := sequence_gaps.number(topic, reading):
            source, number = told
            self._counters.setdefault(source, _Counter()).take(number, at)

    def rows(self) -> tuple[SenderCounter, ...]:
        """Every sender, those that missed something first."""
        rows = [
            SenderCounter(
                source=source,
                messages=counter.sender.messages,
                countable=not counter.sender.mixed,
                gaps=() if counter.sender.mixed else tuple(counter.gaps),
                reboots=tuple(counter.reboots),
            )
            for source, counter in self._counters.items()
        ]
        return tuple(sorted(rows, key=lambda row: (-len(row.gaps), row.source)))
