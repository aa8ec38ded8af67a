"""How far a vehicle is on the road ahead of it, by the usual time of a road (PROTOCOL D.4).

Only what the vehicle says moves it: it leaves a node when it says that it drives, it is at the next
when it says so. In between its place is an estimate, and it waits before the next node until then.
"""

from omf.durations import DOCK_S, EDGE_S
from omf.state.vehicles import Vehicle
from services.ui.live.model import ViewModel
from services.ui.views import step_times

HALFWAY = 0.5
"""Where it is drawn when nobody heard since when it drives."""
BEFORE_NODE = 0.85
"""So much of the road is driven at most before the vehicle says that it is at the next node."""
OBSTACLE = "COLLISION"
"""The vehicle stands before something, though it says that it drives (PROTOCOL B.7)."""


DRAWN_EVERY_S = 1.0
"""A page is drawn anew so often while nothing is said."""


def move_s(model: ViewModel) -> float:
    """Within how many seconds a mark is moved to where it is put next.

    In a factory that runs faster it is past the next node before a second is over: a mark that took
    longer would leave the roads.
    """
    return min(DRAWN_EVERY_S, EDGE_S / 2 * step_times.speed(model))


def road_part(vehicle: Vehicle, model: ViewModel) -> float:
    """The part of the road ahead that it has driven by now, between 0 and `BEFORE_NODE`."""
    since = vehicle.driving_since
    if since is None:
        return HALFWAY
    stands = (one.since for one in vehicle.errors if one.type == OBSTACLE and one.since is not None)
    until = min((*stands, model.factory_now))
    usual = (DOCK_S if len(vehicle.ahead) == 1 else EDGE_S) * step_times.speed(model)
    return min(BEFORE_NODE, max(0.0, until - since) / usual)
