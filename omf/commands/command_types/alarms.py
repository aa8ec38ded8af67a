"""What people do to alarms: acknowledge, comment, shelve, take out of service (ISA-18.2).

Nothing of this goes to the factory. Orders hands an accepted act to the owner of the alarms, whose
entry in the stream `alarms` proves it.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, StringConstraints

from omf.alarms.life import ALARM_TOPIC
from omf.alarms.lifecycle import AlarmEvent
from omf.commands.encoding import dump
from omf.commands.forms import Form, field
from omf.commands.schemas import Drafting, Effect, Kind, PlannedStep, Risk, RoleName
from omf.constants import DAY_S, MINUTE_S
from omf.texts import text

ALARM_ACT_EXPIRY_S = 10.0
"""The owner of the alarms, started anew, is back by then; later nobody means it any more."""
ALARM_ACT_WINDOW_S = 15.0
"""An act that came in time is answered within this time, or never."""
MAX_DAYS_OUT = 30
SHELF_S = {"15min": 15 * MINUTE_S, "1h": 60 * MINUTE_S, "shift": 480 * MINUTE_S}
"""How long an alarm may be shelved; a shift has eight hours."""

AlarmName = Annotated[str, StringConstraints(min_length=3, max_length=600, pattern=r"^[a-z-]+:")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=400)]
Shelf = Literal["15min", "1h", "shift"]
Days = Annotated[int, Field(ge=1, le=MAX_DAYS_OUT)]


class OwnerForm(Form):
    """What the owner of the alarms is asked for; `kind` is the command."""

    kind: ClassVar[str]


class OneAlarm(OwnerForm):
    """An alarm by its id, the rule with its subject."""

    event: ClassVar[AlarmEvent]
    alarm: AlarmName = field("field.alarm", hint="hint.see_omf_alarms")

    @property
    def details(self) -> dict[str, Any]:
        """Why, and how many seconds it lasts."""
        return {"reason": getattr(self, "reason", ""), "lasts_s": self.lasts_s}

    @property
    def lasts_s(self) -> float | None:
        """Seconds to the forced end of what begins; None where nothing does."""
        return None


class Acknowledge(OneAlarm):
    """Somebody has seen it and sees to it."""

    kind = "alarm-acknowledge"
    event = AlarmEvent.ACKNOWLEDGED


class Reset(OneAlarm):
    """Somebody has looked at what was in danger."""

    kind = "alarm-reset"
    event = AlarmEvent.RESET


class Comment(OneAlarm):
    """What the next one should know."""

    kind = "alarm-comment"
    event = AlarmEvent.COMMENTED
    reason: Words = field("field.comment")


class Shelve(OneAlarm):
    """Known, and not to be shown for a while."""

    kind = "alarm-shelve"
    event = AlarmEvent.SHELVED
    duration: Shelf = field("field.duration", "15min")
    reason: Words = field("field.reason")

    @property
    def lasts_s(self) -> float | None:
        """Seconds on the shelf."""
        return SHELF_S[self.duration]


class Unshelve(OneAlarm):
    """To be shown again."""

    kind = "alarm-unshelve"
    event = AlarmEvent.UNSHELVED


class TakeOut(OneAlarm):
    """The device is being repaired, or the alarm cannot be trusted."""

    kind = "alarm-out-of-service"
    event = AlarmEvent.TAKEN_OUT
    days: Days = field("field.duration_in_days", 1)
    reason: Words = field("field.reason")

    @property
    def lasts_s(self) -> float | None:
        """Seconds out of service."""
        return self.days * DAY_S


class PutBack(OneAlarm):
    """The device works again."""

    kind = "alarm-return-to-service"
    event = AlarmEvent.PUT_BACK


def act(form: OneAlarm, draft: Drafting) -> tuple[PlannedStep, ...]:
    """What the owner of the alarms is to do with one."""
    told = {"alarm": form.alarm, "event": form.event, **form.details}
    return owner_step(draft, form.kind, "alarm-act", ALARM_TOPIC, told)


def owner_step(
    draft: Drafting, kind: str, rule: str, topic: str, told: Mapping[str, Any]
) -> tuple[PlannedStep, ...]:
    """One step that no broker hears of: the owner of the alarms does it, and tells on `topic`."""
    request_id = draft.new_id()
    effect = Effect(
        rule=rule,
        topics=(topic,),
        expect={"request_id": request_id},
        window_s=ALARM_ACT_WINDOW_S,
        text=text("effect.alarm_act"),
    )
    body, title = dump({"requestId": request_id, **told}), text(f"kind.{kind}")
    return (PlannedStep(topic="", payload=body, title=title, effect=effect),)


def act_of_owner(
    parameters: type[OwnerForm],
    build: Callable[[Any, Drafting], tuple[PlannedStep, ...]],
    rule: str,
    role: RoleName = "operator",
    risk: Risk = "normal",
) -> Kind:
    """A command the owner of the alarms carries out; `rule` is its interlock and its proof."""
    return Kind(
        name=parameters.kind,
        parameters=parameters,
        build=build,
        interlocks=("alarm-owner", rule),
        risk=risk,
        role=role,
        expiry_s=ALARM_ACT_EXPIRY_S,
        once=True,
        moves=False,
        source="",
    )


KINDS = (
    act_of_owner(Acknowledge, act, "alarm-act"),
    act_of_owner(Comment, act, "alarm-act"),
    act_of_owner(Shelve, act, "alarm-act"),
    act_of_owner(Unshelve, act, "alarm-act"),
    act_of_owner(Reset, act, "alarm-act"),
    act_of_owner(TakeOut, act, "alarm-act", "supervisor", "guarded"),
    act_of_owner(PutBack, act, "alarm-act", "supervisor"),
)
