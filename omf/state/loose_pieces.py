"""Pieces outside the store: after a factory reset they lie there still, and no order knows them."""

from omf.state.device_names import device_name, own_name
from omf.state.model import Factory
from omf.state.piece_positions import PlacedPiece, placed_pieces
from omf.texts import Text, joined, verbatim


def loose_pieces(state: Factory) -> list[tuple[str, str | None]]:
    """Where each one is (`DRILL`, `FTS 5iO4/1`), and its colour, None if unknown."""
    return [(_place(state, piece), piece.load.colour) for piece in placed_pieces(state)]


def place_words(state: Factory, where: str) -> Text:
    """Such a place by the name the site gave to the module."""
    name, slash, bay = where.partition("/")
    serial = next((one for one in state.modules if own_name(state, one) == name), None)
    called = device_name(state, serial) if serial else verbatim(name)
    return joined("", [called, verbatim(f"{slash}{bay}")])


def _place(state: Factory, piece: PlacedPiece) -> str:
    # Under its own name: what messages tell is folded the same whatever the site calls it.
    name = own_name(state, piece.device)
    return f"{name}/{piece.bay}" if piece.bay else name
