"""One alarm as its owner keeps it, and what is told of it: the data, no decisions."""

from dataclasses import replace
from typing import NamedTuple, Self

from pydantic import BaseModel, ConfigDict

from omf.alarms.alarm import Alarm
from omf.alarms.lifecycle import HIDDEN, AlarmEvent, AlarmState
from omf.alarms.rule_data import SEVERITIES, Severity
from omf.texts import Text

ALARM_TOPIC = "$alarms"
"""Stands for the stream `alarms` among topics; no client can publish what begins with `$`."""


class AlarmComment(BaseModel):
    """What a person said about an alarm."""

    model_config = ConfigDict(frozen=True)

    by: str
    at: float
    text: str


class AlarmLife(BaseModel):
    """One alarm that is not normal; times are Unix s of the clock its writer goes by."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    """The rule with its subject, as in `Alarm`."""
    rule: str
    subject: str
    severity: Severity
    since: float | None
    """When the factory met the rule; None is longer than we know."""
    text: Text
    action: Text
    state: AlarmState = AlarmState.NORMAL
    stands: bool = False
    """The rule is met now."""
    gone_at: float | None = None
    """When the rule was last met, while the alarm stands on for its delay; else None."""
    raised_at: float = 0.0
    """When it was last raised."""
    changed_at: float = 0.0
    """When it came into its state."""
    count: int = 0
    """How often it was raised since it was last normal."""
    acknowledged_by: str = ""
    acknowledged_at: float | None = None
    hidden_by: str = ""
    """Who shelved it or took it out of service, why, and when that ends."""
    hidden_reason: str = ""
    hidden_until: float | None = None
    """Of one the design suppresses: when it is shown again, its reason being gone."""
    cause: str = ""
    """Id of the alarm that explains it, while the design suppresses it for that."""
    suppressed: Text | None = None
    """Why the design suppresses it."""
    comments: tuple[AlarmComment, ...] = ()

    @property
    def priority(self) -> int:
        """1 is the most urgent; of four."""
        return SEVERITIES.index(self.severity) + 1

    @property
    def asks(self) -> bool:
        """True if it waits for a person: to acknowledge it, or to reset it."""
        return self.state in (AlarmState.UNACKNOWLEDGED, AlarmState.RETURNED, AlarmState.LATCHED)

    @classmethod
    def of(cls, alarm: Alarm) -> Self:
        """The life of an alarm that is not raised yet."""
        return cls(
            id=alarm.id,
            rule=alarm.rule,
            subject=alarm.subject,
            severity=alarm.severity,
            since=alarm.since,
            text=alarm.text,
            action=alarm.action,
            cause=alarm.cause,
            suppressed=alarm.suppressed,
        )

    def but(self, **changes: object) -> Self:
        """The same with some fields changed."""
        return self.model_copy(update=changes)


class AlarmEntry(BaseModel):
    """One passage of one alarm: an entry of the stream `alarms`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    alarm: str
    rule: str
    subject: str
    severity: Severity
    priority: int
    event: AlarmEvent
    before: AlarmState
    after: AlarmState
    at: float
    """Unix s, clock of the store."""
    since: float | None
    """When the factory met the rule."""
    text: Text
    who: str = ""
    """The person; "" where the factory or the clock did it."""
    reason: str = ""
    """Why it was shelved or taken out of service; the words of a comment."""
    until: float | None = None
    """The forced end of what began."""
    command_id: str = ""
    request_id: str = ""
    """Under which the act was handed over."""
    why: Text | None = None
    """Why an act was refused, or the design suppresses it."""
    cause: str = ""
    """Id of the alarm that explains it."""


class AlarmLoad(BaseModel):
    """How much the alarms ask of people at this moment, as their owner counts it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    flood_since: float | None = None
    """Since when more came than anybody can follow; None: it is no flood."""
    flood_count: int = 0
    """How many came in the last ten minutes."""
    chattering: tuple[str, ...] = ()
    """Ids of alarms that came three times within a minute of the last hour."""


class AlarmAct(NamedTuple):
    """What a person does to an alarm; of the factory and the clock only the time."""

    at: float
    who: str = ""
    reason: str = ""
    until: float | None = None
    command_id: str = ""
    request_id: str = ""


def as_kept(alarm: Alarm, life: AlarmLife | None) -> Alarm:
    """The alarm with its state and who acknowledged it, as far as its owner knows of it by now."""
    if life is None or not (life.stands or life.state in HIDDEN):
        return alarm
    return replace(
        alarm,
        state=life.state,
        acknowledged_by=life.acknowledged_by,
        acknowledged_at=life.acknowledged_at,
        cause=alarm.cause or life.cause,
        suppressed=alarm.suppressed or life.suppressed,
    )


def still(life: AlarmLife) -> Alarm:
    """An alarm whose rule is met no more and that stands on for its delay."""
    alarm = Alarm(
        id=life.id,
        rule=life.rule,
        severity=life.severity,
        subject=life.subject,
        since=life.since,
        text=life.text,
        action=life.action,
    )
    return as_kept(alarm, life)
