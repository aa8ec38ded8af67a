"""Who must be told what now. Pure: a function of the alarms, the receivers and what was told.

A receiver is told of an alarm once it is raised, and from then on of each state it comes into:
acknowledged, hidden by a person, over. Each state is told once, whatever is asked how often.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from omf.alarms.life import AlarmLife
from omf.alarms.lifecycle import AlarmState
from omf.notifications.receivers import ReceiverNow
from omf.texts import Text


class AlarmPhase(StrEnum):
    """What is told of an alarm."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    HIDDEN = "hidden"
    OVER = "over"


# What the design suppresses is explained by an alarm that is told itself: no news either way.
PHASE_OF: Mapping[AlarmState, AlarmPhase] = {
    AlarmState.NORMAL: AlarmPhase.OVER,
    AlarmState.UNACKNOWLEDGED: AlarmPhase.RAISED,
    AlarmState.ACKNOWLEDGED: AlarmPhase.ACKNOWLEDGED,
    AlarmState.RETURNED: AlarmPhase.OVER,
    AlarmState.LATCHED: AlarmPhase.OVER,
    AlarmState.SHELVED: AlarmPhase.HIDDEN,
    AlarmState.OUT_OF_SERVICE: AlarmPhase.HIDDEN,
}


class AlarmNotice(BaseModel):
    """One state of one alarm, as one receiver is told of it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    receiver: str
    alarm: str
    phase: AlarmPhase
    raised_at: float
    """Unix s, store clock: tells one rise of an alarm from the next."""
    at: float
    """When it came into this state, as far as it is known."""
    priority: int
    severity: str
    text: Text
    action: Text
    who: str = ""
    """Who acknowledged or hid it."""

    @property
    def told_key(self) -> str:
        """What was told last is kept under this."""
        return f"{self.receiver}|{self.alarm}"

    @property
    def identity(self) -> str:
        """The same for the same state of the same rise of the same alarm."""
        return f"{self.alarm}|{self.raised_at}|{self.phase}|{self.at}"

    @property
    def about(self) -> str:
        """For a log."""
        return f"{self.alarm} ({self.phase})"


class Decided(NamedTuple):
    """What follows at a moment."""

    notices: list[AlarmNotice]
    forgotten: list[str]
    """Keys of `told` of which nothing more is to be told."""


def decide(
    lives: Mapping[str, AlarmLife],
    told: Mapping[str, AlarmNotice],
    receivers: Iterable[ReceiverNow],
    now: float,
) -> Decided:
    """What is to be told now; `told` is, by `told_key`, what each receiver was told last."""
    everybody = {one.receiver.name: one for one in receivers}
    notices = [
        notice
        for one in everybody.values()
        for life in lives.values()
        if (notice := _of_life(one, life, told.get(f"{one.receiver.name}|{life.id}"), now))
    ]
    forgotten: list[str] = []
    for key, last in told.items():
        if last.alarm in lives and last.receiver in everybody:
            continue
        ended = last.phase is not AlarmPhase.OVER and everybody.get(last.receiver)
        if not ended:
            forgotten.append(key)
        elif ended.disturbed_by(last.priority):
            over = {"phase": AlarmPhase.OVER, "at": now, "who": ""}
            notices.append(last.model_copy(update=over))
    return Decided(notices, forgotten)


def _of_life(
    one: ReceiverNow, life: AlarmLife, last: AlarmNotice | None, now: float
) -> AlarmNotice | None:
    if not one.disturbed_by(life.priority):
        return None
    phase = PHASE_OF.get(life.state)
    if phase is None:
        return None
    if last is None or last.raised_at != life.raised_at:
        return _notice(one, life, phase) if _begins(one, life, now) else None
    return None if last.phase is phase else _notice(one, life, phase)


def _begins(one: ReceiverNow, life: AlarmLife, now: float) -> bool:
    """Whether a receiver learns of an alarm it knows nothing of, or of its next rise."""
    receiver = one.receiver
    if not one.on_duty or life.priority > receiver.least_priority:
        return False
    if life.state is AlarmState.UNACKNOWLEDGED:
        return now - life.changed_at >= receiver.after_s
    # It came and went before anybody looked, and waits for somebody.
    return life.state is AlarmState.RETURNED and not receiver.after_s


def _notice(one: ReceiverNow, life: AlarmLife, phase: AlarmPhase) -> AlarmNotice:
    who = {AlarmPhase.ACKNOWLEDGED: life.acknowledged_by, AlarmPhase.HIDDEN: life.hidden_by}
    return AlarmNotice(
        receiver=one.receiver.name,
        alarm=life.id,
        phase=phase,
        raised_at=life.raised_at,
        at=life.changed_at,
        priority=life.priority,
        severity=life.severity,
        text=life.text,
        action=life.action,
        who=who.get(phase, ""),
    )
