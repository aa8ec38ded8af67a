"""A broker of plain Python for simulated devices: virtual time, no socket, no waiting.

Keeps what MQTT promises the devices: retained messages reach a late subscriber, each sender's
messages stay in order, nobody gets a reference to another's data.
"""

import heapq
import itertools
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from omf.messages.message import Message
from omf.simulation.device import Moment, Send, message
from omf.simulation.machine import Machine
from omf.topics.filters import matches
from services.mock.fault_injection import FaultInjector
from services.mock.process import build
from services.mock.settings import MockSettings

LATENCY_S = 0.002
START = 1_786_000_000.0


STAMP = "2026-08-07T09:00:00.000Z"
"""Any time stamp: the CCU only looks whether there is one."""


class Seen(NamedTuple):
    """A message as a recorder on `#` would note it."""

    at: float
    topic: str
    body: Any
    send: Send


class World:
    """Devices on one broker; `speed` only tells life from plant time."""

    def __init__(
        self, machines: Iterable[Machine], *, speed: float = 1.0, tolerant: bool = False
    ) -> None:
        """Unless `tolerant`, a message a device cannot read is an error of the simulation."""
        self.machines, self._tolerant = list(machines), tolerant
        self.machines.append(FaultInjector(self._begin_fault, speed=speed))
        self.speed, self.plant = speed, 0.0
        self.retained: dict[str, Send] = {}
        self.seen: list[Seen] = []
        self._newest: dict[str, Any] = {}
        self._filters = {id(machine): machine.filters() for machine in self.machines}
        self._readers: dict[str, list[Machine]] = {}
        self._mail: list[tuple[float, int, Machine, Send, bool]] = []
        self._starts = {id(machine): machine.starts for machine in self.machines}
        self._numbers = itertools.count()
        for machine in self.machines:
            self._collect(machine.connect(self.now))
        for machine in self.machines:
            self._tell_retained(machine)

    @property
    def now(self) -> Moment:
        """This moment on both clocks."""
        return Moment(self.plant, START + self.plant / self.speed)

    def publish(self, send: Send) -> None:
        """Publish as an outsider."""
        self._route(send)

    def press(self, topic: str, payload: bytes) -> None:
        """Hand a message to every device, subscribed or not."""
        for machine in self.machines:
            self._collect(machine.receive(topic, payload, self.now))

    def reconnect(self) -> None:
        """The broker came back: every device connects again."""
        for machine in self.machines:
            self._collect(machine.connect(self.now))

    def fall_silent(self) -> None:
        """Nothing is said any more, as when the broker is gone."""
        self.machines.clear()
        self._mail.clear()
        self._readers = {topic: [] for topic in self._readers}

    def lose_power(self) -> None:
        """Every device but the broker is switched off: their last wills tell."""
        wills = [will for machine in self.machines if (will := machine.will()) is not None]
        self.fall_silent()
        self._collect(wills)

    def run(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Let plant time pass; True as soon as `until` holds."""
        end = self.plant + seconds
        while not until():
            due = self._next()
            if due is None or due > end:
                self.plant = end
                return until()
            self.plant = max(self.plant, due)
            self._step()
        return True

    def bodies(self, topic_filter: str) -> list[Any]:
        """The payloads seen on a filter, in order."""
        return [seen.body for seen in self.seen if matches(topic_filter, seen.topic)]

    def last(self, topic_filter: str) -> Any:
        """The newest payload on a topic or filter."""
        if topic_filter in self._newest:
            return self._newest[topic_filter]
        return self.bodies(topic_filter)[-1]

    def messages(self) -> list[Message]:
        """All traffic as the buffers would hold it."""
        return [
            Message(s.topic, s.send.payload, f"{int(s.at * 1000)}-{n}", s.send.qos, retain=False)
            for n, s in enumerate(self.seen)
        ]

    def _next(self) -> float | None:
        dues = [due for machine in self.machines if (due := machine.due()) is not None]
        if self._mail:
            dues.append(self._mail[0][0])
        return min(dues, default=None)

    def _step(self) -> None:
        while self._mail and self._mail[0][0] <= self.plant:
            _, _, machine, send, kept = heapq.heappop(self._mail)
            before, read = machine.unreadable, machine.receive
            self._collect(read(send.topic, send.payload, self.now, retained=kept))
            self._check(machine, before, send.topic)
        for machine in self.machines:
            due, before = machine.due(), machine.unreadable
            if due is not None and due <= self.plant:
                self._collect(machine.tick(self.now))
                self._check(machine, before, "a timer")
            self._subscribe_again(machine)

    def _subscribe_again(self, machine: Machine) -> None:
        """A program that was started anew hears again what the broker keeps."""
        if machine.starts != self._starts[id(machine)]:
            self._starts[id(machine)] = machine.starts
            self._tell_retained(machine)

    def _tell_retained(self, machine: Machine) -> None:
        for send in list(self.retained.values()):
            if machine in self._reading(send.topic):
                self._deliver_to(machine, send, kept=True)

    def fault(self, kind: str, target: str = "") -> None:
        """Let a fault begin now."""
        self._begin_fault(kind, target)

    def _begin_fault(self, kind: str, target: str) -> tuple[str, ...]:
        hit = []
        for machine in self.machines:
            sends = machine.fault(kind, target, self.now)
            self._collect(sends or ())
            self._subscribe_again(machine)
            if sends is not None:
                hit.append(machine.name)
        return tuple(hit)

    def _check(self, machine: Machine, before: int, what: str) -> None:
        stumbled = machine.unreadable > before and not self._tolerant
        assert not stumbled, f"{machine.name} stumbled over {what}"

    def _collect(self, sends: Iterable[Send]) -> None:
        for send in sends:
            self._route(send)

    def _route(self, send: Send) -> None:
        body = json.loads(send.payload) if send.payload else None
        self.seen.append(Seen(self.now.wall, send.topic, body, send))
        self._newest[send.topic] = body
        if send.retain:
            self.retained[send.topic] = send
        if send.retain and not send.payload:
            del self.retained[send.topic]
        for machine in self._reading(send.topic):
            self._deliver_to(machine, send)

    def _reading(self, topic: str) -> list[Machine]:
        if topic not in self._readers:
            self._readers[topic] = [
                machine
                for machine in self.machines
                if any(matches(wanted, topic) for wanted in self._filters[id(machine)])
            ]
        return self._readers[topic]

    def _deliver_to(self, machine: Machine, send: Send, *, kept: bool = False) -> None:
        entry = (self.plant + LATENCY_S, next(self._numbers), machine, send, kept)
        heapq.heappush(self._mail, entry)


def factory(
    vehicles: int = 1, stock: Mapping[str, int] | None = None, *, seed: int | None = 0
) -> "World":
    """A whole factory that has come up and is ready for an order."""
    pieces = {"RED": 2, "WHITE": 2, "BLUE": 2} if stock is None else dict(stock)
    settings = MockSettings(
        mock_speed=1.0,
        mock_vehicles=vehicles,
        mock_stock=pieces,
        mock_seed=seed,
        mock_parts=("ccu", "modules", "vehicles"),
    )
    world = World(build(settings))
    world.run(5)
    return world


def order(world: "World", colour: str, kind: str = "PRODUCTION", **more: Any) -> None:
    """Ask the CCU for an order, as a user interface does."""
    body = {"type": colour, "timestamp": STAMP, "orderType": kind, **more}
    world.publish(message("ccu_order_request", body))


def finish(world: "World", count: int = 1, within: float = 2000) -> list[Any]:
    """The completed list once it has `count` orders."""
    done = world.run(within, lambda: len(world.last("ccu/order/completed")) >= count)
    assert done, f"{count} orders do not end within {within} s: {progress(world)}"
    completed: list[Any] = world.last("ccu/order/completed")
    return completed


def progress(world: "World") -> list[tuple[str, str]]:
    """Where each active order stands: its colour and the first letters of its steps' states."""
    return [
        (each["type"], "".join(step["state"][0] for step in each["productionSteps"]))
        for each in world.last("ccu/order/active")
    ]


def say(world: World, name: str, body: Any, seconds: float = 1.0) -> None:
    """Publish a message of the catalogue and let the time pass."""
    world.publish(message(name, body))
    world.run(seconds)


def pairing(world: World) -> dict[str, Any]:
    """What the CCU told last of each device, by serial number."""
    body = world.last("ccu/pairing/state")
    return {entry["serialNumber"]: entry for entry in body["modules"] + body["transports"]}
