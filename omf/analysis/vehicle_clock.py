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
    driving_by: list[str] = field(default_factory=list)
    """The messages with which each stretch of `driving_s` began, the first perhaps before."""
    charging_by: list[str] = field(default_factory=list)
    unknown_by: list[str] = field(default_factory=list)
    """The last messages before it said nothing for too long."""

    def add(self, other: "VehicleTimes") -> None:
        """Count in what it did in the time right behind."""
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in _LISTS:
            mine, more = getattr(self, name), getattr(other, name)
            mine += more[1:] if mine[-1:] == more[:1] else more


_SUMS = (
    *("metres", "inferred_metres", "loaded_metres", "unknown_moves"),
    *("driving_s", "charging_s", "unknown_s"),
)
_LISTS = ("moves", "charges", "driving_by", "charging_by", "unknown_by")


class VehicleMoment(NamedTuple):
    """What a vehicle said last."""

    at: float
    by: str
    """The message that said it."""
    node: str | None
    """None: it does not know where it is."""
    driving: bool
    charging: bool
    loaded: bool
    driving_by: str
    """The message since which it drives."""
    charging_by: str
    spent: float
    """Up to when this is counted already."""

    @classmethod
    def of(
        cls, vehicle: Vehicle, at: float, by: str, before: "VehicleMoment | None"
    ) -> "VehicleMoment":
        """What it says now, with the message `by`."""
        node = vehicle.last_node if vehicle.position_known else None
        loaded = any(load is not None for load in vehicle.bays.values())
        drives, charges = bool(vehicle.driving), bool(vehicle.charging)
        driving_by = before.driving_by if before and before.driving else by
        charging_by = before.charging_by if before and before.charging else by
        return cls(at, by, node, drives, charges, loaded, driving_by, charging_by, at)


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
        before = self._last.get(serial)
        now = VehicleMoment.of(vehicle, at, by, before)
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

    def go_on(self, at: float) -> None:
        """After `close`: what follows is told for itself."""
        self.told = {serial: VehicleTimes() for serial in self._last}
        self._last = {serial: last._replace(spent=at) for serial, last in self._last.items()}


def _spend(times: VehicleTimes, before: VehicleMoment, at: float) -> None:
    """What was said last holds until the next word, unless that is too long in coming."""
    passed = max(0.0, min(at, before.at + VEHICLE_SILENCE_S) - before.spent)
    silent = at - before.spent - passed
    if silent > 0:
        times.unknown_s += silent
        _note(times.unknown_by, before.by)
    if before.driving and passed:
        times.driving_s += passed
        _note(times.driving_by, before.driving_by)
    if before.charging and passed:
        times.charging_s += passed
        _note(times.charging_by, before.charging_by)


def _note(ids: list[str], one: str) -> None:
    if ids[-1:] != [one]:
        ids.append(one)


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
