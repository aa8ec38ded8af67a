"""A copy of one environment in a file, and the environment from the copy, while nobody writes.

JSON Lines, gzip'd if the name ends in `.gz`: a head; each key but the buffers as the store dumps
it, all taken in one step; then the entries of each buffer up to where it stood in that same step;
an end that says how many of each there are, so a file cut short is noticed. What lives for seconds
only (links, sign-ins) is left out.
"""

import base64
import gzip
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

from services.common.bus import READ_COUNT, Bus

FORMAT = "omf-backup"
VERSION = 1
SHORT_LIVED = ("link:", "replay:status", "looking", "signed-in:")
BUFFER = "buffer:"
RUNS_S = 5.0
"""A link written this lately has a process behind it (streams.Link.at)."""


class CopyError(Exception):
    """There is no copy, or it may not be put back; the text says why and the mend."""


class Counts(NamedTuple):
    """What a copy holds."""

    keys: int
    entries: int


async def save(bus: Bus, path: Path) -> Counts:
    """Write the copy; what was at `path` before is replaced only once the copy is whole."""
    unfinished = path.with_name(f"{path.name}.part")
    with _opened(unfinished, "wb", like=path) as file:
        counts = await _save(bus, file)
    unfinished.replace(path)
    return counts


async def _save(bus: Bus, file: IO[bytes]) -> Counts:
    names = [name async for name in _names(bus)]
    buffers = [name for name in names if name.startswith(BUFFER)]
    rest = [name for name in names if not name.startswith((BUFFER, *SHORT_LIVED))]
    at = await bus.time()
    head = {"format": FORMAT, "version": VERSION, "environment": bus.environment, "at": at}
    _write(file, head)
    fences = await _dump(bus, rest, buffers, file)
    entries = 0
    for name, info in fences.items():
        _write(file, {"buffer": name, **info})
        async for batch in _entries(bus, name, info["last"]):
            entries += len(batch)
            for line in batch:
                _write(file, line)
    counts = Counts(len(rest) + len(fences), entries)
    _write(file, {"end": counts._asdict()})
    return counts


async def _names(bus: Bus) -> AsyncIterator[str]:
    cursor, prefix, seen = 0, bus.key(""), set()
    while True:
        cursor, found = await bus.call(bus.client.scan(cursor, match=f"{prefix}*", count=1000))
        for key in found:
            name = key.decode().removeprefix(prefix)
            if name not in seen:
                seen.add(name)
                yield name
        if not cursor:
            return


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
            _write(file, {"key": name, "ttl_ms": max(0, ttl_ms), "dump": kept})
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


async def restore(bus: Bus, path: Path, *, replace: bool = False) -> Counts:
    """Put the copy at `path` back; with `replace` what is there now is deleted first.

    Everything is checked before anything is written. CopyError: the copy is damaged, is of another
    environment, something writes, or something is there.
    """
    counts = _checked(path, bus.environment)
    there = [name async for name in _names(bus)]
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


def _checked(path: Path, environment: str) -> Counts:
    lines = _lines(path)
    head = next(lines, {})
    if head.get("format") != FORMAT or head.get("version") != VERSION:
        raise CopyError(f"{path} is no copy of version {VERSION}; `omf backup` makes one")
    if head.get("environment") != environment:
        raise CopyError(f"{path} is of {head.get('environment')}, not of {environment}")
    keys = entries = 0
    for line in lines:
        if "end" in line:
            if (keys, entries) == (line["end"]["keys"], line["end"]["entries"]):
                return Counts(keys, entries)
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
    for line in _lines(path):
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


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    number = 0
    try:
        with _opened(path, "rb", like=path) as file:
            for number, line in enumerate(file, 1):  # noqa: B007 - for the complaint
                yield dict(json.loads(line))
    except (EOFError, ValueError, TypeError, gzip.BadGzipFile) as error:
        raise CopyError(f"{path}, line {number + 1}: not readable ({error})") from error


@contextmanager
def _opened(path: Path, mode: str, *, like: Path) -> Iterator[IO[bytes]]:
    opened: Any = gzip.open if like.suffix == ".gz" else open
    with opened(path, mode) as file:
        yield file


def _write(file: IO[bytes], line: dict[str, Any]) -> None:
    file.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")


def _text(value: bytes | str) -> str:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value
