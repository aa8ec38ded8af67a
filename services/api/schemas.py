"""What goes in and out of the HTTP door, as its OpenAPI tells it."""

import json
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from omf.commands import CommandError, Kind
from omf.messages.edited import EditedMessages
from omf.messages.message import Message
from omf.texts import Text, text
from services.common.mqtt.payload_encoding import payload_fields
from services.common.process import clock
from services.common.sessions.line_formats import json_object
from services.common.store.keys import Command, CommandEvent, CommandRecord, OverrideReason, Stage
from services.common.store.lease import Lease
from services.history.field_search import FieldColumn

MAX_DEPTH = 32
"""Nested deeper, what JSON can read it can no longer write."""
RESERVED = frozenset({"stream"})
"""Ids that would be an address of ours."""


class _ApiModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


def _not_reserved(command_id: str) -> str:
    if command_id in RESERVED:
        said = text("problem_detail.id_is_address", command_id=command_id)
        raise PydanticCustomError("reserved", "reserved id", {"text": said})
    return command_id


def _writable(given: dict[str, Any]) -> dict[str, Any]:
    """What can be read as JSON but never be written again must not reach the bus."""
    if _deeper(given, MAX_DEPTH):
        said = text("problem_detail.too_deep", most=MAX_DEPTH)
        raise PydanticCustomError("too_deep", "nested too deeply", {"text": said})
    try:
        json.dumps(given, ensure_ascii=False, allow_nan=False).encode()
    except ValueError:
        said = text("problem_detail.not_in_json")
        raise PydanticCustomError("not_json", "no JSON", {"text": said}) from None
    return given


def _deeper(value: object, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_deeper(one, levels - 1) for one in inner)


CommandId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]
StreamIdText = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,19}-[0-9]{1,19}$")]
"""`<ms>-<sequence>`; longer numbers are none that the store could hold."""
_Line = StringConstraints(max_length=500)


class CommandWish(_ApiModel):
    """A command to be given; the same `command_id` again is the same command, never a second."""

    command_id: Annotated[CommandId, AfterValidator(_not_reserved)] | None = None
    """Made by the caller before the first try, so that a repetition is harmless; else made here."""
    kind: Annotated[str, StringConstraints(min_length=1, max_length=64)] = Field(
        examples=["production-order"]
    )
    """A `kind` of `GET /api/v1/kinds`."""
    parameters: Annotated[dict[str, Any], AfterValidator(_writable)] = Field(
        default_factory=dict, examples=[{"colour": "WHITE"}]
    )
    note: Annotated[str, _Line] = ""
    """Why; it is kept with the command."""
    plan: Annotated[str, StringConstraints(max_length=200)] = ""
    """Fingerprint of the preview that was read, the `plan` of `omf send --dry-run`: all else is
    refused with `plan-changed`. Empty: whatever the command means now."""
    override: OverrideReason = ""
    """Why it shall go although our prudence forbids it; needs a supervisor, and is kept. What the
    factory itself would not do stays refused."""
    edited: EditedMessages | None = None
    """Messages that go out as they stand here, in the place of those of `POST /commands/preview`,
    whose `ids` go with them; needs an administrator. They are judged as a free message is, and the
    difference is kept."""

    def field_of(self, error: CommandError) -> str:
        """Which field of this is at fault."""
        if self.edited and error.field == "edited":
            return error.field
        return f"parameters.{error.field}" if error.field else "kind"


