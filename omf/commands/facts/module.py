"""What interlocks ask about a module; None means it has not told."""

from typing import Literal

from omf.commands.facts.factory import CHARGER, DELIVERY, every
from omf.state import FactoryState, Module
from omf.state.modules import WAREHOUSE

Inner = Literal["IDLE", "PICKED", "PROCESSED", "BUSY"]
"""Where a module stands between taking a piece and giving it back (PROTOCOL C.20)."""
PROCESS_COMMANDS = {"MILL": "MILL", "DRILL": "DRILL", "AIQS": "CHECK_QUALITY", "OVEN": "FIRE"}
"""The working command of each module type that works on a piece."""
COMMANDS_BY_TYPE: dict[str, tuple[str, ...]] = {
    WAREHOUSE: ("PICK", "DROP"),
    DELIVERY: ("PICK", "DROP"),
    **{kind: ("PICK", work, "DROP") for kind, work in PROCESS_COMMANDS.items()},
}
"""Order commands of each module type (PROTOCOL A.2)."""
RISING = ("MILL", "DRILL")
"""Types whose bridge takes a further command only with a higher orderUpdateId."""


def module(state: FactoryState, serial: str | None) -> Module | None:
    """The module of that serial, None if it was never heard of."""
    return state.modules.get(serial) if serial else None


def of_type(state: FactoryState, serial: str | None, types: tuple[str, ...]) -> bool | None:
    """The serial belongs to a module of one of these types (PROTOCOL F.32)."""
    found = module(state, serial)
    return None if found is None or found.type is None else found.type in types


def takes(state: FactoryState, serial: str | None, command: str) -> bool | None:
    """The module knows the command."""
    found = module(state, serial)
    if found is None or found.type is None:
        return None
    return command in COMMANDS_BY_TYPE.get(found.type, ())


def free(state: FactoryState, serial: str | None) -> bool | None:
    """The module itself does nothing now and is not being calibrated; a failure ends an action."""
    found = module(state, serial)
    if found is None or (found.available is None and not found.state_known):
        return None
    return inner(found) != "BUSY" and not calibrating(state, serial)


def ready(state: FactoryState, serial: str | None) -> bool | None:
    """The module does nothing now and nothing blocks it."""
    found = module(state, serial)
    if found is None or (found.available is None and not found.state_known):
        return None
    if found.available is not None and found.available != "READY":
        return False
    return inner(found) != "BUSY"


def unassigned(state: FactoryState, serial: str | None, command: str) -> bool | None:
    """No order has the module, or the one that goes on here does.

    With a piece on it the CCU calls a module assigned, to a manual order as well (PROTOCOL D.4,
    F.12); its own orders are kept out by `ccu-idle`.
    """
    found = module(state, serial)
    if found is None or found.assigned is None:
        return None
    last = found.ordered
    goes_on = command != "PICK" and last is not None and last.order_id == found.order_id
    # A piece handed in is nobody's until the CCU has ordered its storage.
    handed_in = command == "DROP" and found.type == DELIVERY and not found.order_id
    return not found.assigned or goes_on or handed_in


def inner(found: Module) -> Inner | None:
    """Where the module stands, read from its last action; None after a failure."""
    action = found.action
    if action is None:
        return "IDLE" if found.state_known else None
    if action.state == "FAILED":
        return None
    if action.state != "FINISHED":
        return "BUSY"
    if action.command == "PICK":
        return "PICKED"
    passed = action.result != "FAILED"
    # A piece that failed the check has left the AIQS: it is free again (PROTOCOL D.2).
    return "PROCESSED" if action.command in PROCESS_COMMANDS.values() and passed else "IDLE"


def fits(state: FactoryState, serial: str | None, command: str) -> bool | None:
    """The module's place between PICK and DROP admits the command (PROTOCOL C.20)."""
    found = module(state, serial)
    if found is None or found.type not in PROCESS_COMMANDS:
        return None if found is None or found.type is None else True
    now = inner(found)
    wanted = {"PICK": "IDLE", "DROP": "PROCESSED"}.get(command, "PICKED")
    return None if now is None else now == wanted


def piece_there(state: FactoryState, serial: str | None, command: str) -> bool | None:
    """A piece lies on the module for work and DROP; for PICK a vehicle brings one to an empty one.

    PICK without a vehicle that carries something stays unknown: a person may lay the piece there.
    """
    found = module(state, serial)
    if found is None or not found.loads_known or found.type is None:
        return None
    if command != "PICK":
        return bool(found.loads)
    return False if found.loads else True if brought(state, found.serial) else None


def brought(state: FactoryState, serial: str) -> bool:
    """A vehicle stands at the module and carries a piece."""
    there = (v for v in state.vehicles.values() if v.last_node == serial and not v.driving)
    return any(load is not None for v in there for load in v.bays.values())


def input_there(state: FactoryState, serial: str | None) -> bool | None:
    """A piece that was handed in lies in the delivery station."""
    found = module(state, serial)
    return None if found is None or not found.loads_known else bool(found.loads)


def answers(state: FactoryState, serial: str | None) -> bool | None:
    """The module speaks for itself over MQTT; the charger does not (PROTOCOL A.2)."""
    found = module(state, serial)
    if found is None:
        return None
    spoke = found.connection is not None or found.state_known or found.messages > 0
    return spoke if spoke or found.type == CHARGER else None


def stores(state: FactoryState, serial: str | None, colour: str) -> bool | None:
    """The warehouse itself reports a piece of that colour."""
    found = module(state, serial)
    if found is None or not found.bays:
        return None
    there = any(load is not None and load.colour == colour for load in found.bays.values())
    return True if there else None if not found.loads_known else False


def has_room(state: FactoryState, serial: str | None) -> bool | None:
    """The warehouse itself reports an empty bay."""
    found = module(state, serial)
    if found is None or not found.bays:
        return None
    return True if None in found.bays.values() else None if not found.loads_known else False


def any_room(state: FactoryState) -> bool | None:
    """One of the warehouses reports an empty bay; None while one has not told."""
    stores = [serial for serial, one in state.modules.items() if one.type == WAREHOUSE]
    answers = [has_room(state, serial) for serial in stores] or [None]
    return True if True in answers else every(answers)


def calibratable(state: FactoryState, serial: str | None) -> bool | None:
    """The CCU says that the module can be calibrated."""
    found = module(state, serial)
    return None if found is None else found.has_calibration


def parkable(state: FactoryState, types: tuple[str, ...]) -> bool | None:
    """Every module of these types is READY, or calibrates already, which can be begun anew (C.8).

    None while one of the types is unknown.
    """
    answers: list[bool | None] = []
    for wanted in types:
        serials = [serial for serial, m in state.modules.items() if m.type == wanted]
        answers += [calibration_open(state, one, "startCalibration") for one in serials] or [None]
    return every(answers)


def calibrating(state: FactoryState, serial: str | None) -> bool | None:
    """The module is being calibrated, by its own word or the CCU's."""
    found = module(state, serial)
    return None if found is None else found.operating_mode == "TEACHIN" or bool(found.calibrating)


def calibration_open(state: FactoryState, serial: str | None, command: str) -> bool | None:
    """The module takes a calibration command: the first while READY, the others after it (C.8)."""
    taught = calibrating(state, serial)
    if taught is None:
        return None
    if command != "startCalibration":
        return taught
    return True if taught else ready(state, serial)


def duration_is(state: FactoryState, serial: str | None, seconds: float) -> bool | None:
    """The CCU names that processing time already; None while it names none."""
    found = module(state, serial)
    told = found.production_duration if found is not None else None
    return None if told is None else told == seconds
