"""Free TCP ports on this machine, each given to one process only."""

import atexit
import socket
import sys
from collections import deque
from dataclasses import dataclass
from random import SystemRandom

PORTS_TRIED = 50
"""Ports tried above a taken one before giving up; a machine with more in a row is not ours."""


LISTENING = range(10_240, 32_768)
"""Below what the kernel lends to outgoing connections: one of those could take a port between its
choice and its use."""
RESERVATIONS = 512
"""Reservations one process keeps; what it chose before them listens by now, or never will."""
ANY_HOST = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - looked up, not bound


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """True when a server could listen on `port` now."""
    with socket.socket(_family(host), socket.SOCK_STREAM) as probe:
        # As every server does: a port in TIME_WAIT is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(host: str = "127.0.0.1", count: int = 1) -> int:
    """The first of `count` consecutive ports that nobody listens on or has chosen.

    They stay ours until this process ends: another one that chooses meanwhile gets others, however
    long the server behind a port takes to start. OSError when `host` is not this machine, or when
    nothing is free.
    """
    with socket.socket(_family(host), socket.SOCK_STREAM) as probe:
        try:
            probe.bind((host, 0))
        except OSError as error:
            raise OSError(f"{host} is no address of this machine: {error.strerror}") from error
    for first in SystemRandom().sample(LISTENING[:-count], PORTS_TRIED):
        if all(is_free(port, host) and _reserve(port) for port in range(first, first + count)):
            return first
    raise OSError(f"No free port between {LISTENING.start} and {LISTENING.stop}.")


def next_free(port: int, host: str = "127.0.0.1") -> int:
    """`port`, or the first free one above it; OSError when none of the next fifty is."""
    for candidate in range(port, min(port + PORTS_TRIED, 65536)):
        # The one that was asked for may be reserved by who asked.
        if is_free(candidate, host) and (candidate == port or _reserve(candidate)):
            return candidate
    raise OSError(f"No free port from {port} on; name another one with --port.")


@dataclass
class PortAllocation:
    """A port that people are told; it moves on from one that is taken, until it was announced."""

    setting: str
    """The environment variable under which the process behind it learns its port."""
    port: int
    host: str = "127.0.0.1"
    announced: bool = False

    def settle(self) -> int:
        """The port to listen on now; OSError when none of the next fifty is free.

        Another system may start at the same moment and be quicker than the first look.
        """
        if not self.announced:
            self.port = next_free(self.port, self.host)
        return self.port

    @property
    def url(self) -> str:
        """Root of what answers there, as this machine itself reaches it."""
        host = ANY_HOST.get(self.host, self.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


_reservations: deque[socket.socket] = deque()


@atexit.register
def _give_back() -> None:
    for mark in _reservations:
        mark.close()


def _reserve(port: int) -> bool:
    """True when no other process has chosen `port`; the kernel forgets it with this process.

    A service imports for seconds between the choice of its port and its listening; two systems
    that start side by side chose the same one in that time.
    """
    if sys.platform != "linux":
        return True
    mark = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        mark.bind(f"\0omf-port-{port}")
    except OSError:
        mark.close()
        return False
    _reservations.append(mark)
    if len(_reservations) > RESERVATIONS:
        _reservations.popleft().close()
    return True
