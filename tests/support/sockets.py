"""What processes listen on, as the kernel tells it: an entry for each socket, of each of them."""

import socket
from collections.abc import Iterable
from pathlib import Path

LISTENS, UNCONNECTED = "0A", "07"
"""States of a TCP socket that waits for connections and of a UDP socket that takes from anybody."""

Address = tuple[str, int]


def family_of(pid: int) -> set[int]:
    """A process and all that descend from it."""
    parents = {int(p.parent.name): _parent(p) for p in Path("/proc").glob("[0-9]*/stat")}
    found, waiting = set[int](), {pid}
    while waiting:
        found |= waiting
        waiting = {child for child, parent in parents.items() if parent in waiting} - found
    return found


def listening(pids: Iterable[int]) -> set[Address]:
    """Addresses on which any of these takes connections or datagrams."""
    return {address for pid in pids for address in _of(pid)}


def _of(pid: int) -> list[Address]:
    own = _inodes(pid)
    found = []
    for table, state in (("tcp", LISTENS), ("tcp6", LISTENS), ("udp", UNCONNECTED)):
        for line in Path(f"/proc/{pid}/net/{table}").read_text("utf-8").splitlines()[1:]:
            words = line.split()
            if words[3] == state and words[9] in own:
                found.append(_address(words[1]))
    return found


def _inodes(pid: int) -> set[str]:
    named = (_target(link) for link in Path(f"/proc/{pid}/fd").iterdir())
    return {name[len("socket:[") : -1] for name in named if name.startswith("socket:[")}


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except FileNotFoundError:  # closed meanwhile
        return ""


def _parent(stat: Path) -> int:
    try:
        return int(stat.read_text("utf-8").rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def _address(told: str) -> Address:
    host, port = told.split(":")
    raw = bytes.fromhex(host)
    # Words of four bytes, each in the order of this machine.
    words = b"".join(raw[at : at + 4][::-1] for at in range(0, len(raw), 4))
    family = socket.AF_INET if len(raw) == 4 else socket.AF_INET6
    return socket.inet_ntop(family, words), int(port, 16)
