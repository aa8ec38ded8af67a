"""Who spoke: told by the topic alone, before and whether or not the message can be read.

A device that sends what nobody can read is there; it must not be called silent.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from omf.state import device, links
from omf.state.device import Channel
from omf.state.links import BRIDGE, CCU
from omf.state.model import Factory
from omf.state.values import Arrival
from omf.topics import catalogue

Levels: TypeAlias = Mapping[str, str]
Hear: TypeAlias = "Callable[[Factory, Levels, Arrival], None]"

_CCU_PUBLISHES = frozenset(entry.name for entry in catalogue.TOPICS if entry.publisher == "CCU")


def hear(state: Factory, name: str, levels: Levels, arrival: Arrival) -> None:
    """Note that the sender of an entry of the catalogue spoke."""
    if (heard := _HEARS.get(name)) is not None:
        heard(state, levels, arrival)
    if name in _CCU_PUBLISHES:
        links.hear(state.link(CCU), arrival)


def txt(state: Factory, levels: Levels) -> Channel:
    """Return the TXT behind a module, a new one if it was never heard of."""
    module = state.module(levels["serial"])
    if module.nodered is None:
        module.nodered = Channel()
    return module.nodered


def arduino(levels: Levels) -> str:
    """Return the name of a sensor of a board."""
    return f"{levels['kind']}/{levels['sensor']}"


def _module(state: Factory, levels: Levels, arrival: Arrival) -> None:
    device.hear(state.module(levels["serial"]), arrival)


def _module_beats(state: Factory, levels: Levels, arrival: Arrival) -> None:
    module = state.module(levels["serial"])
    device.hear(module, arrival)
    device.hear_heartbeat(module, arrival)


def _txt(state: Factory, levels: Levels, arrival: Arrival) -> None:
    state.module(levels["serial"]).messages += 1
    device.hear(txt(state, levels), arrival)


def _txt_beats(state: Factory, levels: Levels, arrival: Arrival) -> None:
    _txt(state, levels, arrival)
    device.hear_heartbeat(txt(state, levels), arrival)


def _vehicle(state: Factory, levels: Levels, arrival: Arrival) -> None:
    device.hear(state.vehicle(levels["serial"]), arrival)


def _vehicle_beats(state: Factory, levels: Levels, arrival: Arrival) -> None:
    vehicle = state.vehicle(levels["serial"])
    device.hear(vehicle, arrival)
    device.hear_heartbeat(vehicle, arrival)


def _bridge(state: Factory, _levels: Levels, arrival: Arrival) -> None:
    links.hear(state.link(BRIDGE), arrival)


def _board(state: Factory, levels: Levels, arrival: Arrival) -> None:
    links.hear(state.link(f"arduino/{arduino(levels)}"), arrival)


def _sensor(name: str) -> Hear:
    def heard(state: Factory, levels: Levels, arrival: Arrival) -> None:
        sensor = state.sensor(name or arduino(levels))
        if not arrival.retained:
            sensor.heard_at = arrival.at

    return heard


_HEARS: Mapping[str, Hear] = {
    "module_state": _module,
    "module_connection": _module_beats,
    "module_factsheet": _module,
    "nodered_state": _txt,
    "nodered_connection": _txt_beats,
    "nodered_factsheet": _txt,
    "nodered_status": _bridge,
    "fts_state": _vehicle,
    "fts_connection": _vehicle_beats,
    "fts_factsheet": _vehicle,
    "txt_bme680": _sensor("bme680"),
    "txt_ldr": _sensor("ldr"),
    "arduino_state": _sensor(""),
    "arduino_connection": _board,
}
"""By entry of the catalogue; commands are not here, for their topic does not tell who sent them."""
