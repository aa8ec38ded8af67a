"""Many factories in one thread: their code waits in turn, and asks the store together.

The code of each runs in a greenlet and reads as if it had a thread of its own. Wherever it would
wait, for a message, for the time or for the store, the others go on. A thread of its own costs some
hundred microseconds each time it wakes up; this costs two.
"""

import itertools
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextvars import copy_context
from heapq import heappop, heappush
from typing import Any

from greenlet import getcurrent, greenlet

from services.common.process import clock
from services.common.store.clients import DriverError
from services.common.store.joint_client import JointConnection, joint_client

GATHER_EACH_S, GATHER_MOST_S = 200e-6, 0.02
"""A pause between two rounds, the longer the more there are: a round then finds news of many."""
LONGEST_REST_S = 1.0

_log = logging.getLogger(__name__)


class Turns:
    """The thread that calls `run` and what waits in it. Serves one store.

    `event`, `store` and `aside` are for the code of `run`; `set` of an event is for any thread.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection = JointConnection(url)
        self._ready: deque[tuple[greenlet, Any]] = deque()
        self._asked: list[tuple[greenlet, Sequence[bytes]]] = []
        self._timers: list[tuple[float, int, TurnEvent]] = []
        self._numbers = itertools.count(1)
        self._set: deque[TurnEvent] = deque()
        self._wake = threading.Event()
        self._pause = threading.Event()

    def event(self) -> "TurnEvent":
        """As of threading."""
        return TurnEvent(self)

    def store(self, _: str, __: str) -> Any:
        """A client of the store, as `clients.store` gives one."""
        return joint_client(self._url, self._ask)

    def aside(self, call: Callable[[], object]) -> None:
        """Do what blocks in a thread for once; returns when it is done."""
        done, context = self.event(), copy_context()

        def run() -> None:
            try:
                context.run(call)
            finally:
                done.set()

        threading.Thread(target=run, name="aside", daemon=True).start()
        while not done.wait(LONGEST_REST_S):
            pass

    def run(self, bodies: Sequence[Callable[[], None]]) -> None:
        """Return when all of them have ended."""
        self._rounds = getcurrent()
        workers = [greenlet(_surviving(body)) for body in bodies]
        self._gather_s = min(len(workers) * GATHER_EACH_S, GATHER_MOST_S)
        self._ready.extend((worker, None) for worker in workers)
        while not all(worker.dead for worker in workers):
            self._round()
        self._connection.close()

    def _round(self) -> None:
        while self._ready:
            worker, answer = self._ready.popleft()
            worker.switch(answer)
        if self._asked:
            self._put()
        elif not self._set:
            self._rest()
        self._collect()

    def _put(self) -> None:
        """Bring all that is asked for to the store, and to each its answers."""
        asked, self._asked = self._asked, []
        try:
            answers = self._connection.exchange([one for _, those in asked for one in those])
        except DriverError as error:
            self._ready.extend((worker, error) for worker, _ in asked)
            return
        at = 0
        for worker, those in asked:
            self._ready.append((worker, answers[at : at + len(those)]))
            at += len(those)

    def _rest(self) -> None:
        due_s = self._timers[0][0] - clock.monotonic() if self._timers else LONGEST_REST_S
        self._wake.wait(max(0.0, min(due_s, LONGEST_REST_S)))
        self._pause.wait(self._gather_s)

    def _collect(self) -> None:
        """Whose event was set, or whose time has come, goes on in the next round."""
        self._wake.clear()
        while self._set:
            self._set.popleft().release(self._ready)
        now = clock.monotonic()
        while self._timers and self._timers[0][0] <= now:
            _, number, event = heappop(self._timers)
            if event.number == number:
                event.release(self._ready)

    def _ask(self, commands: Sequence[bytes]) -> Sequence[Any]:
        self._asked.append((getcurrent(), commands))
        answers = self._rounds.switch()
        if isinstance(answers, Exception):
            raise answers.with_traceback(None)
        found: Sequence[Any] = answers
        return found

    def wait(self, event: "TurnEvent", timeout_s: float | None) -> None:
        """Let the others go on until the event is set or the time has passed."""
        event.number, event.waiter = next(self._numbers), getcurrent()
        if timeout_s is not None:
            heappush(self._timers, (clock.monotonic() + timeout_s, event.number, event))
        if event.is_set():
            self.woken(event)
        self._rounds.switch()

    def woken(self, event: "TurnEvent") -> None:
        """Any thread: whoever waits for this event goes on in the next round."""
        self._set.append(event)
        if not self._wake.is_set():
            self._wake.set()


class TurnEvent:
    """`threading.Event` for code that runs in turns; at most one waits for it."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._is_set = False
        self.waiter: greenlet | None = None
        self.number = 0
        """Of the wait that goes on."""

    def is_set(self) -> bool:
        """As of threading."""
        return self._is_set

    def set(self) -> None:
        """As of threading."""
        self._is_set = True
        if self.waiter is not None:
            self._turns.woken(self)

    def clear(self) -> None:
        """As of threading."""
        self._is_set = False

    def wait(self, timeout: float | None = None) -> bool:
        """As of threading; it may end early."""
        if not self._is_set:
            self._turns.wait(self, timeout)
        return self._is_set

    def release(self, ready: deque[tuple[greenlet, Any]]) -> None:
        """Whoever waits is ready to go on."""
        if (waiter := self.waiter) is not None:
            self.waiter, self.number = None, 0
            ready.append((waiter, None))


def _surviving(body: Callable[[], None]) -> Callable[..., None]:
    def run(_: object) -> None:
        try:
            body()
        except BaseException:  # noqa: BLE001 - as with a thread, the others go on
            _log.exception("what served a factory ended")

    return run
