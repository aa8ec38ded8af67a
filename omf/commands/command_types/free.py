"""Messages to any topic, for administrators who know what they do: a free one, or none at all."""

import json
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

from omf.commands.effects import echoed
from omf.commands.encoding import dump
from omf.commands.forms import Form, Word, confirmation, field
from omf.commands.module_orders import first_update_id, open_bracket
from omf.commands.schemas import CommandError, Drafting, Kind, PlannedStep
from omf.constants import MAX_PAYLOAD_BYTES
from omf.state import FactoryState
from omf.texts import Text, text
from omf.topics import catalogue
from omf.topics.filters import check_topic

FREE_EXPIRY_S = 10.0
FRESH_ID = str(UUID(int=0))
"""Stands for the orderId until it is made."""


def _sendable(payload: str) -> str:
    if len(payload.encode()) > MAX_PAYLOAD_BYTES:
        said = text("problem_detail.too_many_bytes", most=MAX_PAYLOAD_BYTES)
        raise PydanticCustomError("too_many_bytes", "too many bytes", {"text": said})
    return payload


Payload = Annotated[str, StringConstraints(strip_whitespace=False), AfterValidator(_sendable)]


class FreeMessage(Form):
    """Topic, payload, QoS and retain as they go out."""

    word: ClassVar[Text] = text("word.retain")
    topic: Annotated[str, AfterValidator(check_topic)] = field("field.topic")
    payload: Payload = field("field.payload", "")
    qos: Literal[0, 1, 2] = field("field.qos", 1)
    retain: bool = field("field.retain", default=False)
    ensure_order_id: bool = field(
        "field.ensure_order_id", default=False, hint="hint.ensure_order_id"
    )
    confirm: Word = confirmation(word, "hint.type_word_if_retained")

    @property
    def word_needed(self) -> bool:
        """Only a retained message asks for the word: it outlives its sender."""
        return self.retain


class ClearRetained(Form):
    """A topic whose kept message shall go."""

    word: ClassVar[Text] = text("word.clear")
    topic: Annotated[str, AfterValidator(check_topic)] = field("field.topic")
    confirm: Word = confirmation(word)


def _with_order_id(form: FreeMessage, state: FactoryState) -> FreeMessage:
    """A place for the ids of an order where they are missing: the checks judge the whole."""
    if not form.ensure_order_id:
        return form
    body = _object(form.payload)
    if body.get("orderId") and body.get("orderUpdateId") is not None:
        return form
    action = body.get("action")
    command = str(action.get("command") or "") if isinstance(action, dict) else ""
    serial = _serial(form.topic)
    begun = open_bracket(state, serial, command) if serial and not body.get("orderId") else None
    number = begun.order_update_id if begun else first_update_id(state, serial)
    ids = {"orderId": begun.order_id if begun else FRESH_ID, "orderUpdateId": number}
    kept = {name: value for name, value in body.items() if value not in (None, "")}
    return form.model_copy(update={"payload": dump(ids | kept)})


def _object(payload: str) -> dict[str, Any]:
    try:
        found = json.loads(payload)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise CommandError("ensure_order_id", text("plan.no_order_object"))
    return found


def _serial(topic: str) -> str:
    """The module an order is for; "" for anybody else."""
    entry = catalogue.of(topic)
    if entry is None or entry.name != "module_order":
        return ""
    return catalogue.levels(entry.name, topic).get("serial", "")


def free_message(form: FreeMessage, draft: Drafting) -> tuple[PlannedStep, ...]:
    """The message as typed, with a fresh orderId if asked for; only its echo can be proven."""
    payload = form.payload
    if form.ensure_order_id:
        payload = payload.replace(f'"{FRESH_ID}"', f'"{draft.new_id()}"')
    step = PlannedStep(
        topic=form.topic,
        payload=payload,
        qos=form.qos,
        retain=form.retain,
        title=text("step.free_message_to", topic=form.topic),
        effect=echoed(form.topic, payload),
    )
    return (step,)


def clear_retained(form: ClearRetained, _draft: Drafting) -> tuple[PlannedStep, ...]:
    """An empty message deletes what the broker keeps (PROTOCOL E); who listens gets it as well."""
    step = PlannedStep(
        topic=form.topic,
        payload="",
        retain=True,
        once=False,
        title=text("step.clear_retained", topic=form.topic),
        effect=echoed(form.topic, ""),
    )
    return (step,)


KINDS = (
    Kind(
        name="free-message",
        parameters=FreeMessage,
        build=free_message,
        resolve=_with_order_id,
        interlocks=(
            "retain-allowed",
            "message-fits",
            "json-readable",
            "ccu-survives",
            "typed-word",
        ),
        risk="raw",
        role="admin",
        expiry_s=FREE_EXPIRY_S,
        once=True,
        moves=False,
        source="F.34",
    ),
    Kind(
        name="clear-retained",
        parameters=ClearRetained,
        build=clear_retained,
        interlocks=("typed-word", "ccu-survives"),
        risk="dangerous",
        role="admin",
        typed_word=ClearRetained.word,
        expiry_s=FREE_EXPIRY_S,
        once=False,
        moves=False,
        source="F.34",
    ),
)
