"""Which devices make up which part; they share nothing but the settings they are built from."""

import secrets
from collections.abc import Callable, Sequence

from services.mock.ccu.ccu import Ccu
from services.mock.machine import Machine
from services.mock.modules.bridge import Bridge
from services.mock.modules.txt_aiqs import QualityController
from services.mock.modules.txt_dps import DeliveryController
from services.mock.plant import START_NODES, UNKNOWN, vehicle_serials
from services.mock.sensors.arduino import SensorStation
from services.mock.sensors.environment import EnvironmentSensors
from services.mock.settings import DOCKED, MockSettings
from services.mock.vehicles.vehicle import Vehicle


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
        Vehicle(
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
