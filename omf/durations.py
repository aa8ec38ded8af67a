"""How long things usually take, measured on the recordings (PROTOCOL D.2, D.4)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from omf.layout.roads import Route
from omf.messages.fts import VehicleOrder


class Span(NamedTuple):
    """Least, usual (median) and most seconds seen."""

    least: float
    usual: float
    most: float


USUAL_DURATIONS: Mapping[str, Span] = MappingProxyType(
    {
        "HBW.DROP": Span(40.5, 45.7, 70.5),
        "HBW.PICK": Span(17.1, 17.6, 18.1),
        "DRILL.PICK": Span(10.2, 10.6, 11.2),
        "DRILL.DRILL": Span(8.9, 9.9, 9.9),
        "DRILL.DROP": Span(9.0, 9.8, 11.0),
        "MILL.PICK": Span(9.3, 10.0, 10.4),
        "MILL.MILL": Span(8.9, 9.9, 10.1),
        "MILL.DROP": Span(7.6, 8.3, 10.1),
        "AIQS.PICK": Span(7.2, 7.6, 8.2),
        "AIQS.CHECK_QUALITY": Span(7.9, 9.9, 11.9),
        "AIQS.DROP": Span(7.0, 7.7, 9.1),
        "DPS.DROP": Span(14.2, 14.5, 14.8),
        "DPS.PICK": Span(23.1, 23.4, 24.2),
    }
)
"""From the order to FINISHED, by module type and command (D.2)."""

PRODUCTION_S = 5
"""How long MILL and DRILL were set to work in every recording, s (PROTOCOL A.3)."""

ORDER_ALONE: Mapping[tuple[str, str | None], Span] = MappingProxyType(
    {
        ("STORAGE", None): Span(45.0, 50.0, 56.0),
        ("PRODUCTION", "WHITE"): Span(167.0, 167.0, 167.0),
        ("PRODUCTION", "RED"): Span(160.0, 160.0, 160.0),
        ("PRODUCTION", "BLUE"): Span(207.0, 245.0, 282.0),
    }
)
"""Whole orders with the factory to themselves (D.2); in traffic they wait, up to 780 s."""

EDGE_S, TURN_S, DOCK_S, DOCK_AGAIN_S = 2.4, 1.4, 6.2, 1.9
"""Medians of one road, one turn, the last road with docking, docking where it stands (D.4)."""
LONGEST_DOCK_S = 38.0
"""The longest last road with docking that ended well, in ml-wrb-red-nok_20260807_130729."""
BETWEEN_MODULES = Span(9.0, 14.0, 20.0)
"""A drive from one module to another by whichever way, docking included (D.4)."""
DRIVE_SPREAD = 0.35
"""Recorded drives that were not held up lie within this share of the sum of their parts."""


def order_alone(kind: str | None, colour: str | None) -> Span | None:
    """How long an order of a kind and colour takes alone; None where nothing was measured."""
    return ORDER_ALONE.get((kind or "", None if kind == "STORAGE" else colour))


def drive(order: VehicleOrder) -> Span:
    """How long a drive takes by its roads and turns, if nothing is in its way."""
    nodes = order.nodes or ()
    turns = sum(1 for node in nodes if node.action and node.action.type == "TURN")
    return _drive(len(nodes) - 1, turns)


def longest_drive(roads: int) -> float:
    """Seconds of a drive of so many roads with a turn at each crossing and the longest docking."""
    return _drive(roads, max(0, roads - 1)).most + LONGEST_DOCK_S - DOCK_S


def way(route: Route) -> Span:
    """How long a vehicle that need not wait takes for a way through the layout."""
    turns = sum(move in ("LEFT", "RIGHT") for move in route.moves)
    return _drive(len(route.roads), turns)


def _drive(roads: int, turns: int) -> Span:
    usual = (roads - 1) * EDGE_S + turns * TURN_S + DOCK_S if roads > 0 else DOCK_AGAIN_S
    return Span(usual * (1 - DRIVE_SPREAD), usual, usual * (1 + DRIVE_SPREAD))
