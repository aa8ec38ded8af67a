"""Messages to any topic, for administrators who know what they do: a free one, or none at all."""

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

from omf.commands.effects import echoed
from omf.commands.forms import Form, Word, confirmation, field
from omf.commands.schemas import Drafting, Kind, PlannedStep
from omf.constants import MAX_PAYLOAD_BYTES
from omf.texts import Text, text
from omf.topics.filters import check_topic

FREE_EXPIRY_S = 10.0


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


def free_message(form: FreeMessage, _draft: Drafting) -> tuple[PlannedStep, ...]:
    """The message exactly as typed; only its echo can be proven."""
    step = PlannedStep(
        topic=form.topic,
        payload=form.payload,
        qos=form.qos,
        retain=form.retain,
        title=text("step.free_message_to", topic=form.topic),
        effect=echoed(form.topic, form.payload),
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
        title=text("kind.free-message"),
        summary=text("kind.free-message.summary"),
        parameters=FreeMessage,
        build=free_message,
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
        title=text("kind.clear-retained"),
        summary=text("kind.clear-retained.summary"),
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
