"""The life of a mock process: build the devices, live on the broker, leave it politely."""

import gc
import queue
import secrets
import signal
from collections.abc import Callable, Sequence

from omf.simulation.ccu.ccu import Ccu
from omf.simulation.machine import Machine
from omf.simulation.modules.bridge import Bridge
from omf.simulation.modules.txt_aiqs import QualityController
from omf.simulation.modules.txt_dps import DeliveryController
from omf.simulation.sensors.arduino import SensorStation
from omf.simulation.sensors.environment import EnvironmentSensors
from omf.simulation.simulated_factory import START_NODES, UNKNOWN, vehicle_serials
from omf.simulation.vehicles.vehicle import SimulatedVehicle
from services.common.mqtt import network_loop
from services.common.process import factory_scope
from services.common.process.exit_codes import ExitCode
from services.common.process.health import Health
from services.common.process.open_files import allow_many
from services.common.process.shared_health import SharedHealth
from services.mock.factories import SharedRunner
from services.mock.factory_link import FactoryLink
from services.mock.fault_injection import InjectedFault
from services.mock.runner import MOCK_RUN_ID, InboundEvent, Runner
from services.mock.settings import DOCKED, MockSettings


def run_all(each: Sequence[MockSettings]) -> int:
    """As `run`, of several factories: one connection each, and one thread for all machines."""
    allow_many()
    network_loop.share()
    health = SharedHealth([one.environment for one in each])
    inbox: queue.SimpleQueue[InboundEvent | None] = queue.SimpleQueue()
    runners = {one.environment: _runner(one, inbox, health) for one in each}
    gc.freeze()  # the machines stay: not to be looked through for each message
    shared = SharedRunner(runners, inbox)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: shared.stop())
    health.watch()
    health.serve(each[0].metrics_host, each[0].metrics_port)
    shared.run()
    return ExitCode.STOPPED


def _runner(
    settings: MockSettings, inbox: "queue.SimpleQueue[InboundEvent | None]", shared: SharedHealth
) -> Runner:
    name = settings.environment
    with factory_scope.of(name):
        health = Health(lambda: None if runner.connected else "it is not on the broker")
        runner = Runner(
            build(settings),
            FactoryLink(settings.mqtt_address, name, MOCK_RUN_ID),
            speed=settings.mock_speed,
            faults=[InjectedFault.parse(text) for text in settings.mock_faults],
            health=health,
            inbox=inbox,
        )
    shared.begun(name, health)
    return runner


def run(settings: MockSettings) -> int:
    """Simulate until SIGTERM or SIGINT; exit code 0. The main thread does the work."""
    health = Health(lambda: None if runner.connected else "a device is not on the broker")
    runner = Runner(
        build(settings),
        settings.mqtt_address,
        speed=settings.mock_speed,
        faults=[InjectedFault.parse(text) for text in settings.mock_faults],
        health=health,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: runner.stop())
    health.watch()
    health.serve(settings.metrics_host, settings.metrics_port)
    runner.run()
    return 0


def build(settings: MockSettings) -> list[Machine]:
    """The devices of all parts that were asked for."""
    makers: dict[str, Callable[[MockSettings], Sequence[Machine]]] = {
        "ccu": _ccu,
        "modules": _modules,
        "vehicles": _vehicles,
        "sensors": _sensors,
    }
    if settings.mock_seed is None:
        settings = settings.model_copy(update={"mock_seed": secrets.randbits(64)})
    return [machine for part in settings.mock_parts for machine in makers[part](settings)]


def _ccu(settings: MockSettings) -> Sequence[Machine]:
    return [Ccu(speed=settings.mock_speed, seed=settings.mock_seed)]


def _modules(settings: MockSettings) -> Sequence[Machine]:
    speed, seed = settings.mock_speed, settings.mock_seed
    return [
        DeliveryController(speed=speed, seed=seed),
        QualityController(failing=settings.mock_failing, speed=speed, seed=seed),
        Bridge(stock=settings.mock_stock, speed=speed, seed=seed),
    ]


def _vehicles(settings: MockSettings) -> Sequence[Machine]:
    serials = vehicle_serials(settings.mock_vehicles)
    return [
        SimulatedVehicle(
            serial,
            START_NODES[number] if settings.mock_docked and number < DOCKED else UNKNOWN,
            number,
            speed=settings.mock_speed,
            seed=f"{settings.mock_seed} {serial}",
        )
        for number, serial in enumerate(serials)
    ]


def _sensors(settings: MockSettings) -> Sequence[Machine]:
    speed, seed = settings.mock_speed, settings.mock_seed
    return [EnvironmentSensors(speed=speed, seed=seed), SensorStation(speed=speed, seed=seed)]
