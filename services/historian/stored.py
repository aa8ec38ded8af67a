"""Copies two streams of the store into the archive: stages of commands, and the audit."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from omf.messages.stream_id import StreamId
from services.common.process import clock
from services.common.store.bus import READ_COUNT, Bus
from services.common.store.entries import DATA, text
from services.common.store.journal import BEGINNING
from services.historian.archive import Archive
from services.historian.chunks import stored_chunks
from services.historian.collector import Work
from services.history.rows import StoredEntry

STREAMS = ("events", "audit")
SEALS = ("before", "seal")
COPY_EVERY_S = 30.0
"""Orders keeps them for weeks, so there is no hurry."""


class StoredStreams:
    """Called by one task of the event loop; the position of each stream is the archive's own."""

    def __init__(self, bus: Bus, archive: Archive, work: Work) -> None:
        self._work = work
        self._bus = bus
        self._archive = archive
        self._due = 0.0

    async def step(self) -> None:
        """Copy what came, every half minute."""
        if clock.monotonic() < self._due:
            return
        self._due = clock.monotonic() + COPY_EVERY_S
        for stream in STREAMS:
            await self._copy(stream)

    async def _copy(self, stream: str) -> None:
        while True:
            after = self._archive.through(stream)
            start = f"({after}" if after != BEGINNING else "-"
            key = self._bus.key(stream)
            found = await self._bus.call(self._bus.client.xrange(key, start, "+", READ_COUNT))
            entries = [_entry(stream, text(entry_id), fields) for entry_id, fields in found]
            for chunk in stored_chunks(stream, entries):
                await self._work(partial(self._archive.append, chunk))
            if len(found) < READ_COUNT:
                return


def _entry(stream: str, entry_id: str, fields: Mapping[bytes, bytes]) -> StoredEntry:
    """As it lies in the store, whatever it is: a forged entry is part of what happened."""
    data = fields.get(DATA, b"").decode(errors="replace")
    about = _about(data) if stream == "events" else _about_audit(data)
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


def _object(data: str) -> dict[str, Any]:
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _word(value: object) -> str:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""
