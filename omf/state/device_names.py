"""What people call the things of a factory: the type of a module, the serial of a vehicle."""

from omf.state.model import Factory
from omf.state.orders import Order
from omf.terms import term
from omf.texts import Text, joined, verbatim

SHORT_ID = 8
"""So many characters of a long id are enough to tell two apart."""


def device_name(state: Factory, serial: str) -> str:
    """`DRILL`, `FTS 5iO4`; with the serial where two modules are of one type.

    Only the serial where the type is unknown; `serial/txt` is the TXT behind a module.
    """
    device, _, behind = serial.partition("/")
    if behind:
        return f"{device_name(state, device)} {behind.upper()}"
    if serial in state.vehicles:
        return f"FTS {serial}"
    kind = _kind(state, serial)
    if kind is None:
        return serial
    alike = sum(one.type == kind for one in state.modules.values())
    return f"{kind} {serial}" if alike > 1 else kind


def place_name(state: Factory, node: str | None) -> str | None:
    """A node of the layout as people call it: the module there, else the number of the crossing."""
    return node if node is None or node not in state.modules else device_name(state, node)


def short(identity: str) -> str:
    """The beginning of a long id."""
    return identity[:SHORT_ID]


def _kind(state: Factory, serial: str) -> str | None:
    module, layout = state.modules.get(serial), state.layout
    foreseen = layout.modules.get(serial) if layout else None
    return (module.type if module else None) or foreseen


def order_name(order: Order) -> Text:
    """An order by purpose, colour and the beginning of its id: `Production Red 808af799`."""
    kind, colour = term("order.type", order.type), term("colour", order.colour)
    return joined(" ", [kind, colour, verbatim(short(order.id))])
