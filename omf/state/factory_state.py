"""FactoryState: the one interpretation of factory messages, a fold over them in arrival order."""

from dataclasses import dataclass
from functools import cache
from typing import Any, Self

from pydantic import TypeAdapter

from omf.alarms import rules
from omf.alarms.alarm import Alarm
from omf.alarms.causes import symptoms
from omf.messages.message import Message
from omf.state.fold import fold
from omf.state.model import Factory
from omf.state.to_json.state import view

SNAPSHOT_VERSION = 5
"""Raised whenever the fold changes its meaning: then the messages are folded again instead."""
NOT_TOLD_BY_MESSAGES = {
    *("refused_filters", "refused_since", "link_loss"),
    *("lives", "handover", "alarm_load", "alarm_rules", "rules_fault"),
    *("monitoring_alerts", "usual_pauses", "payload_drifts", "site"),
}


@dataclass(slots=True, kw_only=True)
class FactoryState(Factory):
    """What is known of one factory after all messages applied so far.

    Deterministic: the same messages in the same order give the same state. Order is arrival;
    sender clocks are kept as text and never compared (PROTOCOL F.22). Bounded: the cost of
    `apply` and the size of the state do not grow with the length of the history. Unknown is None.
    """

    def apply(self, message: Message, received_at: float) -> None:
        """Take one message over; never raises, whatever the payload is."""
        fold(self, message, received_at)

    def snapshot(self) -> dict[str, Any]:
        """Return what the messages told as JSON-able data; `restore` gives it back."""
        data: dict[str, Any] = _adapter().dump_python(
            self, mode="json", by_alias=True, exclude=NOT_TOLD_BY_MESSAGES
        )
        return {"version": SNAPSHOT_VERSION, **data}

    @classmethod
    def restore(cls, data: dict[str, Any]) -> Self:
        """Return the state a snapshot was taken of; ValueError if it is none of this version."""
        if data.get("version") != SNAPSHOT_VERSION:
            raise ValueError(f"snapshot version {data.get('version')!r}, not {SNAPSHOT_VERSION}")
        state: Self = _adapter().validate_python(data)
        return state

    def view(self, now: float) -> dict[str, Any]:
        """Return the JSON of `omf state`; the keys are documented in omf/state/to_json/state.py."""
        return view(self, now)

    def alarms(self, now: float) -> tuple[Alarm, ...]:
        """Return what is wrong at `now` and asks for attention, gravest first."""
        return tuple(alarm for alarm in rules.current_alarms(self, now) if not alarm.hidden)

    def symptoms(self, now: float) -> dict[str, tuple[Alarm, ...]]:
        """Return what is shown under the alarm that explains it, by the id of that one."""
        return symptoms(rules.current_alarms(self, now))

    def found_alarms(self, now: float) -> tuple[Alarm, ...]:
        """Return what the rules find at `now`, for whoever keeps the alarms."""
        return rules.alarms(self, now)


@cache
def _adapter() -> TypeAdapter[Any]:
    return TypeAdapter(FactoryState)