class CommandLife(Command):
    """A command and every stage it has come to, oldest first."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    stage: Stage
    final: bool
    """True once nothing more will happen by itself."""
    events: tuple[CommandEvent, ...] = ()

    @classmethod
    def of(cls, record: CommandRecord) -> Self:
        """The life of a record."""
        known = {"stage": record.stage, "final": record.final, "events": record.events}
        return cls.model_validate(dict(record.command) | known)


class CommandLives(_ApiModel):
    """The newest commands, newest first."""

    commands: tuple[CommandLife, ...]


class MessageView(_ApiModel):
    """One MQTT message exactly as ingest appended it."""

    id: str
    ts: str
    """Arrival, UTC."""
    topic: str
    payload: str
    """As text; bytes that are not UTF-8 are replaced here and exact in `payload_base64`."""
    payload_base64: str | None = None
    qos: int
    retain: bool
    dup: bool
    properties: dict[str, Any] | None = None
    """Those of MQTT 5 its sender gave it (omf/messages/properties.py); null for none."""

    @classmethod
    def of(cls, message: Message) -> Self:
        """One message of a buffer."""
        return cls(
            id=message.id,
            ts=clock.iso(message.received_at),
            topic=message.topic,
            **payload_fields(message.payload),
            qos=message.qos,
            retain=message.retain,
            dup=message.dup,
            properties=json_object(message.properties) or None,
        )


class MessagePage(_ApiModel):
    """Messages of a topic filter, oldest first."""

    messages: tuple[MessageView, ...]
    after: str | None
    """Pass it as `after` to go on behind this page; null while the buffer is empty."""
    more: bool
    """True: the buffer may hold more behind this page now."""


class ArchivedPage(MessagePage):
    """Archived messages of a topic filter, oldest first."""

    faults: tuple[str, ...]
    """Files of the archive that cannot be read: their messages are missing here."""


class ArchivedFieldView(_ApiModel):
    """A field of the payloads of a topic."""

    topic: str
    path: str
    """`batteryState.charge`, `actionStates[0].state`."""
    numbers: int
    """How often it changed to a number, and once an hour."""
    texts: int


class ArchivedFieldsView(_ApiModel):
    """The fields that have values in a range, by topic and path."""

    fields: tuple[ArchivedFieldView, ...]
    more: bool
    """True: there are more; narrow them by a topic filter."""
    faults: tuple[str, ...]
    """Files of the archive that cannot be read: their values are missing here."""


class FieldColumnView(_ApiModel):
    """What a field was within one column of time."""

    place: int
    """From 0; -1: before the range."""
    values: int
    first_at: str
    last_at: str
    low: float | None
    low_id: str | None
    """Id of the message that said so."""
    high: float | None
    high_id: str | None
    first: float | None
    last: float | None
    last_id: str
    text: str | None
    """The last one, of a field with text."""
    texts: int
    """How many different ones."""

    @classmethod
    def of(cls, column: FieldColumn) -> Self:
        """The view of a column."""
        told = column._asdict()
        times = {f"{end}_at": clock.iso(told.pop(f"{end}_ms") / 1000) for end in ("first", "last")}
        return cls(**told, **times)


class FieldColumnsView(_ApiModel):
    """A field over a range; the range is cut to what the archive has."""

    since: str | None
    until: str | None
    columns: tuple[FieldColumnView, ...]
    faults: tuple[str, ...]
    """Files of the archive that cannot be read: their values are missing here."""

    @classmethod
    def over(
        cls, span: tuple[int, int], columns: tuple[FieldColumnView, ...], faults: tuple[str, ...]
    ) -> Self:
        """The columns of a span, ms since 1970."""
        since, until = (clock.iso(at / 1000) for at in span)
        return cls(since=since, until=until, columns=columns, faults=faults)


class LeaseView(_ApiModel):
    """Who leads the environment, read-only: it is changed by the commands `control-*`."""

    required: bool
    """True: risky commands are refused to everybody but the holder."""
    holder: str | None
    """Who leads now; null: nobody."""
    since: str | None
    """Since when, UTC; null: nobody leads."""
    until: str | None
    """When it runs out by itself, UTC; null: nobody leads."""
    asked_by: str | None
    """Who asks the holder to hand over; null: nobody."""
    asked_at: str | None

    @classmethod
    def of(cls, lease: Lease, now: float) -> Self:
        """The lease as it stands at `now`; one that ran out is nobody's."""
        holder = lease.holder_at(now)
        asked = lease.asked_by if holder else ""
        return cls(
            required=lease.required,
            holder=holder or None,
            since=clock.iso(lease.since) if holder else None,
            until=clock.iso(lease.until) if holder else None,
            asked_by=asked or None,
            asked_at=clock.iso(lease.asked_at) if asked else None,
        )


class KindView(_ApiModel):
    """One kind of command, and the JSON Schema of its parameters."""

    kind: str
    title: Text
    summary: Text
    risk: Literal["normal", "guarded", "dangerous", "raw"]
    role: Literal["viewer", "operator", "supervisor", "admin"]
    """The least role that may give it."""
    expiry_s: float
    moves: bool
    typed_word: str | None
    """To be given as the parameter `confirm`; the German word is understood as well."""
    parameters: dict[str, Any]

    @classmethod
    def of(cls, kind: Kind) -> Self:
        """One entry of the menu."""
        return cls(
            kind=kind.name,
            title=kind.title,
            summary=kind.summary,
            risk=kind.risk,
            role=kind.role,
            expiry_s=kind.expiry_s,
            moves=kind.moves,
            typed_word=kind.typed_word.en if kind.typed_word else None,
            parameters=kind.parameters.model_json_schema(),
        )


class KindList(_ApiModel):
    """All kinds."""

    kinds: tuple[KindView, ...]
