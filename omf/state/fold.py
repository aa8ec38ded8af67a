"""One message into the state: count it, read it, hand it to the part it speaks of."""

from omf.messages import exact_json
from omf.messages.message import Message
from omf.messages.reading import Deleted, Reading, Rejected, parse
from omf.state import sequence_gaps, traffic
from omf.state.handlers.deletions import FORGETS, drop_untold
from omf.state.handlers.table import TAKES
from omf.state.last_heard import hear
from omf.state.limit_watch import watch
from omf.state.model import Factory
from omf.state.tile_readings import forget_readings, take_readings
from omf.state.values import MAX_TEXT_CHARS, Arrival
from omf.topics import catalogue
from omf.workpieces import follow


def fold(state: Factory, message: Message, received_at: float) -> None:
    """Apply one message to the state; never raises."""
    if message.session != state.session:
        state.begin_anew(message.session)
    topic, payload = message.topic, message.payload
    arrival = Arrival(received_at, message.id, message.retain)
    traffic.tally(state.traffic, topic, len(payload), arrival)
    state.last_received = received_at
    result = parse(topic, payload)
    if isinstance(result, Reading):
        _take(state, topic, result, arrival)
    elif isinstance(result, Rejected):
        _reject(state, result, arrival)
    elif isinstance(result, Deleted):
        _forget(state, topic, result)
    else:
        traffic.note_unmodelled(state.traffic, topic, arrival)
    if payload:
        _watch_values(state, topic, payload, arrival)
    else:
        forget_readings(state.readings, topic)
    if message.retain or not payload:
        _watch_commands(state, topic, payload, arrival)


def _take(state: Factory, topic: str, reading: Reading, arrival: Arrival) -> None:
    name = reading.entry.name
    hear(state, name, reading.levels, arrival)
    take = TAKES.get(name)
    if take is not None:
        take(state, reading.levels, reading.payload, arrival)
    if (after := follow.FOLLOWS.get(name)) is not None:
        after(state, reading.levels, reading.payload, arrival)
    if notes := reading.notes:
        traffic.note_partly(state.traffic, topic, notes, arrival)
    # A copy the broker kept is an old number.
    if not arrival.retained and (told := sequence_gaps.number(topic, reading)):
        state.sender(told[0]).take(told[1])


def _reject(state: Factory, rejected: Rejected, arrival: Arrival) -> None:
    entry = catalogue.of(rejected.topic)
    if entry is not None:
        hear(state, entry.name, catalogue.levels(entry.name, rejected.topic), arrival)
    traffic.reject(state.traffic, rejected, arrival)


def _forget(state: Factory, topic: str, deleted: Deleted) -> None:
    state.traffic.partly_read.pop(topic, None)
    forget = FORGETS.get(deleted.entry.name)
    if forget is not None:
        forget(state, deleted.levels)
        drop_untold(state, deleted.levels)


def _watch_values(state: Factory, topic: str, payload: bytes, arrival: Arrival) -> None:
    """What cannot be read changes nothing."""
    limits, tiles = state.alarm_rules.watching(topic)
    if not (limits or tiles):
        return
    try:
        body = exact_json.read(payload)
    except (ValueError, RecursionError):
        return
    watch(state.watched, limits, topic, body, arrival)
    take_readings(state.readings, tiles, topic, body, arrival)


def _watch_commands(state: Factory, topic: str, payload: bytes, arrival: Arrival) -> None:
    entry = catalogue.of(topic)
    if entry is not None and entry.carried_out and len(topic) <= MAX_TEXT_CHARS:
        traffic.note_command(state.traffic, topic, payload, arrival)
