"""What people call the things of a factory: a module as the site named it, or by its type.

Every name of a device that a person reads is made here.
"""

from omf.state.model import Factory
from omf.state.orders import Order
from omf.terms import after, spoken, term, way
from omf.texts import Text, joined, verbatim

SHORT_ID = 8
"""So many characters of a long id are enough to tell two apart."""


def device_name(state: Factory, serial: str) -> Text:
    """The name the site gave it, else `DRILL`, `FTS 5iO4`; with the serial where two are of a type.

    Only the serial where the type is unknown; `serial/txt` is the TXT behind a module.
    """
    device, _, behind = serial.partition("/")
    if behind:
        return joined(" ", [device_name(state, device), verbatim(behind.upper())])
    if (given := state.site.module_name(serial)) is not None:
        return given
    name = own_name(state, serial)
    # One that came later than the name of another one that is called so.
    taken = name != serial and name.casefold() in state.site.given_names
    return verbatim(f"{name} {serial}" if taken else name)


def own_name(state: Factory, serial: str) -> str:
    """As it is called where the site gives it no name; what messages tell is kept under this."""
    if serial in state.vehicles:
        return f"FTS {serial}"
    kind = _kind(state, serial)
    if kind is None:
        return serial
    alike = sum(one.type == kind for one in state.modules.values())
    return f"{kind} {serial}" if alike > 1 else kind


def place_name(state: Factory, node: str | None) -> Text | None:
    """A node of the layout as people call it: the module there, else the number of the crossing."""
    if node is None:
        return None
    return device_name(state, node) if node in state.modules else verbatim(node)


def station_name(state: Factory, kind: str, serial: str | None = None) -> Text:
    """The station of a step, of which the type is told and sometimes the serial: `DRILL`.

    By the name the site gave to that module, or to the only one of the type.
    """
    alike = [one.serial for one in state.modules.values() if one.type == kind]
    found = serial or (alike[0] if len(alike) == 1 else "")
    return state.site.module_name(found) or verbatim(kind)


def way_name(state: Factory, source: str | None, target: str | None) -> Text:
    """A drive between two stations, as `terms.way` says it."""
    return way(*(_end(state, one) for one in (source, target)))


def step_name(state: Factory, named: str) -> Text:
    """A step of `DRILL.PICK` or `HBW > DRILL`: `DRILL takes the piece`, `vehicle drives …`."""
    start, drives, target = named.partition(" > ")
    if drives:
        return way_name(state, start, target)
    kind, _, command = named.partition(".")
    return after(station_name(state, kind), spoken(command, kind, "does"))


def _end(state: Factory, kind: str | None) -> Text | str | None:
    return kind if kind in (None, "", "START") else station_name(state, kind)


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
