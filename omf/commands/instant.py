"""Instant actions to a module or a vehicle: exactly one a message (PROTOCOL B.5)."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

from omf.commands.encoding import dump, timestamp
from omf.commands.schemas import Drafting, Effect, PlannedStep
from omf.texts import Text
from omf.topics.catalogue import address

Receiver = Literal["module_instant_action", "fts_instant_action"]


class Sent(NamedTuple):
    """What an effect may need to recognise the action again."""

    topic: str
    payload: str
    action_id: str


def instant(
    draft: Drafting,
    receiver: Receiver,
    serial: str,
    action: tuple[str, Mapping[str, Any] | None],
) -> Sent:
    """The message of one instant action `(actionType, metadata)` with a fresh action id."""
    name, metadata = action
    action_id = draft.new_id()
    entry: dict[str, Any] = {"actionId": action_id, "actionType": name}
    if metadata is not None:
        entry["metadata"] = dict(metadata)
    body = {"serialNumber": serial, "timestamp": timestamp(draft.now), "actions": [entry]}
    return Sent(address(receiver, serial=serial), dump(body), action_id)


def step_of(
    sent: Sent, serial: str, title: Text, effect: Callable[[Sent], Effect], *, once: bool = True
) -> PlannedStep:
    """The step that sends it, with the effect that recognises it."""
    return PlannedStep(
        topic=sent.topic,
        payload=sent.payload,
        once=once,
        title=title,
        effect=effect(sent),
        device=serial,
        action_id=sent.action_id,
    )
