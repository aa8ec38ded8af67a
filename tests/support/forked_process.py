"""Services that are forked instead of started: importing is most of what a start costs.

The fork server of a service is started when a test first wants it, and ends with the worker.
"""

import json
import os
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

SERVER_MODULE = "tests.support.fork_server"
NO_THREADS = {"JE_ARROW_MALLOC_CONF": "background_thread:false"}
"""An allocator within pyarrow starts one when it is loaded; a fork would be without it."""
ANSWER_S = 110.0
"""The first one comes when all is imported; a test has two minutes."""
MAX_ANSWER_BYTES = 32


class ForkedProcess:
    """What `Child` uses of `subprocess.Popen`; the parent of the process is the fork server."""

    def __init__(self, name: str, connection: socket.socket) -> None:
        self._name, self._connection = name, connection
        self._code: int | None = None
        self._once = threading.Lock()
        connection.settimeout(ANSWER_S)
        self.pid = self._answer()

    def poll(self) -> int | None:
        """None while it runs, else the exit code (negative: the signal that ended it)."""
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """The exit code; subprocess.TimeoutExpired when it still runs after so many seconds."""
        code = self._ended(None if timeout is None else timeout * 1000)
        if code is None:
            raise subprocess.TimeoutExpired(self._name, timeout or 0)
        return code

    def send_signal(self, signum: int) -> None:
        """Send one signal unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, signum)

    def _ended(self, timeout_ms: float | None) -> int | None:
        with self._once:
            if self._code is None and self._told(timeout_ms):
                with self._connection:
                    self._code = self._answer()
            return self._code

    def _told(self, timeout_ms: float | None) -> bool:
        looking = select.poll()
        looking.register(self._connection, select.POLLIN)
        return bool(looking.poll(timeout_ms))

    def _answer(self) -> int:
        answer = self._connection.recv(MAX_ANSWER_BYTES)
        assert answer, f"the fork server of {self._name} ended"
        return int(answer)


class ForkServers:
    """The fork servers of one pytest worker."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        """`env` is what they import in."""
        self._folder, self._env, self._cwd = folder, dict(env), Path.cwd()
        self._exits = ExitStack()
        self._addresses: dict[str, bytes] = {}

    def fork(self, name: str, env: Mapping[str, str], log: Path) -> ForkedProcess | None:
        """The process, or None where it has to be started.

        That is where a library could have read something else when it was imported: the folder, or
        the environment but for our settings.
        """
        foreign = {key: value for key, value in env.items() if not key.startswith("OMF_")}
        if sys.platform != "linux" or (foreign, Path.cwd()) != (self._env, self._cwd):
            return None
        if name not in self._addresses:
            self._addresses[name] = self._started(name)
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            connection.connect(self._addresses[name])
            connection.send(json.dumps({"env": dict(env), "log": str(log)}).encode())
            return ForkedProcess(name, connection)
        except (OSError, AssertionError) as error:
            connection.close()
            said = self._log(name).read_text("utf-8", "replace")
            raise AssertionError(f"fork server of {name}: {error!r}\n{said}") from error

    def close(self) -> None:
        """End the servers, and with them what they forked."""
        self._exits.close()

    def _started(self, name: str) -> bytes:
        command = [sys.executable, "-m", SERVER_MODULE, name]
        with (
            socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener,
            self._log(name).open("wb") as log,
        ):
            listener.bind("")
            listener.listen()
            server = subprocess.Popen(
                [*command, str(listener.fileno())],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=self._env | NO_THREADS,
                pass_fds=[listener.fileno()],
                start_new_session=True,
            )
            self._exits.enter_context(server)
            address: bytes = listener.getsockname()
            return address

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"
