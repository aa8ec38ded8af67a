"""The mock as it runs and a simulation that begins from what was heard of it: do both end alike?"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from omf.durations import USUAL_DURATIONS
from omf.messages.message import Message
from omf.simulation.ccu.ccu import Ccu
from omf.simulation.device import Moment, SeededRandom, Send, message
from omf.simulation.learned import ENOUGH_TIMES, LearnedDurations
from omf.simulation.modules.bridge import Bridge
from omf.simulation.router import Router
from omf.simulation.simulation import Chance, Simulation, seeded
from omf.simulation.vehicles.vehicle import SimulatedVehicle
from omf.state import FactoryState
from services.mock.process import build
from services.mock.settings import MockSettings

BEGIN = 1_786_000_000.0
STAMP = "2026-08-07T09:00:00.000Z"
LONG_S = 4_000.0
ALWAYS_USUAL = LearnedDurations(
    {name: (span.usual,) * ENOUGH_TIMES for name, span in USUAL_DURATIONS.items()}
)
"""Chance of durations decides who is first: without it both have to go the same way."""


class Middling(SeededRandom):
    """Ids and tags by chance, durations by none."""

    def random(self) -> float:
        """The middle, always."""
        return 0.5


class RunningMock:
    """A mock factory, and the state that is folded from what it says."""

    def __init__(self, seed: int, vehicles: int, stock: dict[str, int]) -> None:
        settings = MockSettings(
            mock_speed=1.0,
            mock_seed=seed,
            mock_vehicles=vehicles,
            mock_stock=stock,
            mock_parts=("ccu", "modules", "vehicles"),
        )
        self.state = FactoryState()
        self._number = 0
        self.machines = build(settings)
        for machine in self.machines:
            machine.learned = ALWAYS_USUAL
            machine.random = Middling(f"{seed} {machine.name}")
        self.router = Router(self.machines, wall=BEGIN, hear=self._note)
        self.router.connect()
        self.router.tell_retained()
        self.router.run(5)

    def _note(self, send: Send, now: Moment) -> None:
        self._number += 1
        told = f"{int(now.wall * 1000)}-{self._number}"
        self.state.apply(Message(send.topic, send.payload, told, send.qos, retain=False), now.wall)

    def foresee(self) -> Simulation:
        """A simulation from what was heard until now."""
        made = seeded(self.state, self.router.now.wall, chance=Chance(1), learned=ALWAYS_USUAL)
        for machine in made.router.machines:
            machine.random = Middling(f"foreseen {machine.name}")
        return made


@dataclass(frozen=True)
class Ending:
    """What must not differ."""

    orders: tuple[tuple[str, str, str, str], ...]
    stock: dict[str, tuple[str, str]]
    positions: dict[str, str]
    loads: dict[str, list[tuple[str | None, str | None, str | None]]]


def ending(machines: list[Any], known: frozenset[str], tags: frozenset[str]) -> Ending:
    """How a factory stands: open and ended orders, bays, where vehicles are and what they carry."""
    ccu = next(one for one in machines if isinstance(one, Ccu))
    bridge = next(one for one in machines if isinstance(one, Bridge))
    vehicles = [one for one in machines if isinstance(one, SimulatedVehicle)]
    return Ending(
        orders=tuple(
            sorted(
                (one.id if one.id in known else "new", one.type, one.colour, one.state)
                for one in (*ccu.book.completed, *ccu.book.active)
            )
        ),
        stock={
            bay: (load["loadType"], load["loadId"] if load["loadId"] in tags else "")
            for store in bridge.warehouses
            for bay, load in store.bays.items()
        },
        positions={one.serial: one.state.last_node for one in vehicles},
        loads={
            one.serial: sorted(
                (e["loadPosition"], e["loadType"], e["loadId"])
                for e in one.state.loads.to_list()
                if e["loadType"]
            )
            for one in vehicles
        },
    )


def commands(chance: random.Random, mock: RunningMock) -> Iterator[Send]:
    """One or two random commands, as the pages and the command line send them."""
    colours = ("RED", "WHITE", "BLUE")
    serials = [m.serial for m in mock.machines if isinstance(m, SimulatedVehicle)]

    def ordered() -> Send:
        body = {"type": chance.choice(colours), "timestamp": STAMP, "orderType": "PRODUCTION"}
        return message("ccu_order_request", body)

    def cancelled() -> Send:
        waiting = [o.id for o in mock.state.orders.values() if o.state == "ENQUEUED" and o.open]
        return message("ccu_order_cancel", waiting[:1])

    def reset() -> Send:
        body = {"timestamp": STAMP, "withStorage": chance.random() < 0.3}
        return message("ccu_set_reset", body)

    def charged() -> Send:
        body = {"serialNumber": chance.choice(serials), "charge": chance.random() < 0.7}
        return message("ccu_set_charge", body)

    def configured() -> Send:
        body = {
            "productionDurations": {"WHITE": 580, "BLUE": 550, "RED": 560},
            "productionSettings": {"maxParallelOrders": chance.randint(1, 6)},
            "ftsSettings": {"chargeThresholdPercent": 10},
        }
        return message("ccu_set_config", body)

    def flowed() -> Send:
        steps = chance.choice((["MILL", "AIQS"], ["DRILL"], ["DRILL", "MILL", "AIQS"]))
        return message("ccu_set_flows", {chance.choice(colours): {"steps": steps}})

    kinds = (ordered, ordered, ordered, cancelled, reset, charged, configured, flowed)
    for _ in range(chance.randint(0, 2)):
        yield chance.choice(kinds)()


def brought_to(seed: int) -> tuple[RunningMock, random.Random]:
    """A mock somewhere in the middle of random work, and of nothing nobody can know."""
    chance = random.Random(seed)  # noqa: S311 - repeatable states
    stock = {colour: chance.randint(1, 3) for colour in ("RED", "WHITE", "BLUE")}
    mock = RunningMock(seed, chance.randint(1, 2), stock)
    for _ in range(chance.randint(0, 5)):
        body = {
            "type": chance.choice(("RED", "WHITE", "BLUE")),
            "timestamp": STAMP,
            "orderType": "PRODUCTION",
        }
        if chance.random() < 0.2:
            mock.router.fault("input", chance.choice(("RED", "WHITE", "BLUE")))
        else:
            mock.router.publish(message("ccu_order_request", body))
        mock.router.run(chance.uniform(0, 200))
    mock.router.run(chance.uniform(0, 60))
    while _colour_unknown(mock.state):
        mock.router.run(5)
    return mock, chance


def _colour_unknown(state: FactoryState) -> bool:
    """A piece was laid into the input and nobody has looked at it yet."""
    behind = [one.nodered.action for one in state.modules.values() if one.nodered is not None]
    return any(a.command == "INPUT_RGB" and a.state != "FINISHED" for a in behind if a)


def compared(seed: int) -> tuple[Ending, Ending]:
    """How the mock ended, and how the simulation of it did, after the same commands."""
    mock, chance = brought_to(seed)
    simulation = mock.foresee()
    known = frozenset(mock.state.orders)
    tags = frozenset(one.workpiece_id or "" for one in mock.state.stock.bays.values())
    sends = list(commands(chance, mock))
    for router in (mock.router, simulation.router):
        for send in sends:
            router.publish(send)
            router.run(1.0)
        router.run(LONG_S)
    ended = (ending(one.machines, known, tags) for one in (mock.router, simulation.router))
    return next(ended), next(ended)
