"""Several simulated factories in one process: one thread lives through the time of all of them."""

import heapq
import queue
import threading
from collections.abc import Mapping
from contextlib import suppress

from services.common.process import clock, factory_scope
from services.mock.runner import MAX_SLEEP_S, InboundEvent, Runner


class SharedRunner:
    """Drives the machines of each factory; what is due first is done first."""

    def __init__(
        self, runners: Mapping[str, Runner], inbox: "queue.SimpleQueue[InboundEvent | None]"
    ) -> None:
        """The runners share the inbox."""
        self._runners, self._inbox = runners, inbox
        self._due: list[tuple[float, str]] = []
        self._next: dict[str, float] = {}
        self._stop = threading.Event()

    def run(self) -> None:
        """Live until `stop`; call it from the thread that shall do the work."""
        for name, runner in self._runners.items():
            with factory_scope.of(name):
                runner.start()
            self._act(name)
        try:
            while not self._stop.is_set():
                self._step()
        finally:
            for runner in self._runners.values():
                runner.leave()

    def stop(self) -> None:
        """End `run`; harmless from a signal handler."""
        self._stop.set()
        self._inbox.put(None)

    def _step(self) -> None:
        pause_s = MAX_SLEEP_S
        if self._due:
            pause_s = min(pause_s, max(0.0, self._due[0][0] - clock.monotonic()))
        with suppress(queue.Empty):
            event = self._inbox.get(timeout=pause_s)
            if event is not None:
                self._take(event)
        while self._due and self._due[0][0] <= clock.monotonic():
            at, name = heapq.heappop(self._due)
            if at == self._next.get(name):
                self._act(name)

    def _take(self, event: InboundEvent) -> None:
        name = event.connection.factory
        with factory_scope.of(name):
            self._runners[name].handle(event)
        self._act(name)

    def _act(self, name: str) -> None:
        """Do what is due in a factory, and know when something is again."""
        runner = self._runners[name]
        with factory_scope.of(name):
            runner.act()
        self._next[name] = clock.monotonic() + runner.pause_s()
        heapq.heappush(self._due, (self._next[name], name))
