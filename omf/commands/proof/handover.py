"""Proof about the hand-over of a shift: the entry of its owner, by the id of the act."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from omf.alarms.handover import HandoverEntry, HandoverEvent
from omf.commands.proof.rules import failed, proven, rule
from omf.commands.schemas import Verdict
from omf.messages.message import Message
from omf.texts import text


@rule("handover-act", identified=True, any_payload=True)
def _handover_act(expect: Mapping[str, Any], _told: Any, message: Message) -> Verdict | None:
    """It is written down, or it was not possible any more."""
    try:
        entry = HandoverEntry.model_validate_json(message.payload)
    except ValidationError:
        return None
    if entry.request_id != expect["request_id"]:
        return None
    if entry.event is HandoverEvent.REFUSED:
        return failed(entry.why or text("alarm_act.impossible"))
    return proven(text(f"handover_event.{entry.event}"))
