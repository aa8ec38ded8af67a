"""Proof about acts on alarms: the entry of their owner, by the id the act was handed over with."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from omf.alarms.life import AlarmEntry
from omf.alarms.lifecycle import AlarmEvent
from omf.commands.proof.rules import failed, proven, rule
from omf.commands.schemas import Verdict
from omf.messages.message import Message
from omf.texts import text


@rule("alarm-act", identified=True, any_payload=True)
def _alarm_act(expect: Mapping[str, Any], _told: Any, message: Message) -> Verdict | None:
    """The owner of the alarms has done it, or came to know that it cannot be done any more."""
    try:
        entry = AlarmEntry.model_validate_json(message.payload)
    except ValidationError:
        return None
    if entry.request_id != expect["request_id"]:
        return None
    if entry.event is AlarmEvent.REFUSED:
        return failed(entry.why or text("alarm_act.impossible"))
    return proven(text("proof.alarm_act", state=text(f"alarm_state.{entry.after}")))
