"""What people read of the pieces that a vehicle or a module carries."""

from collections.abc import Mapping
from dataclasses import dataclass

from omf.state.values import CarriedLoad
from omf.state.vehicles import Vehicle
from services.ui.translator import Translator


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
