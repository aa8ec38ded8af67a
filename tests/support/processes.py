"""Services as child processes of a test: on free ports, with their own logs, ended by pid."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

from services.supervisor.child import Child
from services.supervisor.ports import free_port
from services.supervisor.probe import http_status
from tests.support.forked_process import ForkedProcess, ForkServers

ROOT = Path(__file__).parents[2]
WAIT_S = 30.0
"""What is no promise of a time has the time of two cores busy with other tests."""
READY_S = 60.0
"""A service imports for seconds on them."""
HTTP_OK = 200


class Service(Child):
    """A started service; `health_url` is where it answers."""

    health_url: str = ""

    def ready(self) -> bool:
        """True when it says so itself."""
        return http_status(f"{self.health_url}/health/ready") == HTTP_OK

    def wait_ready(self, timeout_s: float = READY_S) -> "Service":
        """Return when it is ready; AssertionError with its log when it ends or takes too long."""
        wait_for(lambda: self.ready() or not self.alive, timeout_s, self.tail)
        assert self.alive, f"ended with {self.returncode} before it was ready:\n{self.tail()}"
        return self


class ForkedService(Service):
    """One that is forked by the fork server of its service."""

    def __init__(self, process: ForkedProcess, log: Path) -> None:
        self.log = log
        self._process = cast("subprocess.Popen[bytes]", process)


class Processes:
    """Everything one test started; all of it ends with the test."""

    def __init__(self, folder: Path, fork_servers: ForkServers | None = None) -> None:
        """Services are forked by `fork_servers` where that makes no difference.

        A test of the start itself sets it to None: then an interpreter of its own starts each.
        """
        self.folder = folder
        self.fork_servers = fork_servers
        self._children: list[Child] = []

    def service(
        self, name: str, *, environment: str = "mock", within: Sequence[str] = (), **settings: str
    ) -> Service:
        """Start `python -m services.<name>` with OMF_<SETTING>=value for each setting given.

        `service("ingest", store_url=..., mqtt_url=...)`; the metrics port is free unless given.
        `within` are words before the command.
        """
        own = {"environment": environment, "metrics_port": str(free_port()), **settings}
        env = {f"OMF_{key.upper()}": value for key, value in own.items()}
        command = [*within, sys.executable, "-m", f"services.{name}"]
        by_fork = None if within else self._forked(name, env)
        child = by_fork or Service(command, self._log(name), base_env(env))
        child.health_url = f"http://127.0.0.1:{own['metrics_port']}"
        self._children.append(child)
        return child

    def run(self, *command: str, **env: str) -> Child:
        """Start any command; `env` is added to a clean environment."""
        child = Child(command, self._log(Path(command[0]).name), base_env(env))
        self._children.append(child)
        return child

    def logs(self) -> list[tuple[str, str]]:
        """Title and last lines of each log, for the report of a failed test."""
        return [
            (f"log of {child.log.name} (pid {child.pid})", child.tail(60))
            for child in self._children
        ]

    def close(self) -> None:
        """End all that still run, last started first."""
        for child in reversed(self._children):
            child.kill()

    def _forked(self, name: str, env: dict[str, str]) -> ForkedService | None:
        if self.fork_servers is None:
            return None
        log = self._log(name)
        log.parent.mkdir(parents=True, exist_ok=True)
        process = self.fork_servers.fork(name, base_env(env), log)
        return ForkedService(process, log) if process else None

    def _log(self, name: str) -> Path:
        return self.folder / f"{len(self._children):02}-{name}.log"


def base_env(extra: dict[str, str]) -> dict[str, str]:
    """This environment without settings of ours or of pytest, the repository importable, `extra`.

    NiceGUI takes PYTEST_CURRENT_TEST for an order to be tested from inside.
    """
    ours = ("OMF_", "PYTEST_", "NICEGUI_")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    return {**clean, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **extra}


def wait_for(
    condition: Callable[[], object], timeout_s: float = WAIT_S, say: Callable[[], str] = str
) -> None:
    """Return when `condition` is true; AssertionError with `say()` when it never was."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {timeout_s} s\n{say()}"
        time.sleep(0.02)
