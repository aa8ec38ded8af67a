"""The whole system as a newcomer starts it: `omf up` in a folder, and the commands against it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from services.supervisor import runfile
from services.supervisor.child import Child
from services.supervisor.ports import free_port
from services.supervisor.runfile import NotRunningError, RunFile
from tests.support.processes import ROOT, base_env, wait_for
from tests.support.servers import forced_embedded

READY_S = 90.0
"""Eleven processes start while the other worker has one of the two cores."""
COMMAND_S = 120.0
TRACEBACK_LINES = 40
"""What a failed test shows of each."""


def environment() -> dict[str, str]:
    """What every `omf` here is started with."""
    return base_env({"OMF_SERVERS": "embedded"} if forced_embedded() else {})


def omf(*words: str, cwd: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    command = [sys.executable, "-m", "services.cli", *words]
    return subprocess.run(
        command,
        cwd=cwd,
        env=environment() | env,
        capture_output=True,
        text=True,
        timeout=COMMAND_S,
        check=False,
    )


class System:
    """One `omf up`; start it, ask it, kill parts of it, stop it, start it again."""

    def __init__(self, data: Path, *options: str, port: int | None = None, **env: str) -> None:
        """Nothing runs yet."""
        self._env = env
        self.data = data
        # The HTTP door takes the next one.
        self.port = port or free_port(count=2)
        self._options = options
        self._starts = 0
        self.up: Child | None = None

    def start(self) -> "System":
        """Return when it says `ready`; AssertionError with all it said when it does not."""
        self._starts += 1
        log = self.data.with_name(f"{self.data.name}-up-{self._starts}.log")
        words = ("up", "--data", str(self.data), "--port", str(self.port), "--no-browser")
        command = [sys.executable, "-m", "services.cli", *words, *self._options]
        self.up = Child(command, log, environment() | self._env)
        wait_for(lambda: self.said("ready ") or not self.child.alive, READY_S, self.story)
        assert self.child.alive, self.story()
        return self

    @property
    def child(self) -> Child:
        """The supervisor."""
        assert self.up is not None, "not started"
        return self.up

    @property
    def run(self) -> RunFile:
        """What run.json says now."""
        return runfile.read(self.data)

    def lines(self) -> list[str]:
        """What `omf up` printed."""
        return self.child.log.read_text("utf-8").splitlines()

    def said(self, beginning: str) -> bool:
        """True when a line begins so."""
        return any(line.startswith(beginning) for line in self.lines())

    def tracebacks(self) -> list[str]:
        """What all logs tell of exceptions nobody foresaw, each with the lines that follow it."""
        logs = [*self.data.rglob("*.log"), *self.data.parent.glob(f"{self.data.name}-up-*.log")]
        return [told for log in sorted(logs) for told in _exceptions(log)]

    def story(self) -> str:
        """What it printed and the ends of all logs, for a failed test."""
        logs = sorted(self.data.rglob("*.log"))
        ends = [f"--- {log.name}\n" + "\n".join(_end(log)) for log in logs]
        return "\n".join([*self.lines(), *ends])

    def pids(self) -> dict[str, int]:
        """Process ids by part; empty while there is no run.json."""
        try:
            return self.run.pids
        except NotRunningError:
            return {}

    def omf(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One command against this system."""
        return omf(*words, "--run", str(self.data))

    def json(self, *words: str) -> list[Any]:
        """The JSON lines a command printed; AssertionError with its stderr when it failed."""
        return self.json_of(0, *words)

    def json_of(self, code: int, *words: str) -> list[Any]:
        """As `json`, of a command that ends with this exit code."""
        done = self.omf(*words, "--json")
        assert done.returncode == code, f"{words}: exit {done.returncode}\n{done.stderr}"
        return [json.loads(line) for line in done.stdout.splitlines()]

    def close(self) -> None:
        """End it, whatever state it is in."""
        if self.up is not None:
            self.up.stop(12)


def runs(pid: int) -> bool:
    """True while a process is there and not only waiting to be buried."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def kill(pid: int, signum: int) -> None:
    """Send a signal to one process that a test started."""
    os.kill(pid, signum)


def _exceptions(log: Path) -> list[str]:
    lines = log.read_text("utf-8", "replace").splitlines()
    begins = (n for n, line in enumerate(lines) if "Traceback (most recent call last)" in line)
    return [f"{log.name}: " + "\n".join(lines[n : n + TRACEBACK_LINES]) for n in begins]


def _end(log: Path) -> list[str]:
    return log.read_text("utf-8", "replace").splitlines()[-15:]
