"""What people read of the pieces that a vehicle or a module carries, and of their orders."""

from collections.abc import Mapping
from dataclasses import dataclass

from omf.state.device import ACTION_ENDED
from omf.state.device_names import short
from omf.state.modules import Module
from omf.state.piece_positions import PlacedPiece, placed_pieces
from omf.state.values import CarriedLoad
from omf.state.vehicles import Vehicle
from services.ui.live.model import ViewModel
from services.ui.translator import Translator
from services.ui.views.device_status import order_of


@dataclass(frozen=True, slots=True)
class Aboard:
    """One bay of a vehicle, or a piece somewhere on board of which no bay was told."""

    name: str
    """Empty where no bay was told."""
    load: CarriedLoad | None
    known: bool = True
    """False: whether anything lies in the bay was not told."""

    def words(self, say: Translator) -> str:
        """The bay with what lies in it: `2: Red 04798eca`."""
        place = self.name or say("vehicle.unplaced")
        return f"{place}: {load_words(self.load, say) if self.known else say('unknown')}"


def load_words(load: CarriedLoad | None, say: Translator) -> str:
    """Colour and tag of a piece, or that nothing lies there."""
    if load is None:
        return say("stock.empty")
    return " ".join(word for word in (say.known("colour", load.colour), load.workpiece_id) if word)


def aboard(
    vehicle: Vehicle, loads: Mapping[str, CarriedLoad | None] | None = None
) -> dict[str, Aboard]:
    """Every bay of a vehicle by its name, then the pieces without one; `loads` as `on_vehicle`."""
    told = vehicle.bays if loads is None else loads
    bays = {name: Aboard(name, told.get(name), name in told) for name in vehicle.bay_names}
    return bays | {f"+{n}": Aboard("", load) for n, load in enumerate(vehicle.unplaced)}


def pieces_on(serial: str, model: ViewModel) -> list[PlacedPiece]:
    """The pieces shown on a device, each at this place only."""
    placed = model.shared("placed-pieces", lambda: placed_pieces(model.factory))
    return [piece for piece in placed if piece.device == serial]


def order_tag(order_id: str, model: ViewModel, say: Translator) -> str:
    """The colour of an order and the beginning of its id: `White 808af799`; empty for none."""
    order = model.factory.orders.get(order_id)
    colour = say.known("colour", order.colour) if order and order.colour else ""
    return " ".join(word for word in (colour, short(order_id)) if word)


def order_tags(device: Module | Vehicle, model: ViewModel, say: Translator) -> list[str]:
    """The orders a device works for and those of the pieces it has, each once.

    A module that has given its piece away works for nobody, though it goes on naming the order.
    """
    aboard = [piece.order.id for piece in pieces_on(device.serial, model) if piece.order]
    action = device.action
    acting = isinstance(device, Vehicle) or (action and action.state not in ACTION_ENDED)
    named = [order_of(device, model) if acting else "", *aboard]
    return [order_tag(one, model, say) for one in dict.fromkeys(filter(None, named))]


def piece_words(piece: PlacedPiece, model: ViewModel, say: Translator) -> str:
    """Colour, tag and order of a piece, with its bay where it has one."""
    words = load_words(piece.load, say)
    order = (
        say("floor.for_order", order=order_tag(piece.order.id, model, say)) if piece.order else ""
    )
    return " ".join(word for word in (f"{piece.bay}:" if piece.bay else "", words, order) if word)
