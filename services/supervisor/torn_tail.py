"""The end of a store's append-only file after a power cut, made fit to be loaded.

ext4 may have written how long the file is and not yet what stands in its last block, which then
reads as zeros. Redis and Valkey load a file that breaks off, and refuse one that ends in zeros
("Bad file format"), so after a power cut no store would come up before somebody mends it by hand.
A whole entry ends with a line break: zeros at the end are never part of one.
deploy/valkey/start.sh does the same in a container.
"""

from pathlib import Path
from typing import NamedTuple

CHUNK = 65_536


class Zeros(NamedTuple):
    """Where they begin, and where the file ends."""

    path: Path
    begin: int
    size: int


def mend(folder: Path) -> str:
    """Cut the zeros off the newest file in `folder`; what was done, in words, "" for nothing."""
    found = zeros(folder)
    if found is None:
        return ""
    with found.path.open("r+b") as file:
        file.truncate(found.begin)
    return (
        f"{found.path.name} ended in {found.size - found.begin} zero bytes, as after a power cut, "
        f"and was cut to {found.begin}; what the store had not synced then is lost"
    )


def zeros(folder: Path) -> Zeros | None:
    """Those at the end of the newest file in `folder`."""
    newest = max(folder.glob("*.incr.aof"), key=_number, default=None)
    if newest is None:
        return None
    size = newest.stat().st_size
    begin = _without_zeros(newest, size)
    return Zeros(newest, begin, size) if begin < size else None


def _number(path: Path) -> int:
    """`appendonly.aof.12.incr.aof` is the twelfth."""
    number = path.name.split(".")[-3]
    return int(number) if number.isdecimal() else 0


def _without_zeros(path: Path, size: int) -> int:
    with path.open("rb") as file:
        while size:
            start = max(0, size - CHUNK)
            file.seek(start)
            if data := file.read(size - start).rstrip(b"\0"):
                return start + len(data)
            size = start
    return 0
