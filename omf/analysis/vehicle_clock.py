"""What each vehicle did: how far it drove, with a piece or without, and how long it was charged.

Definitions are in docs/shift-report.md.
"""

from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from omf.constants import VEHICLE_SILENCE_S
from omf.layout.default import default_layout
from omf.layout.layout import Layout, NoRoute
from omf.state.factory_state import FactoryState
from omf.state.vehicles import Vehicle

MILLIMETRES = 1000.0


@dataclass(slots=True)
class VehicleTimes:
    """What a vehicle did."""

    metres: float = 0.0
    inferred_metres: float = 0.0
    """Part of `metres` of which the nodes between were not heard: the shortest way."""
    unknown_moves: int = 0
    """Moves between nodes that no road joins: their length is unknown."""
    driving_s: float = 0.0
    charging_s: float = 0.0
    loaded_metres: float = 0.0
    unknown_s: float = 0.0
    moves: list[str] = field(default_factory=list)
    """The messages that told another node."""
    charges: list[str] = field(default_factory=list)
    """The messages with which charging began."""


class VehicleMoment(NamedTuple):
    """What a vehicle said last."""

    at: float
    node: str | None
    """None: it does not know where it is."""
    driving: bool
    charging: bool
    loaded: bool

    @classmethod
    def of(cls, vehicle: Vehicle, at: float) -> "VehicleMoment":
        """What it says now."""
        node = vehicle.last_node if vehicle.position_known else None
        loaded = any(load is not None for load in vehicle.bays.values())
        return cls(at, node, bool(vehicle.driving), bool(vehicle.charging), loaded)


class VehicleClock:
    """Hears the states of the vehicles in order. Pure."""

    def __init__(self) -> None:
        self._last: dict[str, VehicleMoment] = {}
        self.told: dict[str, VehicleTimes] = {}
        """By serial."""

    def hear(self, state: FactoryState, serial: str, at: float, by: str) -> None:
        """Take a live state of a vehicle, which `state` has already."""
        vehicle = state.vehicles.get(serial)
        if vehicle is None:
            return
        times = self.told.setdefault(serial, VehicleTimes())
        now, before = VehicleMoment.of(vehicle, at), self._last.get(serial)
        if before is not None:
            _spend(times, before, at)
            if None not in (now.node, before.node) and now.node != before.node:
                times.moves.append(by)
                _drive(times, state.layout or _default_layout(), before, now)
        if now.charging and (before is None or not before.charging):
            times.charges.append(by)
        self._last[serial] = now

    def close(self, until: float) -> None:
        """End the range; call once."""
        for serial, last in self._last.items():
            _spend(self.told[serial], last, until)


def _spend(times: VehicleTimes, before: VehicleMoment, at: float) -> None:
    """What was said last holds until the next word, unless that is too long in coming."""
    passed = min(at - before.at, VEHICLE_SILENCE_S)
    times.unknown_s += at - before.at - passed
    times.driving_s += passed if before.driving else 0.0
    times.charging_s += passed if before.charging else 0.0


def _drive(times: VehicleTimes, layout: Layout, before: VehicleMoment, now: VehicleMoment) -> None:
    metres, direct = _way(layout, before.node or "", now.node or "")
    if metres is None:
        times.unknown_moves += 1
        return
    times.metres += metres
    times.loaded_metres += metres if before.loaded else 0.0
    times.inferred_metres += 0.0 if direct else metres


def _way(layout: Layout, start: str, end: str) -> tuple[float | None, bool]:
    """How far it is, and whether one road joins both."""
    for road in layout.roads:
        if {road.start, road.end} == {start, end}:
            return road.length / MILLIMETRES, True
    try:
        return layout.route(start, end).length / MILLIMETRES, False
    except NoRoute:
        return None, False


@cache
def _default_layout() -> Layout:
    return Layout.from_message(default_layout())
