"""A time range as a session file, led by what the broker held at its start."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from omf.topics import catalogue
from omf.topics.filters import FilterIndex
from services.common.sessions.files import Recorded, SessionWriter, recorded
from services.common.store import journal
from services.common.store.bus import Bus
from services.common.store.keys import CommandEvent, Stage

SENT = frozenset({Stage.PUBLISHED, Stage.ACKNOWLEDGED, Stage.UNKNOWN})
"""Stages after which the bytes of a command may be on the broker."""
NEAR_S = 30.0
"""From the stage of a command to its message on the wire; later the same bytes are another's."""


class ExportCounts(NamedTuple):
    """What a session file holds."""

    messages: int
    retained: int
    commands: int
    """Messages that commands of ours sent."""


class Range(NamedTuple):
    """Message ids: behind `after`, up to `until` (empty: to the present end)."""

    after: str = journal.BEGINNING
    until: str = ""


class JournalSource:
    """What the journal has, for an export."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus

    def messages(self, after: str, until: str) -> AsyncIterator[Message]:
        """Everything behind the id `after` up to `until`, in order."""
        return journal.stretch(self.bus, after=after, until=until)

    async def retained(self, until: str) -> dict[str, Message]:
        """The last message of every retained topic up to an id; an empty payload deleted it."""
        held: dict[str, Message] = {}
        async for message in _before(self.bus, until):
            if message.retain or is_retained(message.topic):
                held[message.topic] = message
        return held


def is_retained(topic: str) -> bool:
    """Whether messages of a topic are retained by the broker, as the catalogue knows it."""
    entry = catalogue.of(topic)
    return bool(entry and entry.retain)


async def export(
    source: JournalSource, out: Path, wanted: Range, exclude: Iterable[str] = ()
) -> ExportCounts:
    """Write the range; topics of the filters `exclude` are left out."""
    left_out = FilterIndex(exclude)
    until = wanted.until or await journal.last_id(source.bus)
    senders = await _senders(source.bus)
    held = {} if wanted.after == journal.BEGINNING else await source.retained(wanted.after)
    messages = retained = commands = 0
    with SessionWriter(out) as session:
        async for message in source.messages(wanted.after, until):
            if not messages and not retained:
                for line in _first(held, message.received_at, left_out):
                    session.write(line)
                    retained += 1
            if left_out.match(message.topic):
                continue
            line = _line(message, message.received_at)._replace(command_id=senders.of(message))
            session.write(line)
            messages += 1
            commands += bool(line.command_id)
    return ExportCounts(messages, retained, commands)


def _first(held: Mapping[str, Message], at: float, left_out: FilterIndex) -> Iterator[Recorded]:
    """What a broker sends to a new subscriber first, at the moment the range begins."""
    for value in held.values():
        if value.payload and not left_out.match(value.topic):
            yield _line(value, at)._replace(retain=True)


async def _before(bus: Bus, until: str) -> AsyncIterator[Message]:
    """All from before: what the journal forgot may still be the latest of its topic."""
    latest = [
        one
        for one in (await bus.latest()).values()
        if StreamId.parse(one.id) <= StreamId.parse(until)
    ]
    for message in sorted(latest, key=lambda one: StreamId.parse(one.id)):
        yield message
    async for message in journal.stretch(bus, until=until):
        yield message


class _Senders:
    """Which command sent which bytes, and when."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, bytes], list[tuple[float, str]]] = defaultdict(list)

    def add(self, event: CommandEvent) -> None:
        if event.topic and event.stage in SENT:
            found = self._known[event.topic, event.payload.encode()]
            found.append((event.at, event.command_id))

    def of(self, message: Message) -> str:
        near = [
            (abs(message.received_at - at), command_id)
            for at, command_id in self._known.get((message.topic, message.payload), ())
        ]
        distance_s, command_id = min(near, default=(NEAR_S, ""))
        return command_id if distance_s < NEAR_S else ""


async def _senders(bus: Bus) -> _Senders:
    senders, after = _Senders(), "-"
    while batch := await bus.models("events", CommandEvent, after=after):
        for _, event in batch:
            senders.add(event)
        after = batch[-1][0]
    return senders


def _line(message: Message, at: float) -> Recorded:
    return recorded(message)._replace(at=at)
