"""Where the camera of the delivery station looks, as far as the moves it was sent say.

It reports no position of its own in a documented form (PROTOCOL B.1, C.27), so what is known is
what it was told: home or an end of its range, and the degrees since. Before the first of these, and
of an axis that is on its way between its ends, nothing is known.
"""

from dataclasses import dataclass, field
from typing import Literal

from omf.messages.sensors import CAMERA_MOVES, CameraMove
from omf.state.values import Arrival

Mark = Literal["home", "start", "end"]
MAX_DEGREES = 360.0
_RELATIVE: dict[str, tuple[str, float]] = {
    "relmove_left": ("pan", -1.0),
    "relmove_right": ("pan", 1.0),
    "relmove_down": ("tilt", -1.0),
    "relmove_up": ("tilt", 1.0),
}
_ENDS: dict[str, tuple[str, Mark]] = {
    "start_pan": ("pan", "start"),
    "end_pan": ("pan", "end"),
    "start_tilt": ("tilt", "start"),
    "end_tilt": ("tilt", "end"),
}


@dataclass(slots=True)
class CameraAxis:
    """One axis: the mark it was sent to last, and the degrees since; right and up count up."""

    mark: Mark | None = None
    """None: it was sent to none since we listen, so nobody knows where it stands."""
    degrees: float = 0.0


@dataclass(slots=True)
class CameraView:
    """The last move, and what follows from all of them."""

    pan: CameraAxis = field(default_factory=CameraAxis)
    tilt: CameraAxis = field(default_factory=CameraAxis)
    move: str | None = None
    """The last one sent, by its name on the wire."""
    degree: float | None = None
    moved_at: float | None = None


def take_move(view: CameraView, payload: CameraMove, arrival: Arrival) -> None:
    """Take over a move that was sent, by whomever; what the station drops changes nothing."""
    move = payload.cmd
    if arrival.retained or move not in CAMERA_MOVES:
        return
    view.move, view.degree, view.moved_at = move, payload.degree, arrival.at
    if move == "home":
        view.pan, view.tilt = CameraAxis("home"), CameraAxis("home")
    elif move in _ENDS:
        name, mark = _ENDS[move]
        setattr(view, name, CameraAxis(mark))
    else:
        name, sign = _RELATIVE[move]
        setattr(view, name, _moved(getattr(view, name), sign, payload.degree))


def _moved(axis: CameraAxis, sign: float, degree: float | None) -> CameraAxis:
    """Without an angle nobody knows how far; and no camera turns further than its stop."""
    degrees = axis.degrees + sign * (degree or 0.0)
    if not degree or degree < 0 or abs(degrees) > MAX_DEGREES:
        return CameraAxis()
    return CameraAxis(axis.mark, degrees)
