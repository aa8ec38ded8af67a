"""In which list of the page a workpiece stands."""

from typing import Literal

from omf.constants import COLOURS
from omf.state.device_names import short
from omf.workpieces.life import WorkpieceLife
from omf.workpieces.record import status
from omf.workpieces.wording import UNKNOWN_COLOUR

PieceList = Literal["house", "delivered", "failed", "lost", "unclear"]
PIECE_LISTS: tuple[PieceList, ...] = ("house", "delivered", "failed", "lost", "unclear")
PIECE_COLOURS = (*COLOURS, UNKNOWN_COLOUR)
_LIST_OF: dict[str, PieceList] = {
    "in_house": "house",
    "delivered": "delivered",
    "rejected": "failed",
    "place_unknown": "unclear",
    "contradictory": "unclear",
}


def list_of(life: WorkpieceLife) -> PieceList:
    """The list a piece stands in; what left unexpectedly counts as lost."""
    return _LIST_OF.get(status(life), "lost")


def order_ids(life: WorkpieceLife) -> str:
    """The orders of a piece, as short as lists have them."""
    return ", ".join(short(one.order_id) for one in life.orders)
