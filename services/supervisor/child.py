"""A child process that cannot outlive its parent and is only ever ended by its own pid."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

MAX_LOG_BYTES = 10 * 1024 * 1024
PDEATHSIG_EXEC = Path(__file__).with_name("pdeathsig_exec.py")


class Child:
    """One running process; start it from a thread that lives as long as it should."""

    def __init__(self, command: Sequence[str], log: Path, env: Mapping[str, str]) -> None:
        """Start `command` with exactly `env`; both output streams are appended to `log`."""
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        command_line = [sys.executable, "-I", "-S", str(PDEATHSIG_EXEC), str(os.getpid()), *command]
        with log.open("ab") as out:
            # A session of its own: Ctrl-C in the terminal reaches the supervisor alone, which
            # then stops the parts in order.
            self._process = subprocess.Popen(  # noqa: S603 - our own commands, no shell
                command_line,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=dict(env),
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id; exec keeps it, so it is the command's own."""
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """None while it runs, else the exit code (negative: the signal that ended it)."""
        return self._process.poll()

    @property
    def alive(self) -> bool:
        """True until it has ended; a stopped (SIGSTOP) process is alive."""
        return self.returncode is None

    def send(self, signum: signal.Signals) -> None:
        """Send one signal; nothing happens when it has already ended."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signum)

    def wait(self, timeout_s: float) -> int | None:
        """Exit code, or None when it still runs after `timeout_s`."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._process.wait(timeout_s)
        return None

    def stop(self, timeout_s: float = 6.0) -> int:
        """Ask with SIGTERM, insist with SIGKILL after `timeout_s`; exit code."""
        self.send(signal.SIGTERM)
        self.send(signal.SIGCONT)  # a frozen process reads no signal but this one
        code = self.wait(timeout_s)
        return self.kill() if code is None else code

    def kill(self) -> int:
        """End it at once; exit code."""
        self.send(signal.SIGKILL)
        return self._process.wait()

    def tail(self, lines: int = 40) -> str:
        """The last lines of its log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:])


def trimmed(log: Path) -> Path:
    """The log file, moved aside first when it has grown large: two generations are kept."""
    if log.exists() and log.stat().st_size > MAX_LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    return log
