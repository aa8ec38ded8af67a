"""Fork server of one service: has imported what it imports, and forks itself for each start.

`python -m tests.support.fork_server NAME SOCKET` listens on that inherited descriptor and ends when
its standard input is closed. A fork becomes what `python -m services.NAME` is: a session, an
environment and a log of its own, the same `__main__`. It dies with the fork server. Linux only.

One connection is one process. The request (`env`, `log` as JSON) is answered by the process id,
later by the exit code, each in a message of its own.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import runpy
import selectors
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from services.supervisor.pdeathsig_exec import PR_SET_PDEATHSIG

MAX_REQUEST_BYTES = 1 << 18
FAILPOINT = "services.common.process.failpoint"
"""Reads the environment when it is imported."""
OWN_IDENTITY = ("services.mock.runner", "services.mock.process")
"""Draw an id when they are imported; each process imports them itself."""


class Request(NamedTuple):
    """A process somebody wants: all of its environment, and the file for what it prints."""

    env: dict[str, str]
    log: str


class ForkServer:
    """Forks for each request, and reports each end."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._connections: dict[int, socket.socket] = {}
        # Not epoll, whose list of descriptors a fork would share.
        self._selector = selectors.PollSelector()
        self._selector.register(listener, selectors.EVENT_READ, self._accept)
        self._selector.register(0, selectors.EVENT_READ, sys.exit)

    def serve(self) -> Request:
        """Serve until standard input is closed; returns in each fork, with what it shall become."""
        while True:
            for key, _ in self._selector.select():
                react: Callable[[], Request | None] = key.data
                if request := react():
                    self._close()
                    return request

    def _accept(self) -> Request | None:
        connection, _ = self._listener.accept()
        if not (asked := connection.recv(MAX_REQUEST_BYTES)):
            connection.close()
            return None
        if (pid := os.fork()) == 0:
            connection.close()
            return Request(**json.loads(asked))
        try:
            connection.send(str(pid).encode())
        except OSError:  # who asked waits no longer
            os.kill(pid, signal.SIGKILL)
        ended = os.pidfd_open(pid)
        self._connections[ended] = connection
        self._selector.register(ended, selectors.EVENT_READ, partial(self._report, ended, pid))
        return None

    def _report(self, ended: int, pid: int) -> None:
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        self._selector.unregister(ended)
        os.close(ended)
        with self._connections.pop(ended) as connection, contextlib.suppress(OSError):
            connection.send(str(code).encode())

    def _close(self) -> None:
        """Leave a fork no descriptor of the server."""
        self._selector.close()
        self._listener.close()
        for ended, connection in self._connections.items():
            os.close(ended)
            connection.close()


def main() -> None:
    """Import, serve; in a fork, run the service to its end."""
    name, descriptor = sys.argv[1], int(sys.argv[2])
    _import(name)
    server = os.getpid()
    request = ForkServer(socket.socket(fileno=descriptor)).serve()
    _separate(server, request)
    sys.argv[:] = [name]
    runpy.run_module(f"services.{name}", run_name="__main__", alter_sys=True)


def _import(name: str) -> None:
    """Import all that the service does before it lives, and nothing that starts a thread."""
    main_module = importlib.import_module(f"services.{name}.__main__")
    process = partial(importlib.import_module, f"services.{name}.process")
    getattr(main_module, "_load", process)()
    for module in (main_module.__name__, *OWN_IDENTITY):
        sys.modules.pop(module, None)
    threads = len(list(Path("/proc/self/task").iterdir()))
    assert threads == 1, f"{name}: a fork would lose {threads - 1} threads"
    gc.collect()
    # The collector would write to every page that a fork shares with us.
    gc.freeze()


def _separate(server: int, request: Request) -> None:
    """Give a fork what a started process has of its own."""
    os.setsid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != server:
        sys.exit(1)
    _redirect(os.devnull, os.O_RDONLY, 0)
    _redirect(request.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 1, 2)
    os.environ.clear()
    os.environ.update(request.env)
    if armed := sys.modules.get(FAILPOINT):
        importlib.reload(armed)


def _redirect(path: str, flags: int, *targets: int) -> None:
    opened = os.open(path, flags, 0o666)
    for target in targets:
        os.dup2(opened, target)
    os.close(opened)


if __name__ == "__main__":
    main()
