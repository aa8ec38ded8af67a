"""How messages, commands and times look: as JSON and as lines for people."""

import os
from datetime import datetime
from typing import Any, Protocol

from omf.messages.message import Message
from omf.messages.printable import escaped
from omf.texts import LANGUAGES, Language, Saying, Text
from services.common.mqtt.payload_encoding import payload_fields
from services.common.process import clock
from services.common.sessions.line_formats import json_object
from services.common.store.keys import CommandEvent, CommandRecord

BELOW = " " * 14
"""In front of what belongs to the line above."""
MAX_PAYLOAD_CHARS = 160
"""Characters of a payload on one line for people; --json has all of it."""


class Stored(Protocol):
    """What was stored in every language; `fr` is empty from before there was French."""

    @property
    def en(self) -> str:
        """English."""


def language() -> Language:
    """The language of the user's locale, English where it is none of ours."""
    named = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    own = next((name for name in named if name), "")
    return next((one for one in LANGUAGES if own.startswith(one)), "en")


def words(said: Text | Saying | Stored) -> str:
    """The sentence in the user's language."""
    spoken = language()
    if isinstance(said, Text | Saying):
        return (said if isinstance(said, Text) else said.text).in_(spoken)
    return getattr(said, spoken, "") or said.en


def clock_time(at: float | None) -> str:
    """Time of day on this machine, to the millisecond; `-` when unknown."""
    if at is None:
        return "-"
    return datetime.fromtimestamp(at).astimezone().strftime("%H:%M:%S.%f")[:-3]


def age(seconds_ago: float | None) -> str:
    """`3 s`, `12 min`, `5 h`; `-` when unknown."""
    if seconds_ago is None:
        return "-"
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds_ago >= 2 * size:
            return f"{seconds_ago / size:.0f} {unit}"
    return f"{max(0.0, seconds_ago):.0f} s"


def message_row(message: Message) -> dict[str, Any]:
    """One message as `omf tail` prints it (DESIGN section 9)."""
    told = json_object(message.properties)
    return {
        "id": message.id,
        "ts": clock.iso(message.received_at),
        "topic": message.topic,
        **payload_fields(message.payload),
        "qos": message.qos,
        "retain": message.retain,
        "dup": message.dup,
        **({"properties": told} if told else {}),
    }


def message_line(message: Message) -> str:
    """One message on one line."""
    flags = "".join(f" {name}" for name in ("retain", "dup") if getattr(message, name))
    topic = escaped(message.topic)
    return f"{clock_time(message.received_at)}  {topic}  {short(message.payload)}{flags}"


def short(payload: bytes | str) -> str:
    """A payload on one line, cut, with nothing in it that could steer a terminal."""
    text = payload.decode(errors="replace") if isinstance(payload, bytes) else payload
    if len(text) <= MAX_PAYLOAD_CHARS:
        return escaped(text)
    return f"{escaped(text[:MAX_PAYLOAD_CHARS])}... ({len(text)} characters)"


def event_lines(event: CommandEvent) -> list[str]:
    """One stage of a command on one line, and below it each of its reasons."""
    step = f" step {event.step + 1}" if event.step else ""
    topic = f"  {event.topic}" if event.topic else ""
    stage = f"{clock_time(event.at)}  {event.stage:<12}{step}{topic}"
    return [stage, *(f"{BELOW}{words(reason)}" for reason in event.reasons)]


def record_row(record: CommandRecord) -> dict[str, Any]:
    """A command's life as JSON."""
    events = [event.model_dump(mode="json") for event in record.events]
    return {
        **record.command.model_dump(mode="json"),
        "stage": record.stage,
        "final": record.final,
        "events": events,
    }


def record_line(record: CommandRecord) -> str:
    """A command's life on one line."""
    asked = record.command
    given = " ".join(f"{name}={value}" for name, value in asked.parameters.items())
    stages = " > ".join(dict.fromkeys(event.stage for event in record.events))
    at = clock_time(asked.created_at)
    return f"{at}  {asked.command_id}  {asked.kind} {given}  by {asked.operator}: {stages}"
