"""One store or broker on a loopback port: started, killed, frozen and started again in place."""

import logging
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from services.common.process import clock
from services.supervisor import probe, torn_tail
from services.supervisor.child import Child, trimmed
from services.supervisor.engines import Engine, choose
from services.supervisor.ports import free_port

Kind = Literal["store", "broker"]

SERVER_START_S = 10.0
"""A store that loads a large append-only file needs seconds; a broker 0.3 s."""
START_TRIES = 3
"""Between choosing a free port and listening on it, another process may take it."""
START_POLL_S = 0.01

_log = logging.getLogger(__name__)


class ServerFailedError(Exception):
    """The server ended or did not answer in time: the text has the end of its log."""


class LocalServer:
    """A real server of this machine; its port stays the same however often it is started."""

    def __init__(
        self, part: Kind, folder: Path, *, embedded: bool = False, port: int | None = None
    ) -> None:
        """Choose the engine for `folder`; nothing runs yet. ServerMissingError without any."""
        self.part = part
        self.folder = folder
        self.engine: Engine = choose(part, folder, embedded=embedded)
        self.port = port or free_port()
        self._fixed = port is not None
        self.child: Child | None = None

    @property
    def url(self) -> str:
        """Address for clients."""
        if self.part == "store":
            return f"redis://127.0.0.1:{self.port}/0"
        return f"mqtt://127.0.0.1:{self.port}"

    @property
    def ready(self) -> bool:
        """True when it answers its own protocol."""
        answers: Callable[[str], bool] = (
            probe.store_answers if self.part == "store" else probe.broker_answers
        )
        return self.child is not None and self.child.alive and answers(self.url)

    @property
    def listens(self) -> bool:
        """True when it answers anything, as a store does that still loads its file."""
        ping = probe.STORE_PING if self.part == "store" else probe.MQTT_CONNECT
        return bool(probe.exchange(self.url, ping))

    def launch(self) -> Child:
        """Start the process and return at once."""
        log = trimmed(self.folder / f"{self.engine.name}.log")
        if self.part == "store" and (mended := torn_tail.mend(self.folder / "appendonlydir")):
            _log.warning("%s: %s", self.folder, mended)
        self.child = Child(self.engine.command(self.folder, self.port), log, os.environ)
        return self.child

    def start(self) -> Child:
        """Start it and return when it answers; a free port taken meanwhile is replaced."""
        for attempt in range(START_TRIES):
            self.launch()
            if self._wait():
                self._fixed = True
                return self._running()
            if self._fixed or attempt == START_TRIES - 1:
                break
            self.port = free_port()
        log = self._running().tail()
        self.kill()
        raise ServerFailedError(f"{self.engine.name} did not start on port {self.port}:\n{log}")

    def stop(self) -> None:
        """End it as an administrator would: it writes what it has."""
        if self.child:
            self.child.stop()

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.child:
            self.child.kill()

    def restart(self) -> None:
        """Start it again on the same port with the same data; it must have ended."""
        if self._running().alive:
            raise ServerFailedError(f"{self.engine.name} still runs; stop or kill it first.")
        self.start()

    def freeze(self) -> None:
        """Stop its clock: connections stay open, nothing is answered."""
        self._running().send(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen server go on."""
        self._running().send(signal.SIGCONT)

    def _running(self) -> Child:
        if self.child is None:
            raise ServerFailedError(f"{self.engine.name} was never started.")
        return self.child

    def _wait(self) -> bool:
        deadline = clock.monotonic() + SERVER_START_S
        while clock.monotonic() < deadline:
            if self.ready:
                return True
            if self.child is None or not self.child.alive:
                return False
            time.sleep(START_POLL_S)
        return False
