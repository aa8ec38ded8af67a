"""One part of the system: how it is started, when it is ready, when it is tried again."""

import signal
from collections.abc import Callable
from dataclasses import dataclass, field

from services.common.process import clock
from services.supervisor.child import Child

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 10.0
STEADY_S = 30.0
"""A part that lived this long and dies has a new problem, not the old one."""
UNRESPONSIVE_S = 25.0
"""A part that was ready and answers nothing for this long hangs: a restart is the mend."""
UNRESPONSIVE_AT_START_S = 60.0
"""Ten Python processes that start at once on two cores answer late, not never."""
OUTSIDE_S = 5.0
"""So long a part is waited for whose server somebody else runs: it may just have been started."""
MAX_WORDS = 200


@dataclass
class SupervisedProcess:
    """A process that should run; it is started once and then again whenever it ends."""

    name: str
    launch: Callable[[], Child]
    is_ready: Callable[[], bool]
    is_alive: Callable[[], bool]
    """Asked now and then: does it still answer anything at all?"""
    detail: Callable[[], str] = str
    """What its line says: program and address."""
    hindrance: Callable[[], str] = str
    """What it lacks, in its own words; empty if it does not say."""
    outside: bool = False
    """It needs a server that is not ours, so nobody else may have to wait for it."""
    child: Child | None = None
    ready: bool = False
    """It was ready at least once since its last start."""
    _failures: int = 0
    _begun: float = field(default=0.0)
    """When it was started for the first time."""
    _started: float = field(default=0.0)
    _answered: float = field(default=0.0)
    _due: float | None = None

    @property
    def pid(self) -> int | None:
        """Its process, while it runs."""
        return self.child.pid if self.child and self.child.alive else None

    def start(self) -> None:
        """Start it now."""
        self.adopt(self.launch())

    def adopt(self, child: Child) -> None:
        """Take over a process that was just started."""
        self.child = child
        self._started = self._answered = clock.monotonic()
        self._begun = self._begun or self._started
        self._due = None
        self.ready = False

    def hindered(self) -> str:
        """Why the others need not wait for it: it lacks a server that is not ours. Else empty."""
        if not self.outside or self.ready or clock.monotonic() - self._begun < OUTSIDE_S:
            return ""
        if self.pid is not None:
            return self.hindrance()
        code = self.child.returncode if self.child else None
        return f"it ended ({_cause(code)}){self._last_words()}"

    def became_ready(self) -> bool:
        """True once after each start: at the moment it can do its work."""
        if self.ready or self.pid is None or not self.is_ready():
            return False
        self.ready = True
        return True

    def on_exit(self) -> str | None:
        """When it has just ended: plan its return and say so in one sentence; else None."""
        if self.child is None or self.child.alive or self._due is not None:
            return None
        at = clock.monotonic()
        self._failures = 0 if at - self._started > STEADY_S else self._failures
        pause = min(FIRST_PAUSE_S * 2 ** (self._failures - 1), LONGEST_PAUSE_S)
        pause = pause if self._failures else 0.0
        self._failures += 1
        self._due = at + pause
        when = f"in {pause:.0f} s" if pause else "now"
        cause = _cause(self.child.returncode)
        return f"{self.name} ended ({cause}); starting it again {when}{self._last_words()}"

    def restart_if_due(self) -> bool:
        """Start it again when its pause is over; True when that happened."""
        if self._due is None or clock.monotonic() < self._due:
            return False
        self.start()
        return True

    def kill_unresponsive(self) -> str | None:
        """End it when it has answered nothing for too long, and say so; else None."""
        at = clock.monotonic()
        if self.pid is None or self.is_alive():
            self._answered = at
            return None
        silent_s = at - self._answered
        if self.child is None or silent_s < (
            UNRESPONSIVE_S if self.ready else UNRESPONSIVE_AT_START_S
        ):
            return None
        self.child.kill()
        return f"{self.name} has not answered for {silent_s:.0f} s; ended it."

    def _last_words(self) -> str:
        if self.child is None or self.child.returncode == -signal.SIGKILL:
            return ""  # who is killed says nothing about it
        words = self.child.tail(1).strip()[-MAX_WORDS:]
        return f"; its last words: {words}" if words else ""


def _cause(returncode: int | None) -> str:
    if returncode is not None and returncode < 0:
        return f"killed by signal {-returncode}"
    return f"exit code {returncode}"
