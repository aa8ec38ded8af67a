"""How messages and models lie in the store; ingest writes this way and everybody reads it."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

from pydantic import ValidationError

from omf.message import Message
from services.common.streams import Command, CommandEvent, CommandRecord, Wire

DATA = b"__data__"
"""FastStream reads the body of an entry from this field, with or without batches."""

W = TypeVar("W", bound=Wire)


def text(value: bytes | str) -> str:
    """A name or an id, in whichever of its two ways the driver hands it over."""
    return value.decode() if isinstance(value, bytes) else value


def encode(model: Wire) -> dict[str | bytes, str]:
    """The one field of an entry in a stream of our own."""
    return {DATA: model.model_dump_json()}


def decode(kind: type[W], fields: Mapping[bytes, bytes]) -> W:
    """The model of an entry; raises ValidationError if it is not one."""
    return kind.model_validate_json(fields[DATA])


def decoded(kind: type[W], found: Iterable[Any]) -> list[tuple[str, W]]:
    """The entries that are what they should be: a forged one must not blind every reader."""
    pairs: list[tuple[str, W]] = []
    for entry_id, fields in found:
        with suppress(ValidationError, KeyError):
            text = entry_id.decode() if isinstance(entry_id, bytes) else entry_id
            pairs.append((text, decode(kind, fields)))
    return pairs


def record(found: list[bytes]) -> CommandRecord | None:
    """A record lies as a list: the Command first, then each CommandEvent (written by orders)."""
    if not found:
        return None
    events = tuple(CommandEvent.model_validate_json(item) for item in found[1:])
    return CommandRecord(command=Command.model_validate_json(found[0]), events=events)


def message(entry_id: bytes, fields: Mapping[bytes, bytes]) -> Message:
    """The message of a buffer entry: t topic, p payload, q QoS, r retain, d dup."""
    return Message(
        topic=fields[b"t"].decode(errors="replace"),
        payload=fields[b"p"],
        id=entry_id.decode(),
        qos=int(fields.get(b"q", b"0")),
        retain=fields.get(b"r") == b"1",
        dup=fields.get(b"d") == b"1",
    )


def last_message(topic: bytes, framed: bytes) -> Message:
    """The message of a field of `latest`: `<id> <qos> <retain> <dup>`, a line feed, the payload."""
    head, _, payload = framed.partition(b"\n")
    entry_id, qos, retain, dup = head.split(b" ")
    return Message(
        topic=topic.decode(errors="replace"),
        payload=payload,
        id=entry_id.decode(),
        qos=int(qos),
        retain=retain == b"1",
        dup=dup == b"1",
    )
