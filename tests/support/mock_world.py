"""The simulated factory on the router, with everything noted that was said."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from omf.messages.message import Message
from omf.simulation.device import Moment, Send, message
from omf.simulation.machine import Machine
from omf.simulation.router import Mail, Router
from omf.topics.filters import matches
from services.mock.fault_injection import FaultInjector
from services.mock.process import build
from services.mock.settings import MockSettings

START = 1_786_000_000.0


STAMP = "2026-08-07T09:00:00.000Z"
"""Any time stamp: the CCU only looks whether there is one."""


class Seen(NamedTuple):
    """A message as a recorder on `#` would note it."""

    at: float
    topic: str
    body: Any
    send: Send


class World(Router):
    """Devices on one broker; `speed` only tells life from plant time."""

    def __init__(
        self, machines: Iterable[Machine], *, speed: float = 1.0, tolerant: bool = False
    ) -> None:
        """Unless `tolerant`, a message a device cannot read is an error of the simulation."""
        self._tolerant = tolerant
        self.seen: list[Seen] = []
        self._messages: list[Message] = []
        self._newest: dict[str, Any] = {}
        injector = FaultInjector(self.fault, speed=speed)
        super().__init__([*machines, injector], wall=START, speed=speed, hear=self._note)
        self.connect()
        self.tell_retained()

    def press(self, topic: str, payload: bytes) -> None:
        """Hand a message to every device, subscribed or not."""
        for machine in self.machines:
            self.take(machine.receive(topic, payload, self.now))

    def reconnect(self) -> None:
        """The broker came back: every device connects again."""
        self.connect()

    def fall_silent(self) -> None:
        """Nothing is said any more, as when the broker is gone."""
        self.machines.clear()
        self.forget_mail()

    def lose_power(self) -> None:
        """Every device but the broker is switched off: their last wills tell."""
        for machine in list(self.machines):
            self.disconnect(machine)

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
        known = len(self._messages)
        self._messages += [
            Message(s.topic, s.send.payload, f"{int(s.at * 1000)}-{n}", s.send.qos, retain=False)
            for n, s in enumerate(self.seen[known:], known)
        ]
        return list(self._messages)

    def deliver(self, mail: Mail) -> None:
        """A message that makes no sense to a device is an error of the simulation."""
        before = mail.machine.unreadable
        super().deliver(mail)
        self._check(mail.machine, before, mail.send.topic)

    def wake(self, machine: Machine, now: Moment) -> None:
        """So is a timer that ends in one."""
        before = machine.unreadable
        super().wake(machine, now)
        self._check(machine, before, "a timer")

    def _check(self, machine: Machine, before: int, what: str) -> None:
        stumbled = machine.unreadable > before and not self._tolerant
        assert not stumbled, f"{machine.name} stumbled over {what}"

    def _note(self, send: Send, now: Moment) -> None:
        body = json.loads(send.payload) if send.payload else None
        self.seen.append(Seen(now.wall, send.topic, body, send))
        self._newest[send.topic] = body


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
