"""Pieces outside the store: after a factory reset they lie there still, and no order knows them."""

from omf.state.device_names import device_name
from omf.state.model import Factory
from omf.state.piece_positions import PlacedPiece, placed_pieces


def loose_pieces(state: Factory) -> list[tuple[str, str | None]]:
    """Where each one is, in words (`DRILL`, `FTS 5iO4/1`), and its colour, None if unknown."""
    return [(_place(state, piece), piece.load.colour) for piece in placed_pieces(state)]


def _place(state: Factory, piece: PlacedPiece) -> str:
    name = device_name(state, piece.device)
    return f"{name}/{piece.bay}" if piece.bay else name
