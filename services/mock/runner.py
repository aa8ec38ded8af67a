"""Machines on a real broker: one MQTT client each, one thread that lives through their time."""

import heapq
import logging
import queue
import secrets
import threading
from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, wait
from contextlib import suppress
from typing import NamedTuple

from services.common import clock
from services.common.health import Health
from services.common.link import LinkState, NotConnected, Owner, Received, Will, WindowFull
from services.common.mqtt import MqttLink
from services.mock.fault_injection import FaultInjector
from services.mock.faults import Fault
from services.mock.machine import RESTART_AFTER_S, Machine, Moment, Send

IDLE_S = 1.0
"""The longest sleep: the loop beats and stops within it."""
LEAVE_S = 2.0
"""For the goodbyes, and again for the disconnects: together less than five seconds."""
BACKLOG = 2000
"""What a device keeps while the broker is away, as the real clients do; the oldest goes first."""
EXACTLY_ONCE = 2

_log = logging.getLogger(__name__)

_LIFE = secrets.token_hex(3)
"""Two simulated factories at one broker must not throw each other out."""


class Seat:
    """A machine and its own connection."""

    def __init__(
        self, machine: Machine, url: str, inbox: "queue.SimpleQueue[Letter | None]"
    ) -> None:
        self.machine = machine
        self._inbox = inbox
        self._backlog: deque[Send] = deque(maxlen=BACKLOG)
        self._newest: Future[None] | None = None
        self._connection = 0
        self._starts = machine.starts
        self._deaf = False
        machine.now = Moment(0.0, clock.now())
        will = machine.will()
        self.link = MqttLink(
            url,
            client_id=f"omf-mock-{machine.name}-{_LIFE}",
            will=Will(*will) if will is not None else None,
            owner=Owner(lambda heard: inbox.put(Letter(self, heard)), on_change=self._changed),
        )
        self._listen()

    def _listen(self) -> None:
        if filters := self.machine.filters():
            self.link.subscribe(filters, EXACTLY_ONCE)

    def follow(self) -> None:
        """Stop listening when the program died; a new start hears again what is retained."""
        machine = self.machine
        if machine.died and not self._deaf:
            about = (machine.name, machine.died, RESTART_AFTER_S)
            _log.warning("%s died of %s; it is started again in %.0f s", *about)
            self._deaf = True
            self.link.subscribe(())
        if machine.starts != self._starts:
            _log.warning("%s was started again", machine.name)
            self._deaf, self._starts = False, machine.starts
            self.link.subscribe(())
            self._listen()

    def _changed(self, state: LinkState) -> None:
        """Tell of a new connection once its filters are in force; called by the network thread."""
        if self._in_force(state) and state.connection != self._connection:
            self._connection = state.connection
            self._inbox.put(Letter(self, None))

    @property
    def ready(self) -> bool:
        """The device is on the broker and hears everything it asked for."""
        return self._in_force(self.link.state)

    def _in_force(self, state: LinkState) -> bool:
        return state.connected and (state.subscribed or not self.machine.filters())

    def post(self, sends: Iterable[Send]) -> None:
        """Publish in order, now or as soon as there is a connection."""
        self._backlog.extend(sends)
        self.flush()

    def flush(self) -> None:
        """Publish what could not go out before."""
        while self._backlog:
            topic, payload, qos, retain = self._backlog[0]
            try:
                self._newest = self.link.publish(topic, payload, qos=qos, retain=retain)
            except (NotConnected, WindowFull):
                return
            self._backlog.popleft()

    def leave(self, sends: Iterable[Send]) -> "Future[None] | None":
        """Say goodbye and listen no more; the future of the last word's PUBACK.

        A socket closed with unread messages in it resets the connection, and the broker would
        throw away the goodbye and publish the last will.
        """
        self.link.subscribe(())
        self.post(sends)
        return self._newest


class Letter(NamedTuple):
    """What the network threads hand over: a message, or None for a new connection."""

    seat: Seat
    received: Received | None


class Runner:
    """Drives machines over MQTT at `speed` times life."""

    def __init__(
        self,
        machines: Sequence[Machine],
        url: str,
        *,
        speed: float,
        faults: Iterable[Fault] = (),
        health: Health | None = None,
    ) -> None:
        self._inbox: queue.SimpleQueue[Letter | None] = queue.SimpleQueue()
        devices = (*machines, FaultInjector(self._begin_fault, speed=speed))
        self._seats = [Seat(machine, url, self._inbox) for machine in devices]
        self._speed, self._health = speed, health or Health()
        self._faults = [(fault.at, fault) for fault in faults]
        heapq.heapify(self._faults)
        self._began = clock.monotonic()
        self._stop = threading.Event()

    @property
    def connected(self) -> bool:
        """Every device is on the broker."""
        return all(seat.ready for seat in self._seats)

    def run(self) -> None:
        """Live until `stop`; call it from the thread that shall do the work."""
        for seat in self._seats:
            seat.link.start()
        try:
            while not self._stop.is_set():
                self._health.beat("machines")
                self._wait()
                self._act()
        finally:
            self._leave()

    def stop(self) -> None:
        """End `run` within two seconds; harmless from a signal handler."""
        self._stop.set()
        self._inbox.put(None)

    def _leave(self) -> None:
        """Leave the broker with all devices at once: one after the other would take too long."""
        words = [seat.leave(seat.machine.leave(self._now())) for seat in self._seats]
        wait([word for word in words if word is not None], LEAVE_S)
        leaving = [threading.Thread(target=seat.link.stop, daemon=True) for seat in self._seats]
        for thread in leaving:
            thread.start()
        for thread in leaving:
            thread.join(LEAVE_S)

    def _now(self) -> Moment:
        lived_s = clock.monotonic() - self._began
        return Moment(lived_s * self._speed, clock.now())

    def _wait(self) -> None:
        """Sleep until a message arrives or a timer is due."""
        dues = [due for seat in self._seats if (due := seat.machine.due()) is not None]
        if self._faults:
            dues.append(self._faults[0][0])
        pause_s = IDLE_S
        if dues:
            pause_s = min(IDLE_S, max(0.0, (min(dues) - self._now().plant) / self._speed))
        with suppress(queue.Empty):
            self._handle(self._inbox.get(timeout=pause_s))

    def _handle(self, letter: Letter | None) -> None:
        if letter is None:
            return
        seat, received = letter
        if received is None:
            _log.info("%s is on the broker", seat.machine.name)
            seat.post(seat.machine.connect(self._now()))
            return
        before = seat.machine.unreadable
        topic, payload = received.topic, received.payload
        now, retained = self._now(), received.retain
        seat.post(seat.machine.receive(topic, payload, now, retained=retained))
        seat.follow()
        if seat.machine.unreadable > before:
            about = {"topic": topic, "bytes": len(payload)}
            _log.warning("%s cannot read a message", seat.machine.name, extra=about)

    def _begin_fault(self, kind: str, target: str) -> tuple[str, ...]:
        """The names of the devices that took the fault."""
        hit = []
        for seat in self._seats:
            sends = seat.machine.fault(kind, target, self._now())
            if sends is not None:
                seat.post(sends)
                hit.append(seat.machine.name)
        return tuple(hit)

    def _act(self) -> None:
        now = self._now()
        while self._faults and self._faults[0][0] <= now.plant:
            fault = heapq.heappop(self._faults)[1]
            self._begin_fault(fault.kind, fault.target)
        for seat in self._seats:
            seat.flush()
            due = seat.machine.due()
            if due is not None and due <= now.plant:
                seat.post(seat.machine.tick(now))
            seat.follow()
