"""Free TCP ports on this machine."""

import socket
from dataclasses import dataclass
from random import SystemRandom

PORTS_TRIED = 50
"""Ports tried above a taken one before giving up; a machine with more in a row is not ours."""


LISTENING = range(10_240, 32_768)
"""Below what the kernel lends to outgoing connections: one of those could take a port between its
choice and its use."""
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


def free_port(host: str = "127.0.0.1") -> int:
    """A port nobody listens on; OSError when `host` is not this machine."""
    with socket.socket(_family(host), socket.SOCK_STREAM) as probe:
        try:
            probe.bind((host, 0))
        except OSError as error:
            raise OSError(f"{host} is no address of this machine: {error.strerror}") from error
        lent = int(probe.getsockname()[1])
    candidates = SystemRandom().sample(LISTENING, PORTS_TRIED)
    return next((port for port in candidates if is_free(port, host)), lent)


def next_free(port: int, host: str = "127.0.0.1") -> int:
    """`port`, or the first free one above it; OSError when none of the next fifty is."""
    for candidate in range(port, min(port + PORTS_TRIED, 65536)):
        if is_free(candidate, host):
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
