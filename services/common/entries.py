"""How messages and models lie in the store; ingest writes this way and everybody reads it."""

from collections.abc import Mapping
from typing import TypeVar

from omf.message import Message
from services.common.streams import Wire

DATA = b"__data__"
"""FastStream reads the body of an entry from this field, with or without batches."""

W = TypeVar("W", bound=Wire)


def encode(model: Wire) -> dict[str | bytes, str]:
    """The one field of an entry in a stream of our own."""
    return {DATA: model.model_dump_json()}


def decode(kind: type[W], fields: Mapping[bytes, bytes]) -> W:
    """The model of an entry; raises ValidationError if it is not one."""
    return kind.model_validate_json(fields[DATA])


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
