"""An environment from its copy, while nobody writes."""

import base64
from pathlib import Path
from typing import Any

from services.common.backup.backup_format import (
    FORMAT,
    SHORT_LIVED,
    VERSION,
    BackupCounts,
    CopyError,
    lines,
    names,
)
from services.common.store.bus import READ_COUNT, Bus

RUNS_S = 5.0
"""A link written this lately has a process behind it (streams.Link.at)."""


async def restore(bus: Bus, path: Path, *, replace: bool = False) -> BackupCounts:
    """Put the copy at `path` back; with `replace` what is there now is deleted first.

    Everything is checked before anything is written. CopyError: the copy is damaged, is of another
    environment, something writes, or something is there.
    """
    counts = _checked(path, bus.environment)
    there = [name async for name in names(bus)]
    await _refuse_company(bus)
    kept = [name for name in there if not name.startswith(SHORT_LIVED)]
    if kept and not replace:
        raise CopyError(
            f"{bus.environment} has {len(kept)} keys, e.g. {kept[0]}; an empty store is expected, "
            "or --replace to delete them first"
        )
    for name in there:
        await bus.call(bus.client.delete(bus.key(name)))
    await _put(bus, path)
    return counts


def _checked(path: Path, environment: str) -> BackupCounts:
    copied = lines(path)
    head = next(copied, {})
    if head.get("format") != FORMAT or head.get("version") != VERSION:
        raise CopyError(f"{path} is no copy of version {VERSION}; `omf backup` makes one")
    if head.get("environment") != environment:
        raise CopyError(f"{path} is of {head.get('environment')}, not of {environment}")
    keys = entries = 0
    for line in copied:
        if "end" in line:
            if (keys, entries) == (line["end"]["keys"], line["end"]["entries"]):
                return BackupCounts(keys, entries)
            break
        keys += "key" in line or "buffer" in line
        entries += "id" in line
    raise CopyError(f"{path} ends too early; take another copy")


async def _refuse_company(bus: Bus) -> None:
    now = await bus.time()
    for side in ("ingest", "gateway"):
        link = await bus.link(side)
        if link and now - link.at < RUNS_S:
            raise CopyError(f"{side} of {bus.environment} still runs; stop the services first")


async def _put(bus: Bus, path: Path) -> None:
    """Buffers and the rest in the order of the file, some hundred commands at a time."""
    pipe = bus.client.pipeline(transaction=False)
    buffer: dict[str, Any] = {}
    for line in lines(path):
        if "id" in line:
            words = [word.encode("utf-8", "surrogateescape") for word in line["fields"]]
            pairs = dict(zip(words[::2], words[1::2], strict=True))
            pipe.xadd(bus.key(buffer["buffer"]), pairs, line["id"])
            buffer["filled"] = True
        else:
            _close(pipe, bus, buffer)
            buffer = line if "buffer" in line else {}
        if "key" in line:
            pipe.restore(bus.key(line["key"]), line["ttl_ms"], base64.b64decode(line["dump"]))
        if len(pipe) >= READ_COUNT or "end" in line:
            await bus.call(pipe.execute())


def _close(pipe: Any, bus: Bus, buffer: dict[str, Any]) -> None:
    """A buffer goes on counting where it stood."""
    if buffer.get("filled"):
        counted = ("ENTRIESADDED", buffer["added"], "MAXDELETEDID", buffer["deleted"])
        pipe.execute_command("XSETID", bus.key(buffer["buffer"]), buffer["last"], *counted)
