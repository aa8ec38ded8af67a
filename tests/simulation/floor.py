"""The mock factory in the loop: control unit, modules and a vehicle, each at the broker in memory.

Its devices never fail here: what is put to the test is what lies between a person and them.
"""

import asyncio

from omf.simulation.ccu.ccu import Ccu
from omf.simulation.device import Moment, Send
from omf.simulation.machine import Machine
from omf.simulation.modules.bridge import Bridge
from omf.simulation.modules.txt_aiqs import QualityController
from omf.simulation.modules.txt_dps import DeliveryController
from omf.simulation.simulated_factory import START_NODES, VEHICLES
from omf.simulation.vehicles.vehicle import SimulatedVehicle
from services.common.process import clock
from tests.simulation.broker import SimulatedBroker, matches
from tests.simulation.faults import Dice
from tests.simulation.virtual_time import Step

SPEED = 20.0
STOCK = {"WHITE": 2, "RED": 2, "BLUE": 2}
"""There is room for a refill."""
ANSWER_S = (0.001, 0.02)


class SimulatedFloor:
    """Drives the machines of the mock in virtual time."""

    def __init__(self, broker: SimulatedBroker, dice: Dice) -> None:
        self._broker = broker
        self._dice = dice
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._timers: dict[int, Step] = {}
        self._wills: dict[int, Send] = {}
        self._machines: list[Machine] = [
            Ccu(speed=SPEED, seed=1),
            DeliveryController(speed=SPEED, seed=1),
            QualityController(failing=0.0, speed=SPEED, seed=1),
            Bridge(stock=STOCK, speed=SPEED, seed=1),
            SimulatedVehicle(VEHICLES[0], START_NODES[0], 0, speed=SPEED, seed="1"),
        ]

    def open(self) -> None:
        """Everything is switched on."""
        self._broker.listener = self._hear
        for machine in self._machines:
            machine.now = self._moment()
            if will := machine.will():
                self._wills[id(machine)] = will
            self._connect(machine)

    def lose(self, away_s: float) -> None:
        """The link of one device breaks, its last will tells so, and later it connects again."""
        machine = self._machines[int(self._dice.between(1, len(self._machines)))]
        if will := self._wills.get(id(machine)):
            self._do(machine, [will])
            self._loop.call_later(away_s, self._connect, machine)

    def _connect(self, machine: Machine) -> None:
        self._do(machine, machine.connect(self._moment()))

    def close(self) -> None:
        """Everything is switched off."""
        self._machines = []
        for timer in self._timers.values():
            timer.cancel()

    def _moment(self) -> Moment:
        return Moment((self._loop.time() - self._began) * SPEED, clock.now())

    def _hear(self, topic: str, payload: bytes) -> None:
        for machine in self._machines:
            if any(matches(one, topic) for one in machine.filters()):
                pause_s = self._dice.between(*ANSWER_S)
                self._loop.call_later(pause_s, self._receive, machine, topic, payload)

    def _receive(self, machine: Machine, topic: str, payload: bytes) -> None:
        self._do(machine, machine.receive(topic, payload, self._moment()))

    def _tick(self, machine: Machine) -> None:
        self._do(machine, machine.tick(self._moment()))

    def _do(self, machine: Machine, sends: list[Send]) -> None:
        if not self._machines:
            return
        for send in sends:
            self._broker.take(send.topic, send.payload, retain=send.retain)
        if timer := self._timers.pop(id(machine), None):
            timer.cancel()
        if (due := machine.due()) is not None:
            # A moment behind it: else the last digit of a float may leave the timer not yet due.
            at = self._began + due / SPEED + 1e-6
            self._timers[id(machine)] = self._loop.call_at(at, self._tick, machine)
