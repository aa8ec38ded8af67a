"""What pages show of a moment of the past: state, messages and commands as they were known then."""

import asyncio
from collections.abc import Iterable
from typing import NamedTuple

from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from omf.state import FactoryState
from services.common.store.bus import Bus
from services.common.store.entries import readable
from services.common.store.journal import before, just_before
from services.common.store.keys import (
    JOURNAL,
    AuditRecord,
    Command,
    CommandEvent,
    CommandRecord,
)
from services.history.moments import behind, messages_between, reach_of, state_at
from services.history.reader import History

RECENT_MESSAGES = 1_000
RECENT_BYTES = 4_000_000
RECENT_SPANS_MS = (120_000, 1_800_000)
"""So far back recent messages are looked for; further only where there are few."""
ENOUGH_MESSAGES = 200
MAX_COMMANDS = 200
COMMANDS_S = 86_400.0
"""So far back commands are told."""


class PastView(NamedTuple):
    """One moment of one environment."""

    at: float
    through: str
    """Id of the last message in the state."""
    state: FactoryState
    messages: list[Message]
    """The newest before it, oldest first."""
    commands: list[CommandRecord]
    """With the stages that were reached by then, oldest first; dated as the store dates them."""


async def past_view(bus: Bus, history: History, at: float) -> PastView:
    """The moment `at`, Unix seconds; NothingKnownError, StoreError as `state_at`."""
    through, state = await state_at(bus, history, at)
    recent = await recent_messages(bus, history, StreamId.parse(through), state.session)
    return PastView(at, through, state, recent, await commands_until(bus, history, at))


async def recent_messages(
    bus: Bus, history: History, until: StreamId, session: str = ""
) -> list[Message]:
    """The newest messages up to an id, of one session where sessions are replayed."""
    reach = await reach_of(bus, history)
    found: list[Message] = []
    for span_ms in RECENT_SPANS_MS:
        begin = StreamId(max(0, until.ms - span_ms))
        between = messages_between(bus, history, reach, begin, until)
        found = [one async for one in between if one.session == session]
        if len(found) >= ENOUGH_MESSAGES:
            break
    return _newest(found)


def _newest(messages: list[Message]) -> list[Message]:
    kept: list[Message] = []
    size = 0
    for message in reversed(messages[-RECENT_MESSAGES:]):
        size += len(message.payload)
        if size > RECENT_BYTES:
            break
        kept.append(message)
    return kept[::-1]


class PastStretch(NamedTuple):
    """What came behind a moment."""

    messages: list[Message]
    """Oldest first."""
    commands: list[CommandRecord]
    """All that were known at its end, with their stages by then."""


async def following(bus: Bus, history: History, after: str, at: float, limit: int) -> PastStretch:
    """Up to `limit` messages behind an id that had come by the moment `at`."""
    until = StreamId.parse(await before(bus, behind(at)))
    reach = await reach_of(bus, history)
    found: list[Message] = []
    async for message in messages_between(bus, history, reach, StreamId.parse(after), until):
        found.append(message)
        if len(found) == limit:
            break
    return PastStretch(found, await commands_until(bus, history, at))


async def commands_until(bus: Bus, history: History, at: float) -> list[CommandRecord]:
    """The commands of the day before a moment, with the stages they had reached by then."""
    arrived = bus.arrival(at)
    asked: dict[str, Command] = {}
    events: dict[str, dict[CommandEvent, None]] = {}
    span = (round((arrived - COMMANDS_S) * 1000), round(arrived * 1000) + 1)
    for entry in history.entries("audit", *span):
        if (record := readable(AuditRecord, entry.data)) is not None:
            asked.setdefault(record.command.command_id, record.command)
    for entry in history.entries("events", *span):
        if (event := readable(CommandEvent, entry.data)) is not None:
            events.setdefault(event.command_id, {})[event] = None
    for stored in await _stored(bus, arrived):
        command_id = stored.command.command_id
        asked.setdefault(command_id, stored.command)
        events.setdefault(command_id, {}).update(dict.fromkeys(stored.events))
    known = (command for command in asked.values() if command.created_at <= arrived)
    newest = sorted(known, key=lambda command: command.created_at)[-MAX_COMMANDS:]
    return [
        CommandRecord(command=one, events=_until(events.get(one.command_id, ()), arrived))
        for one in newest
    ]


def archived_command(history: History, command_id: str) -> CommandRecord | None:
    """A command that the store has let go, with all its stages; None if the archive has none."""
    days = history.days()
    for place in range(len(days) - 1, -1, -1):
        told = history.entries("audit", days=[days[place]])
        mine = (readable(AuditRecord, one.data) for one in told if one.command_id == command_id)
        record = next(filter(None, mine), None)
        if record is None:
            continue
        near = history.entries("events", days=days[max(0, place - 1) : place + 2])
        known = (readable(CommandEvent, one.data) for one in near if one.command_id == command_id)
        events = sorted(dict.fromkeys(filter(None, known)), key=lambda one: one.at)
        return CommandRecord(command=record.command, events=tuple(events))
    return None


def _until(events: Iterable[CommandEvent], at: float) -> tuple[CommandEvent, ...]:
    return tuple(sorted((one for one in events if one.at <= at), key=lambda one: one.at))


async def _stored(bus: Bus, at: float) -> list[CommandRecord]:
    """What the store still has of the commands asked for by a moment."""
    return await bus.records(MAX_COMMANDS, until=str(StreamId.first_at(at + 0.001)))


async def message(bus: Bus, history: History, message_id: str) -> Message | None:
    """One message by its id; None if neither journal nor archive has it."""
    found = await bus.messages(JOURNAL, after=just_before(message_id), until=message_id, count=1)
    if found:
        return found[0]
    row = await asyncio.to_thread(history.message, message_id)
    return row.message if row else None
