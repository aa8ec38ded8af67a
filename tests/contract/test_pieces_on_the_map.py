"""On the map each workpiece of a recording is at one place, at each moment of it."""

from collections import Counter

import pytest

from omf.state import FactoryState
from omf.state.orders import Order
from omf.state.piece_positions import placed_pieces
from tests.support.folds import every_recording
from tests.support.shared import recording

JUDGED_S = 1.0
"""A piece that failed its check is gone from the AIQS before the CCU gives its order up."""


def _ended(order: Order, module: str, command: str) -> bool:
    return any(
        (step.module_type, step.command, step.state) == (module, command, "FINISHED")
        for step in order.steps
    )


def _outside(order: Order) -> bool:
    """Its piece is neither in the store nor delivered, by the CCU's own list."""
    if order.type == "STORAGE":
        return not _ended(order, "HBW", "PICK")
    return _ended(order, "HBW", "DROP") and not _ended(order, "DPS", "PICK")


@every_recording
def test_each_piece_is_shown_once_with_its_order(name: str) -> None:
    state, missing = FactoryState(), dict[str, float]()
    for message in recording(name):
        at = message.received_at
        state.apply(message, at)
        pieces = placed_pieces(state)
        tags = Counter(piece.load.workpiece_id for piece in pieces if piece.load.workpiece_id)
        shown = Counter(piece.order.id for piece in pieces if piece.order)
        twice = [key for counts in (tags, shown) for key, count in counts.items() if count > 1]
        assert not twice, (message.topic, pieces)
        for order_id in state.active_orders:
            if not _outside(state.orders[order_id]) or order_id in shown:
                missing.pop(order_id, None)
            elif at - missing.setdefault(order_id, at) > JUDGED_S:
                pytest.fail(f"the piece of {order_id} is nowhere: {message.topic} {pieces}")
