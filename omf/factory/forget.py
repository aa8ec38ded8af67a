"""What an empty retained message undoes: the broker's memory of that topic was cleared (G.2)."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from omf.factory.channel import forget_connection, forget_state
from omf.factory.modules import forget_module_state
from omf.factory.state import Factory
from omf.factory.stock import Source
from omf.factory.vehicles import forget_vehicle_state

Forget: TypeAlias = "Callable[[Factory, Mapping[str, str]], None]"


def _module_state(state: Factory, levels: Mapping[str, str]) -> None:
    serial = levels["serial"]
    if serial in state.modules:
        forget_module_state(state.modules[serial])
        state.stock.hbw.pop(serial, None)
        _drop_silent(state, serial)


def _module_connection(state: Factory, levels: Mapping[str, str]) -> None:
    serial = levels["serial"]
    if serial in state.modules:
        forget_connection(state.modules[serial])
        _drop_silent(state, serial)


def _drop_silent(state: Factory, serial: str) -> None:
    module = state.modules[serial]
    if not (module.listed or module.state_known or module.connection or module.nodered):
        del state.modules[serial]


def _nodered_state(state: Factory, levels: Mapping[str, str]) -> None:
    module = state.modules.get(levels["serial"])
    if module is not None and module.nodered is not None:
        forget_state(module.nodered)


def _nodered_connection(state: Factory, levels: Mapping[str, str]) -> None:
    module = state.modules.get(levels["serial"])
    if module is not None and module.nodered is not None:
        forget_connection(module.nodered)


def _fts_state(state: Factory, levels: Mapping[str, str]) -> None:
    vehicle = state.vehicles.get(levels["serial"])
    if vehicle is not None:
        forget_vehicle_state(vehicle)


def _fts_connection(state: Factory, levels: Mapping[str, str]) -> None:
    vehicle = state.vehicles.get(levels["serial"])
    if vehicle is not None:
        forget_connection(vehicle)


def _stock(state: Factory, _levels: Mapping[str, str]) -> None:
    state.stock.ccu = Source()
    state.stock.conflicts = []


def _cloud_stock(state: Factory, _levels: Mapping[str, str]) -> None:
    state.stock.cloud = Source()


def _sensor(state: Factory, levels: Mapping[str, str]) -> None:
    state.sensors.pop(f"{levels['kind']}/{levels['sensor']}", None)


FORGETS: Mapping[str, Forget] = {
    "module_state": _module_state,
    "module_connection": _module_connection,
    "nodered_state": _nodered_state,
    "nodered_connection": _nodered_connection,
    "fts_state": _fts_state,
    "fts_connection": _fts_connection,
    "ccu_state_stock": _stock,
    "cloud_stock": _cloud_stock,
    "arduino_state": _sensor,
}
"""By entry of the catalogue. Lists, layout and settings stay: deleting the broker's copy of
them takes nothing back that the CCU said."""
