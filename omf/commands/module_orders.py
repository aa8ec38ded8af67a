"""One order message to one module, and the ids of the bracket it belongs to (PROTOCOL B.4, A.3)."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from omf.commands.effects import module_action
from omf.commands.encoding import dump, timestamp
from omf.commands.facts.module import PROCESS_COMMANDS, RISING, inner, module
from omf.commands.schemas import Drafting, PlannedStep
from omf.state import FactoryState
from omf.state.device_names import device_name
from omf.texts import text
from omf.topics.catalogue import address

NAMES = {
    "PICK": text("module_act.take_piece"),
    "DROP": text("module_act.give_piece_back"),
    "MILL": text("module_act.mill"),
    "DRILL": text("module_act.drill"),
    "CHECK_QUALITY": text("module_act.check_quality"),
    "FIRE": text("module_act.fire"),
}


class BracketIds(NamedTuple):
    """The ids a command goes out under."""

    order_id: str
    order_update_id: int


def module_order(
    draft: Drafting, serial: str, command: str, metadata: Mapping[str, Any], bracket: BracketIds
) -> PlannedStep:
    """The step that sends this command under these ids; its action id is fresh."""
    action_id = draft.new_id()
    body = {
        "timestamp": timestamp(draft.now),
        "serialNumber": serial,
        "orderId": bracket.order_id,
        "orderUpdateId": bracket.order_update_id,
        "action": {"id": action_id, "command": command, "metadata": dict(metadata)},
    }
    name, device = NAMES[command], device_name(draft.state, serial)
    return PlannedStep(
        topic=address("module_order", serial=serial),
        payload=dump(body),
        title=text("step.of_device", device=device, what=name),
        effect=module_action(serial, bracket.order_id, bracket.order_update_id, action_id),
        device=serial,
        order_id=bracket.order_id,
        order_update_id=bracket.order_update_id,
        action_id=action_id,
    )


def open_bracket(state: FactoryState, serial: str, command: str) -> BracketIds | None:
    """The ids that continue what was begun on the module; None if nothing is open there.

    Read from the last order seen on the module's topic, for AIQS never reports the number.
    """
    found = module(state, serial)
    if (
        found is None
        or command == "PICK"
        or inner(found) == "IDLE"
        or found.type not in PROCESS_COMMANDS
    ):
        return None
    last = found.ordered
    if last is None or last.command == "DROP":
        return None
    return BracketIds(last.order_id, (last.order_update_id or 0) + 1)


def first_update_id(state: FactoryState, serial: str) -> int:
    """1, or more where the module still counts an unfinished order.

    MILL and DRILL forget their number only when a DROP ends; until then even a new orderId needs
    a higher one (PROTOCOL C.20).
    """
    found = module(state, serial)
    if found is None or found.type not in RISING or inner(found) == "IDLE":
        return 1
    return (found.order_update_id or 0) + 1
