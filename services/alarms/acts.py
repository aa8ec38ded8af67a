"""Acts on alarms and shifts that orders accepted, as they stand in the stream `events`."""

import json
import logging
from typing import Any, NamedTuple

from omf.alarms.handover import HandoverEvent
from omf.alarms.life import AlarmAct
from omf.alarms.lifecycle import AlarmEvent
from omf.commands import ALARM_ACTS, HANDOVER_ACTS, kind_of
from services.common.store.keys import CommandEvent, Stage

_log = logging.getLogger(__name__)


class AcceptedAct(NamedTuple):
    """What a person does to one alarm."""

    alarm: str
    event: AlarmEvent
    act: AlarmAct


class AcceptedHandover(NamedTuple):
    """What a person does to the hand-over of a shift."""

    handover: str
    """The one that is meant; "" whichever waits."""
    event: HandoverEvent
    act: AlarmAct


def accepted_act(event: CommandEvent, now: float) -> AcceptedAct | AcceptedHandover | None:
    """The act that an event hands over; None: it is none, or nobody means it any more at `now`."""
    if event.kind not in ALARM_ACTS | HANDOVER_ACTS or event.stage is not Stage.QUEUED:
        return None
    if now > event.at + kind_of(event.kind).expiry_s:
        return None
    try:
        read = _of_shift if event.kind in HANDOVER_ACTS else _of_alarm
        return read(event, json.loads(event.payload), now)
    except (ValueError, KeyError) as error:
        # Of another release: it must not stop the others, and orders tells that nothing came.
        _log.error("an act on an alarm cannot be read: %s %s", event.command_id, error)
        return None


def _of_alarm(event: CommandEvent, told: dict[str, Any], now: float) -> AcceptedAct:
    lasts_s = told["lasts_s"]
    act = AlarmAct(
        at=now,
        who=event.operator,
        reason=told["reason"],
        until=None if lasts_s is None else now + lasts_s,
        command_id=event.command_id,
        request_id=told["requestId"],
    )
    return AcceptedAct(told["alarm"], AlarmEvent(told["event"]), act)


def _of_shift(event: CommandEvent, told: dict[str, Any], now: float) -> AcceptedHandover:
    act = AlarmAct(
        at=now,
        who=event.operator,
        reason=told["note"],
        command_id=event.command_id,
        request_id=told["requestId"],
    )
    return AcceptedHandover(told["handover"], HandoverEvent(told["event"]), act)
