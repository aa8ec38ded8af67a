"""The file a copy of one environment lies in.

JSON Lines, gzip'd if the name ends in `.gz`: a head; each key but the buffers as the store dumps
it, all taken in one step; then the entries of each buffer up to where it stood in that same step;
an end that says how many of each there are, so a file cut short is noticed. What lives for seconds
only (links, sign-ins) is left out, and the tokens of people: a revoked one would come back.
"""

import gzip
import json
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

from services.common.store.bus import Bus

FORMAT = "omf-backup"
VERSION = 1
SHORT_LIVED = ("link:", "replay:status", "looking", "signed-in:", "access-tokens", "backup")
"""Not copied: it is about processes, people and copies of now."""
BUFFER = "buffer:"


class CopyError(Exception):
    """There is no copy, or it may not be put back; the text says why and the mend."""


class BackupCounts(NamedTuple):
    """What a copy holds."""

    keys: int
    entries: int


async def names(bus: Bus) -> AsyncIterator[str]:
    """Every key of the environment there is, without its prefix."""
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


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a copy; CopyError names the first that cannot be read."""
    number = 0
    try:
        with opened(path, "rb", like=path) as file:
            for number, line in enumerate(file, 1):  # noqa: B007 - for the complaint
                yield dict(json.loads(line))
    except RecursionError:
        raise CopyError(f"{path}, line {number}: brackets are nested too deeply") from None
    except (ValueError, TypeError) as error:
        raise CopyError(f"{path}, line {number}: not readable ({error})") from error
    except (EOFError, OSError, zlib.error) as error:
        raise CopyError(f"{path}, after line {number}: not readable ({error})") from error


@contextmanager
def opened(path: Path, mode: str, *, like: Path) -> Iterator[IO[bytes]]:
    """The file, packed if the name `like` says so."""
    way: Any = gzip.open if like.suffix == ".gz" else open
    with way(path, mode) as file:
        yield file


def write(file: IO[bytes], line: dict[str, Any]) -> None:
    """One line more."""
    file.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")
