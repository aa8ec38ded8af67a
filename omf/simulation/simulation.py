"""A factory that begins where a real one stands, and lives on in virtual time."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from omf.messages.fts import NOWHERE
from omf.simulation.ccu.ccu import Ccu
from omf.simulation.device import Moment
from omf.simulation.learned import LearnedDurations, learn
from omf.simulation.machine import Machine
from omf.simulation.modules.bridge import Bridge
from omf.simulation.modules.txt import Controller
from omf.simulation.modules.txt_aiqs import QualityController
from omf.simulation.modules.txt_dps import DeliveryController
from omf.simulation.router import Hear, Router
from omf.simulation.seeding import control_unit, faults, modules, vehicles
from omf.simulation.seeding.progress import standings
from omf.simulation.vehicles.vehicle import SimulatedVehicle
from omf.state import FactoryState
from omf.state.vehicles import Vehicle
from omf.texts import Text, text

SETTLING_S = 0.1
"""In this time every device has told its state and the CCU has heard it."""
CONTROLLERS: dict[str, type[Controller]] = {"DPS": DeliveryController, "AIQS": QualityController}


@dataclass(slots=True)
class Simulation:
    """The machines of one factory on a router, and what of it is assumed."""

    ccu: Ccu
    bridge: Bridge
    vehicles: dict[str, SimulatedVehicle]
    router: Router
    learned: LearnedDurations
    gaps: list[Text] = field(default_factory=list)
    """What the state does not tell, and what was taken instead."""


@dataclass(frozen=True, slots=True)
class Chance:
    """What decides between the lives a factory may live."""

    seed: int = 0
    """The same seed lives the same life."""
    tempo: float = 0.0
    """How slow all of it is beside the usual ones, in standard deviations."""
    failing: float = 0.0
    """Share of the pieces that fail their quality check."""


def seeded(
    state: FactoryState,
    now: float,
    *,
    chance: Chance = Chance(),
    learned: LearnedDurations | None = None,
    hear: Hear | None = None,
) -> Simulation:
    """The factory of `state` as it stands at `now` (Unix s); the same chance lives the same life.

    `learned` is how long its steps take, else what the state itself has seen. `hear` is told of
    every message. Raises NotSimulableError where the state tells too little to begin with.
    """
    known = learned if learned is not None else learn(state.orders.values(), state.layout)
    made = _machines(state, known, chance, now)
    found, wrong = standings(state), faults.faulty(state, now)
    gaps = control_unit.seed(made.ccu, state, found)
    gaps += modules.seed(made.bridge, made.controllers, state, found, wrong, now)
    for serial, machine in made.vehicles.items():
        gaps += vehicles.seed(machine, state, now)
        faults.seed_vehicle(machine, wrong.get(serial))
    reset_s = faults.reset_in_s(state, now, known.speed)
    gaps += faults.told(state, wrong, reset_s)
    gaps += _unheard(state)
    gaps += _always(state)
    router = Router(made.all, wall=now, speed=known.speed, hear=hear)
    simulation = Simulation(made.ccu, made.bridge, made.vehicles, router, known, gaps)
    _begin(simulation, reset_s)
    return simulation


@dataclass(slots=True)
class _Machines:
    ccu: Ccu
    bridge: Bridge
    controllers: list[Controller]
    vehicles: dict[str, SimulatedVehicle]

    @property
    def all(self) -> Iterable[Machine]:
        return [self.ccu, *self.controllers, self.bridge, *self.vehicles.values()]


def _machines(
    state: FactoryState, learned: LearnedDurations, chance: Chance, now: float
) -> _Machines:
    speed, facts, seed = learned.speed, modules.facts_of(state), chance.seed
    made = _Machines(
        Ccu(speed=speed, seed=seed),
        Bridge(stock={}, modules=facts, speed=speed, seed=seed),
        [
            CONTROLLERS[one.type](facts=one, speed=speed, seed=f"{seed} {one.serial}")
            for one in facts
            if one.type in CONTROLLERS
        ],
        {
            serial: SimulatedVehicle(serial, "", 0, speed=speed, seed=f"{seed} {serial}")
            for serial, vehicle in state.vehicles.items()
            if _placed(vehicle)
        },
    )
    for machine in made.all:
        machine.now = Moment(0.0, now)
        machine.learned, machine.tempo = learned, chance.tempo
    for controller in made.controllers:
        if isinstance(controller, QualityController):
            controller.failing = chance.failing
    return made


def _placed(vehicle: Vehicle) -> bool:
    """One that has told no state itself is where the CCU sees it."""
    return vehicle.state_known or vehicle.last_node not in (None, "", NOWHERE)


def _unheard(state: FactoryState) -> list[Text]:
    """Vehicles that told no state, and what is taken of them instead."""
    return [
        text("simulation.gap_vehicle" if _placed(one) else "simulation.gap_place", vehicle=serial)
        for serial, one in state.vehicles.items()
        if not one.state_known
    ]


def _always(state: FactoryState) -> list[Text]:
    """What no message tells of any factory, where it matters now."""
    found = []
    if any(one.waiting_for_load or one.driving for one in state.vehicles.values()):
        found.append(text("simulation.gap_drive"))
    if any(bay.state == "RESERVED" for bay in state.stock.bays.values()):
        found.append(text("simulation.gap_reserved"))
    return found


def _begin(simulation: Simulation, reset_in_s: float | None) -> None:
    """Every device tells its state; the CCU hears it and goes on from there."""
    router = simulation.router
    for plc in simulation.bridge.modules.values():
        if not simulation.bridge.down:
            plc.publish()
    simulation.bridge.begin_heartbeats()
    for vehicle in simulation.vehicles.values():
        if not vehicle.lost:
            vehicle.publish()
            vehicle.stay_heard()
    for machine in (simulation.bridge, *simulation.vehicles.values()):
        router.take(machine.take_sends())
    simulation.ccu.go_on(reset_in_s)
    router.take(simulation.ccu.take_sends())
    router.run(SETTLING_S)
