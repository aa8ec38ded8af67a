"""Copies streams of the store into the archive: stages of commands, the audit, the alarms."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from omf.messages.stream_id import StreamId
from services.common.process import clock
from services.common.store.bus import READ_COUNT, Bus
from services.common.store.entries import DATA, text
from services.common.store.journal import BEGINNING
from services.historian.archive import Archive
from services.historian.chunks import stored_chunks
from services.historian.collector import Work, store_born
from services.history.reader import History
from services.history.rows import COPIED_STREAMS, StoredEntry

COPY_EVERY_S = 30.0
"""Orders keeps them for weeks, so there is no hurry."""


class StoredStreams:
    """Called by one task of the event loop.

    The position in a stream is the archive's own, one for each life of the store: after it was
    emptied its ids may be below those of before, if the clock was set back meanwhile. What a store
    that was put back from a copy has once more is known by its id and its content.
    """

    def __init__(self, bus: Bus, archive: Archive, work: Work) -> None:
        self._work = work
        self._bus = bus
        self._archive = archive
        self._due = 0.0
        self._after: dict[str, str] = {}

    def open(self) -> None:
        """Go on from the archive's own positions."""
        self._after = {}
        self._due = 0.0

    async def step(self) -> None:
        """Copy what came, every half minute."""
        if clock.monotonic() < self._due:
            return
        self._due = clock.monotonic() + COPY_EVERY_S
        born = await store_born(self._bus)
        life = f"@{born}" if born is not None else ""
        for stream in COPIED_STREAMS:
            await self._copy(stream, f"{stream}{life}")

    async def _copy(self, stream: str, position: str) -> None:
        while True:
            after = self._after.get(position) or self._archive.through(position)
            start = f"({after}" if after != BEGINNING else "-"
            key = self._bus.key(stream)
            found = await self._bus.call(self._bus.client.xrange(key, start, "+", READ_COUNT))
            entries = [_entry(stream, text(entry_id), fields) for entry_id, fields in found]
            await self._work(partial(self._append, stream, position, entries))
            if entries:
                self._after[position] = entries[-1].id
            if len(found) < READ_COUNT:
                return

    def _append(self, stream: str, position: str, entries: list[StoredEntry]) -> None:
        """Archive what the archive has not; blocking."""
        archived = self._archive.through(stream, any_life=True)
        doubtful = [one for one in entries if StreamId.parse(one.id) <= StreamId.parse(archived)]
        known: set[tuple[str, str]] = set()
        if doubtful:
            history = History(self._archive.storage)
            first, last = doubtful[0].time_ms, doubtful[-1].time_ms
            known = {(one.id, one.data) for one in history.entries(stream, first, last + 1)}
        new = [one for one in entries if (one.id, one.data) not in known]
        for chunk in stored_chunks(stream, new, position):
            self._archive.append(chunk)


def _entry(stream: str, entry_id: str, fields: Mapping[bytes, bytes]) -> StoredEntry:
    """As it lies in the store, whatever it is: a forged entry is part of what happened."""
    data = fields.get(DATA, b"").decode(errors="replace")
    about = _ABOUT.get(stream, _about)(data)
    seals = {
        name: fields.get(name.encode(), b"").decode(errors="replace") for name in ("before", "seal")
    }
    return StoredEntry(entry_id, StreamId.parse(entry_id).ms, data, **about, **seals)


def _about(data: str) -> dict[str, str]:
    told = _object(data)
    return {name: _word(told.get(name)) for name in ("command_id", "kind", "stage", "operator")}


def _about_audit(data: str) -> dict[str, str]:
    told = _object(data)
    command = told.get("command")
    about = command if isinstance(command, dict) else {}
    named = {name: _word(about.get(name)) for name in ("command_id", "kind", "operator")}
    return {**named, "stage": _word(told.get("decision"))}


def _about_alarm(data: str) -> dict[str, str]:
    """The rule is its kind, the passage its stage."""
    told = _object(data)
    names = {"command_id": "command_id", "kind": "rule", "stage": "event", "operator": "who"}
    return {column: _word(told.get(name)) for column, name in names.items()}


def _about_handover(data: str) -> dict[str, str]:
    """The passage is its stage."""
    told = _object(data)
    names = {"command_id": "command_id", "stage": "event", "operator": "who"}
    return {column: _word(told.get(name)) for column, name in names.items()}


_ABOUT: Mapping[str, Callable[[str], dict[str, str]]] = {
    "audit": _about_audit,
    "alarms": _about_alarm,
    "handovers": _about_handover,
}


def _object(data: str) -> dict[str, Any]:
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _word(value: object) -> str:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""
