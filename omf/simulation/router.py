"""An MQTT broker of plain Python for the machines: virtual time, no socket, no waiting.

Keeps what MQTT promises the devices: topic filters, retained messages for a late subscriber, last
wills, each sender's messages in order, nobody with a reference to another's data.
"""

import heapq
import itertools
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from omf.simulation.device import Moment, Send
from omf.simulation.machine import Machine
from omf.topics import catalogue
from omf.topics.filters import matches_any, overlaps

LATENCY_S: Final = 0.002
CACHED_READERS = 2048
"""Topics whose readers are remembered; a factory has about 100, invented ones must not pile up."""

Hear = Callable[[Send, Moment], None]


class Mail(NamedTuple):
    """A message on its way to one machine."""

    due: float
    number: int
    machine: Machine
    send: Send
    kept: bool
    """It is what the broker retained."""


class Router:
    """Machines on one broker; plant time passes only in `run`."""

    def __init__(
        self,
        machines: Iterable[Machine],
        *,
        wall: float,
        plant: float = 0.0,
        speed: float = 1.0,
        hear: Hear | None = None,
    ) -> None:
        """`wall` is Unix s at plant time `plant`; `hear` is told of every message as it is sent.

        Without it nothing is made that no machine subscribes.
        """
        self.machines = list(machines)
        self.plant, self.speed = plant, speed
        self.retained: dict[str, Send] = {}
        self._wall, self._from = wall, plant
        self._hear = hear
        self._filters = {id(machine): machine.filters() for machine in self.machines}
        self._readers: dict[str, tuple[Machine, ...]] = {}
        self._mail: list[Mail] = []
        self._starts = {id(machine): machine.starts for machine in self.machines}
        self._numbers = itertools.count()
        unheard = self._unheard() if hear is None else frozenset()
        for machine in self.machines:
            machine.unheard = unheard

    def _unheard(self) -> frozenset[str]:
        wanted = {each for filters in self._filters.values() for each in filters}
        return frozenset(
            entry.name
            for entry in catalogue.TOPICS
            if not any(overlaps(each, entry.pattern) for each in wanted)
        )

    @property
    def now(self) -> Moment:
        """This moment on both clocks."""
        return Moment(self.plant, self._wall + (self.plant - self._from) / self.speed)

    def connect(self) -> None:
        """Every machine connects, also anew; a first time it hears what is retained."""
        for machine in self.machines:
            self.take(machine.connect(self.now))

    def tell_retained(self) -> None:
        """Every machine subscribes: it hears what the broker keeps."""
        for machine in self.machines:
            self._tell_retained(machine)

    def publish(self, send: Send) -> None:
        """Publish as an outsider."""
        self._route(send)

    def disconnect(self, machine: Machine) -> None:
        """Its connection breaks: it hears nothing more, and its last will is published."""
        self.machines.remove(machine)
        self._readers.clear()
        self._mail = [one for one in self._mail if one.machine is not machine]
        heapq.heapify(self._mail)
        if (will := machine.will()) is not None:
            self._route(will)

    def readers(self, topic: str) -> tuple[Machine, ...]:
        """The machines that subscribe a topic."""
        found = self._readers.get(topic)
        if found is None:
            found = tuple(m for m in self.machines if matches_any(self._filters[id(m)], topic))
            if len(self._readers) >= CACHED_READERS:
                self._readers.clear()
            self._readers[topic] = found
        return found

    def run(self, seconds: float, until: Callable[[], bool] | None = None) -> bool:
        """Let plant time pass; True as soon as `until` holds, which is asked at every event."""
        end = self.plant + seconds
        while until is None or not until():
            due = self._next()
            if due is None or due > end:
                self.plant = end
                return until is not None and until()
            self.plant = max(self.plant, due)
            self._step()
        return True

    def _next(self) -> float | None:
        due = self._mail[0].due if self._mail else None
        for machine in self.machines:
            timers = machine.due()
            if timers is not None and (due is None or timers < due):
                due = timers
        return due

    def _step(self) -> None:
        now = self.now
        while self._mail and self._mail[0].due <= self.plant:
            self.deliver(heapq.heappop(self._mail))
        for machine in self.machines:
            due = machine.due()
            if due is not None and due <= self.plant:
                self.wake(machine, now)

    def deliver(self, mail: Mail) -> None:
        """Hand a message to its machine."""
        machine, send = mail.machine, mail.send
        self.take(machine.receive(send.topic, send.payload, self.now, retained=mail.kept))
        self._subscribe_again(machine)

    def wake(self, machine: Machine, now: Moment) -> None:
        """Let a machine do what is due."""
        self.take(machine.tick(now))
        self._subscribe_again(machine)

    def _subscribe_again(self, machine: Machine) -> None:
        """A program that was started anew hears again what the broker keeps."""
        if machine.starts != self._starts[id(machine)]:
            self._starts[id(machine)] = machine.starts
            self._tell_retained(machine)

    def _tell_retained(self, machine: Machine) -> None:
        for send in list(self.retained.values()):
            if machine in self.readers(send.topic):
                self._post(machine, send, kept=True)

    def fault(self, kind: str, target: str = "") -> tuple[str, ...]:
        """Let a fault begin now; the names of the machines that took it."""
        hit = []
        for machine in self.machines:
            sends = machine.fault(kind, target, self.now)
            self.take(sends or ())
            self._subscribe_again(machine)
            if sends is not None:
                hit.append(machine.name)
        return tuple(hit)

    def take(self, sends: Iterable[Send]) -> None:
        """Publish what a machine returned."""
        for send in sends:
            self._route(send)

    def _route(self, send: Send) -> None:
        if self._hear is not None:
            self._hear(send, self.now)
        if send.retain and send.payload:
            self.retained[send.topic] = send
        elif send.retain:
            self.retained.pop(send.topic, None)
        for machine in self.readers(send.topic):
            self._post(machine, send)

    def _post(self, machine: Machine, send: Send, *, kept: bool = False) -> None:
        mail = Mail(self.plant + LATENCY_S, next(self._numbers), machine, send, kept)
        heapq.heappush(self._mail, mail)

    def forget_mail(self) -> None:
        """Nothing is under way any more, as when the broker is gone."""
        self._mail.clear()
        self._readers = dict.fromkeys(self._readers, ())
