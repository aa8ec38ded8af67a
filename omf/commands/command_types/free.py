"""Messages to any topic, for administrators who know what they do: a free one, or none at all."""

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

from omf.commands.effects import echoed
from omf.commands.forms import Form, Text, Word, confirmation, field
from omf.commands.schemas import Drafting, Kind, PlannedStep
from omf.topics.filters import check_topic

MAX_PAYLOAD_BYTES = 65_536
"""The gateway sends no more."""
FREE_EXPIRY_S = 10.0


def _sendable(text: str) -> str:
    if len(text.encode()) > MAX_PAYLOAD_BYTES:
        said = {
            "de": f"hat mehr als {MAX_PAYLOAD_BYTES} Bytes",
            "en": f"has more than {MAX_PAYLOAD_BYTES} bytes",
        }
        raise PydanticCustomError("too_many_bytes", "{en}", said)
    return text


Payload = Annotated[str, StringConstraints(strip_whitespace=False), AfterValidator(_sendable)]


class FreeMessage(Form):
    """Topic, payload, QoS and retain as they go out."""

    word: ClassVar[Text] = Text(de="AUFBEWAHREN", en="RETAIN")
    topic: Annotated[str, AfterValidator(check_topic)] = field("Topic", "Topic")
    payload: Payload = field("Inhalt", "Payload", "")
    qos: Literal[0, 1, 2] = field("QoS", "QoS", 1)
    retain: bool = field("Aufbewahren (retain)", "Retain", default=False)
    confirm: Word = confirmation(word, ("bei retain: ", "with retain: "))

    @property
    def word_needed(self) -> bool:
        """Only a retained message asks for the word: it outlives its sender."""
        return self.retain


class ClearRetained(Form):
    """A topic whose kept message shall go."""

    word: ClassVar[Text] = Text(de="LÖSCHEN", en="CLEAR")
    topic: Annotated[str, AfterValidator(check_topic)] = field("Topic", "Topic")
    confirm: Word = confirmation(word)


def free_message(form: FreeMessage, _draft: Drafting) -> tuple[PlannedStep, ...]:
    """The message exactly as typed; only its echo can be proven."""
    step = PlannedStep(
        topic=form.topic,
        payload=form.payload,
        qos=form.qos,
        retain=form.retain,
        title=Text(de=f"Freie Nachricht an {form.topic}", en=f"Free message to {form.topic}"),
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
        title=Text(de=f"{form.topic}: aufbewahrte löschen", en=f"{form.topic}: clear retained"),
        effect=echoed(form.topic, ""),
    )
    return (step,)


KINDS = (
    Kind(
        name="free-message",
        title=Text(de="Freie Nachricht", en="Free message"),
        summary=Text(
            de="Sendet, was eingegeben wird, geprüft an dem, was auf dem Topic erwartet wird.",
            en="Sends what is typed, checked against what is expected on its topic.",
        ),
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
        title=Text(de="Aufbewahrte Nachricht löschen", en="Clear a retained message"),
        summary=Text(
            de="Der Broker vergisst, was er auf einem Topic aufbewahrt; dessen Abonnenten bekommen "
            "eine leere Nachricht. Bei Befehlen an die CCU muss die CCU dazu angehalten sein.",
            en="The broker forgets what it keeps on a topic; its subscribers get an empty message. "
            "For commands to the CCU, the CCU must be stopped meanwhile.",
        ),
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
