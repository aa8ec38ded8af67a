"""How messages and models lie in the store; ingest writes this way and everybody reads it."""

import logging
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from omf.messages.message import Message
from services.common.store.keys import Command, CommandEvent, CommandRecord

DATA = b"__data__"
"""FastStream reads the body of an entry from this field, with or without batches."""

_log = logging.getLogger(__name__)

W = TypeVar("W", bound=BaseModel)


class BufferInfo(NamedTuple):
    """One buffer as `omf buffers` shows it; ids are None while it is empty."""

    filter: str
    length: int
    first_id: str | None
    last_id: str | None
    appended: int
    trimmed: int


def text(value: bytes | str) -> str:
    """A name or an id, in whichever of its two ways the driver hands it over."""
    return value.decode() if isinstance(value, bytes) else value


def encode(model: BaseModel) -> dict[str | bytes, str]:
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


def readable(kind: type[W], told: bytes | str | None, what: str = "") -> W | None:
    """The model a value holds; None for no value, a forged one, one of another release.

    It must not blind whoever reads it. `what` is how the log calls what is left aside; "" where
    nobody misses it.
    """
    try:
        return kind.model_validate_json(told) if told else None
    except ValidationError as error:
        if what:
            _log.error("%s of another version is left aside: %s", what, error)
        return None


def all_readable(kind: type[W], told: Iterable[bytes | str], what: str = "") -> list[W]:
    """The models of several values, in their order, without those that are none."""
    models = (readable(kind, one, what) for one in told)
    return [model for model in models if model is not None]


def record(found: list[bytes]) -> CommandRecord | None:
    """A record lies as a list: the Command first, then each CommandEvent (written by orders)."""
    if not found:
        return None
    events = tuple(CommandEvent.model_validate_json(item) for item in found[1:])
    return CommandRecord(command=Command.model_validate_json(found[0]), events=events)


def message(entry_id: bytes, fields: Mapping[bytes, bytes]) -> Message:
    """The message of a buffer entry: t topic, p payload, q QoS, r retain, d dup, m properties."""
    return Message(
        topic=fields[b"t"].decode(errors="replace"),
        payload=fields[b"p"],
        id=entry_id.decode(),
        qos=int(fields.get(b"q", b"0")),
        retain=fields.get(b"r") == b"1",
        dup=fields.get(b"d") == b"1",
        properties=fields.get(b"m", b"").decode(errors="replace"),
    )


def last_message(topic: bytes, framed: bytes) -> Message:
    """The message of a field of `latest`: a line, then the payload.

    The line is `<id> <qos> <retain> <dup>`, and behind a blank the properties, if there are any.
    """
    head, _, payload = framed.partition(b"\n")
    entry_id, qos, retain, dup, *told = head.split(b" ", 4)
    return Message(
        topic=topic.decode(errors="replace"),
        payload=payload,
        id=entry_id.decode(),
        qos=int(qos),
        retain=retain == b"1",
        dup=dup == b"1",
        properties=told[0].decode(errors="replace") if told else "",
    )


def only_stream(found: Any) -> list[Any]:
    """The batch of an XREAD of one stream; a dict or pairs, by protocol version."""
    if not found:
        return []
    batches = list(found.values()) if isinstance(found, dict) else [found[0][1]]
    return batches[0][0] if isinstance(found, dict) else list(batches[0])


def info(name: str, found: Any, counters: Mapping[str, int]) -> BufferInfo:
    """What XINFO says of the buffer of a filter; None: there is none yet."""
    counted = (counters.get(f"appended:{name}", 0), counters.get(f"trimmed:{name}", 0))
    if found is None:
        return BufferInfo(name, 0, None, None, *counted)
    ends = (found["first-entry"], found["last-entry"])
    first, last = (text(entry[0]) if entry else None for entry in ends)
    return BufferInfo(name, found["length"], first, last, *counted)
