"""Archives for tests: made-up messages, and a folder filled with them."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path

from pydantic import BaseModel

from omf.alarms.alarm_texts import SEVERITY
from omf.alarms.life import AlarmEntry
from omf.alarms.lifecycle import AlarmEvent, AlarmState
from omf.alarms.rule_data import SEVERITIES
from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from omf.state import FactoryState
from omf.texts import stored
from services.common.store.journal import BEGINNING
from services.historian import upkeep
from services.historian.archive import Archive
from services.historian.chunks import ChunkBuilder, archived, stored_chunks
from services.history import retention
from services.history.manifest import ArchiveFile
from services.history.rows import StoredEntry
from services.history.storage import ArchiveStorage
from services.supervisor import probe
from tests.support.processes import Service

HOUR_MS = 3_600_000
START_MS = 1_778_680_800_000
"""2026-05-13 14:00:00 UTC."""
LDR, CAMERA = "/j1/txt/1/i/ldr", "/j1/txt/1/i/cam"


def light(number: int, at_ms: int, topic: str = LDR) -> Message:
    payload = json.dumps({"ts": "2026-05-13T14:00:00Z", "ldr": number, "br": number / 10})
    return Message(topic, payload.encode(), f"{at_ms}-{number % 3}", qos=1)


def lights(count: int, at_ms: int = START_MS, every_ms: int = 1000) -> list[Message]:
    topics = (LDR, "/j1/txt/1/i/bme680", CAMERA)
    return [light(n, at_ms + n * every_ms, topics[n % 3]) for n in range(count)]


def filled(
    root: Path | ArchiveStorage,
    messages: Sequence[Message],
    portion: int = 100,
    builder: ChunkBuilder | None = None,
) -> Archive:
    """An archive of these messages, written in portions as a historian would."""
    archive = Archive(root, "mock")
    archive.open()
    builder = builder or ChunkBuilder(retention.read(), BEGINNING, FactoryState())
    for begin in range(0, len(messages), portion):
        for chunk in builder.messages(archived(messages[begin : begin + portion])):
            archive.append(chunk)
    archive.close()
    return archive


def folded_to(messages: Iterable[Message]) -> FactoryState:
    state = FactoryState()
    for message in messages:
        state.apply(message, message.received_at)
    return state


def folded(messages: Iterable[Message]) -> dict[str, object]:
    return folded_to(messages).snapshot()


def merged(archive: Archive) -> int:
    """Merge all that is due; how often."""
    merges = 0
    archive.open()
    while found := _due(archive):
        archive.merge(*found)
        merges += 1
        assert merges < 1000, "merging has to come to an end"
    archive.close()
    return merges


def _due(archive: Archive) -> tuple[str, list[ArchiveFile]] | None:
    through_ms = StreamId.parse(archive.through("journal")).ms
    parts = (
        (name, part) for name, day in archive.days.items() for part in upkeep.due(day, through_ms)
    )
    return next(parts, None)


TO_ARCHIVE = lights(400, every_ms=20_000)


def go_on(root: Path | ArchiveStorage) -> None:
    """What a historian does: go on where the archive ends, then merge."""
    archive = Archive(root, "mock")
    archive.open()
    through = archive.through("journal")
    archive.close()
    merged(
        filled(root, [m for m in TO_ARCHIVE if StreamId.parse(m.id) > StreamId.parse(through)], 60)
    )


def archive_faults(archive: Archive) -> list[str]:
    """What is wrong with its files, in words."""
    found = (
        archive.storage.fault(day.day, file) for day in archive.days.values() for file in day.files
    )
    return [fault for fault in found if fault]


def archive_alarms(root: Path, told: Sequence[tuple[str, AlarmEntry]], portion: int = 100) -> None:
    """Put passages of alarms into an archive, by id, in portions as a historian would."""
    archive_entries(root, "alarms", told, portion)


def archive_entries(
    root: Path, stream: str, told: Sequence[tuple[str, BaseModel]], portion: int = 100
) -> None:
    """Put entries of a stream that is archived entry by entry into an archive, by id."""
    archive = Archive(root, "mock")
    archive.open()
    for begin in range(0, len(told), portion):
        rows = [
            StoredEntry(entry_id, StreamId.parse(entry_id).ms, entry.model_dump_json())
            for entry_id, entry in told[begin : begin + portion]
        ]
        for chunk in stored_chunks(stream, rows, stream):
            archive.append(chunk)
    archive.close()


def passages(count: int, at_ms: int = START_MS, every_ms: int = 1000) -> list[AlarmEntry]:
    """Alarms of three devices in turn, each raised and acknowledged and over."""
    events = ("raised", "acknowledged", "returned")
    states = ("normal", "unacknowledged", "acknowledged", "normal")
    return [
        AlarmEntry(
            alarm=f"{rule}:{subject}",
            rule=rule,
            subject=subject,
            severity=SEVERITY[rule],
            priority=SEVERITIES.index(SEVERITY[rule]) + 1,
            event=AlarmEvent(events[step]),
            before=AlarmState(states[step]),
            after=AlarmState(states[step + 1]),
            at=(at_ms + number * every_ms) / 1000,
            since=None,
            text=stored(de=f"Störung {number}", en=f"Fault {number}", fr=f"Défaut {number}"),
            who="anna" if events[step] == "acknowledged" else "",
        )
        for number, (rule, subject, step) in enumerate(islice(_turns(), count))
    ]


def _turns() -> Iterator[tuple[str, str, int]]:
    about = (("connection-lost", "SVR4H76449"), ("collision", "5iO4"), ("danger", "gas"))
    for rule, subject in cycle(about):
        yield from ((rule, subject, step) for step in range(3))


def behind_s(historian: Service) -> float:
    """How much older than the newest message it has read the last archived one is."""
    name = "omf_history_behind_seconds "
    figures = probe.http_get(f"{historian.health_url}/metrics")[1].splitlines()
    return sum(float(line.removeprefix(name)) for line in figures if line.startswith(name))
