"""Whether anything of a sender is missing, told by the number it gives each message (headerId)."""

from dataclasses import dataclass
from typing import NamedTuple

from omf.messages.fts import VehicleState
from omf.messages.module import ModuleState
from omf.messages.reading import Reading

BRIDGED = frozenset({"module_state", "module_connection", "module_factsheet"})
"""Topics over which one Node-RED flow counts together."""
REBOOT_BELOW = 4
"""Counters begin at 0 or 1; the first few messages may have been missed."""
MIXED_SHARE = 0.5
MIN_STEPS = 4
"""Fewer steps than this and no share can be told: then every step counts."""


class CounterStep(NamedTuple):
    """From one message of a sender to its next: how many are missing, or that it began anew."""

    missing: int = 0
    reboot: bool = False


@dataclass(slots=True)
class SequenceCounter:
    """One counter as it was heard so far; bounded, however long it counts."""

    messages: int = 0
    steps: int = 0
    odd: int = 0
    missing: int = 0
    last: int | None = None

    def take(self, number: int) -> CounterStep:
        """Count one live message; a reboot is no gap."""
        self.messages += 1
        last, self.last = self.last, number
        if last is None or number == last:
            return CounterStep()
        self.steps += 1
        if number == last + 1:
            return CounterStep()
        if number < last and number < REBOOT_BELOW:
            return CounterStep(reboot=True)
        self.odd += 1
        missing = max(0, number - last - 1)
        self.missing += missing
        return CounterStep(missing)

    @property
    def mixed(self) -> bool:
        """Several count on one topic, so what seems to be missing is not."""
        return self.steps >= MIN_STEPS and self.odd > MIXED_SHARE * self.steps


def number(topic: str, reading: Reading) -> tuple[str, int] | None:
    """Who counted this message and its number; connections of TXT and vehicles have none (B.2)."""
    told = getattr(reading.payload, "header_id", None)
    if told is None:
        return None
    if reading.entry.name in BRIDGED:
        return topic.rpartition("/")[0], told
    if isinstance(reading.payload, ModuleState | VehicleState):
        return topic, told
    return None
