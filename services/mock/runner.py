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

from omf.constants import EXACTLY_ONCE
from omf.simulation.device import Moment, Send
from omf.simulation.machine import RESTART_AFTER_S, Machine
from services.common.mqtt.link import (
    LinkCallbacks,
    LinkState,
    NotConnected,
    Received,
    Will,
    WindowFull,
)
from services.common.mqtt.mqtt_link import MqttLink
from services.common.process import clock
from services.common.process.health import Health
from services.mock.factory_link import DevicePort, FactoryLink
from services.mock.fault_injection import FaultInjector, InjectedFault

MAX_SLEEP_S = 1.0
"""The longest sleep: the loop beats and stops within it."""
LEAVE_S = 2.0
"""For the goodbyes, and again for the disconnects: together less than five seconds."""
KEPT_SENDS = 2000
"""What a device keeps while the broker is away, as the real clients do; the oldest goes first."""

_log = logging.getLogger(__name__)

MOCK_RUN_ID = secrets.token_hex(3)
"""Two simulated factories at one broker must not throw each other out."""


class DeviceConnection:
    """A machine and its own connection, or its port of the connection of its factory."""

    def __init__(
        self,
        machine: Machine,
        where: str | FactoryLink,
        inbox: "queue.SimpleQueue[InboundEvent | None]",
    ) -> None:
        """`where` is the address of the broker, or the link of its factory."""
        self.machine = machine
        self.factory = where.factory if isinstance(where, FactoryLink) else ""
        self._inbox = inbox
        self._backlog: deque[Send] = deque(maxlen=KEPT_SENDS)
        self._newest: Future[None] | None = None
        self._link_number = 0
        self._starts = machine.starts
        self._deaf = False
        machine.now = Moment(0.0, clock.now())
        owner = LinkCallbacks(
            lambda heard: inbox.put(InboundEvent(self, heard)), on_change=self._changed
        )
        self.link = self._connection(where, owner)
        self._listen()

    def _connection(self, where: str | FactoryLink, owner: LinkCallbacks) -> MqttLink | DevicePort:
        if isinstance(where, FactoryLink):
            return where.port(owner)
        will = self.machine.will()
        return MqttLink(
            where,
            client_id=f"omf-mock-{self.machine.name}-{MOCK_RUN_ID}",
            will=Will(*will) if will is not None else None,
            owner=owner,
        )

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
        if self._in_force(state) and state.connection != self._link_number:
            self._link_number = state.connection
            self._inbox.put(InboundEvent(self, None))

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


class InboundEvent(NamedTuple):
    """What the network threads hand over: a message, or None for a new connection."""

    connection: DeviceConnection
    received: Received | None


class Runner:
    """Drives machines over MQTT at `speed` times life."""

    def __init__(
        self,
        machines: Sequence[Machine],
        where: str | FactoryLink,
        *,
        speed: float,
        faults: Iterable[InjectedFault] = (),
        health: Health | None = None,
        inbox: "queue.SimpleQueue[InboundEvent | None] | None" = None,
    ) -> None:
        """`inbox`: of several factories that one thread drives."""
        self._inbox: queue.SimpleQueue[InboundEvent | None] = inbox or queue.SimpleQueue()
        devices = (*machines, FaultInjector(self._begin_fault, speed=speed))
        self._connections = [DeviceConnection(machine, where, self._inbox) for machine in devices]
        self._speed, self._health = speed, health or Health()
        self._faults = [(fault.at, fault) for fault in faults]
        heapq.heapify(self._faults)
        self._began = clock.monotonic()
        self._stop = threading.Event()

    @property
    def connected(self) -> bool:
        """Every device is on the broker."""
        return all(connection.ready for connection in self._connections)

    def run(self) -> None:
        """Live until `stop`; call it from the thread that shall do the work."""
        self.start()
        try:
            while not self._stop.is_set():
                with suppress(queue.Empty):
                    self.handle(self._inbox.get(timeout=self.pause_s()))
                self.act()
        finally:
            self.leave()

    def start(self) -> None:
        """Connect all devices; returns at once."""
        for connection in self._connections:
            connection.link.start()

    def stop(self) -> None:
        """End `run` within two seconds; harmless from a signal handler."""
        self._stop.set()
        self._inbox.put(None)

    def leave(self) -> None:
        """Leave the broker with all devices at once: one after the other would take too long."""
        words = [
            connection.leave(connection.machine.leave(self._now()))
            for connection in self._connections
        ]
        wait([word for word in words if word is not None], LEAVE_S)
        leaving = [
            threading.Thread(target=connection.link.stop, daemon=True)
            for connection in self._connections
        ]
        for thread in leaving:
            thread.start()
        for thread in leaving:
            thread.join(LEAVE_S)

    def _now(self) -> Moment:
        lived_s = clock.monotonic() - self._began
        return Moment(lived_s * self._speed, clock.now())

    def pause_s(self) -> float:
        """How long nothing is to be done, unless a message arrives."""
        dues = [
            due for connection in self._connections if (due := connection.machine.due()) is not None
        ]
        if self._faults:
            dues.append(self._faults[0][0])
        pause_s = MAX_SLEEP_S
        if dues:
            pause_s = min(MAX_SLEEP_S, max(0.0, (min(dues) - self._now().plant) / self._speed))
        return pause_s

    def handle(self, event: InboundEvent | None) -> None:
        """Let a device take what came for it."""
        if event is None:
            return
        connection, received = event
        if received is None:
            _log.info("%s is on the broker", connection.machine.name)
            connection.post(connection.machine.connect(self._now()))
            return
        before = connection.machine.unreadable
        topic, payload = received.topic, received.payload
        now, retained = self._now(), received.retain
        connection.post(connection.machine.receive(topic, payload, now, retained=retained))
        connection.follow()
        if connection.machine.unreadable > before:
            about = {"topic": topic, "bytes": len(payload)}
            _log.warning("%s cannot read a message", connection.machine.name, extra=about)

    def _begin_fault(self, kind: str, target: str) -> tuple[str, ...]:
        """The names of the devices that took the fault."""
        hit = []
        for connection in self._connections:
            sends = connection.machine.fault(kind, target, self._now())
            if sends is not None:
                connection.post(sends)
                hit.append(connection.machine.name)
        return tuple(hit)

    def act(self) -> None:
        """Do what is due, and publish what could not go out before."""
        self._health.beat("machines")
        now = self._now()
        while self._faults and self._faults[0][0] <= now.plant:
            fault = heapq.heappop(self._faults)[1]
            self._begin_fault(fault.kind, fault.target)
        for connection in self._connections:
            connection.flush()
            due = connection.machine.due()
            if due is not None and due <= now.plant:
                connection.post(connection.machine.tick(now))
            connection.follow()
