"""A copy of one environment in a file, taken while everything runs."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO, Any

from services.common.backup.backup_format import (
    BUFFER,
    FORMAT,
    SHORT_LIVED,
    VERSION,
    BackupCounts,
    names,
    opened,
    write,
)
from services.common.store.bus import READ_COUNT, Bus


async def save(bus: Bus, path: Path) -> BackupCounts:
    """Write the copy; what was at `path` before is replaced only once the copy is whole."""
    unfinished = path.with_name(f"{path.name}.part")
    with opened(unfinished, "wb", like=path) as file:
        counts = await _save(bus, file)
    unfinished.replace(path)
    return counts


async def _save(bus: Bus, file: IO[bytes]) -> BackupCounts:
    there = [name async for name in names(bus)]
    buffers = [name for name in there if name.startswith(BUFFER)]
    rest = [name for name in there if not name.startswith((BUFFER, *SHORT_LIVED))]
    at = await bus.time()
    head = {"format": FORMAT, "version": VERSION, "environment": bus.environment, "at": at}
    write(file, head)
    fences = await _dump(bus, rest, buffers, file)
    entries = 0
    for name, info in fences.items():
        write(file, {"buffer": name, **info})
        async for batch in _entries(bus, name, info["last"]):
            entries += len(batch)
            for line in batch:
                write(file, line)
    counts = BackupCounts(len(rest) + len(fences), entries)
    write(file, {"end": counts._asdict()})
    return counts


async def _dump(
    bus: Bus, rest: list[str], buffers: list[str], file: IO[bytes]
) -> dict[str, dict[str, Any]]:
    """Dump what is no buffer and note where the buffers stand, all in one step."""
    async with bus.client.pipeline(transaction=True) as pipe:
        for name in rest:
            pipe.dump(bus.key(name)).pttl(bus.key(name))
        for name in buffers:
            pipe.xinfo_stream(bus.key(name))
        found = await bus.call(pipe.execute(raise_on_error=False))
    for at, name in enumerate(rest):
        dumped, ttl_ms = found[2 * at : 2 * at + 2]
        if isinstance(dumped, bytes):  # else it ended by itself meanwhile
            kept = base64.b64encode(dumped).decode()
            write(file, {"key": name, "ttl_ms": max(0, ttl_ms), "dump": kept})
    infos = zip(buffers, found[2 * len(rest) :], strict=True)
    return {name: _fence(info) for name, info in infos if isinstance(info, dict)}


def _fence(info: dict[str, Any]) -> dict[str, Any]:
    return {
        "last": _text(info["last-generated-id"]),
        "added": info["entries-added"],
        "deleted": _text(info["max-deleted-entry-id"]),
    }


async def _entries(bus: Bus, name: str, last: str) -> AsyncIterator[list[dict[str, Any]]]:
    after = "-"
    while found := await bus.call(bus.client.xrange(bus.key(name), after, last, READ_COUNT)):
        yield [{"id": _text(entry_id), "fields": _fields(fields)} for entry_id, fields in found]
        after = f"({_text(found[-1][0])}"


def _fields(fields: dict[bytes, bytes]) -> list[str]:
    return [_text(word) for pair in fields.items() for word in pair]


def _text(value: bytes | str) -> str:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value
