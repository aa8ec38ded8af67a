"""Manual operation of modules: single steps and sequences (PROTOCOL C.17, C.20)."""

from typing import Any, Literal

from omf.commands.defaults import the_module
from omf.commands.encoding import without_none
from omf.commands.facts.module import PROCESS_COMMANDS
from omf.commands.forms import Colour, Count, Form, Id, Seconds, Serial, WorkpieceId, field
from omf.commands.module_orders import BracketIds, first_update_id, module_order, open_bracket
from omf.commands.schemas import Drafting, Kind, PlannedStep
from omf.state import FactoryState
from omf.texts import text

DURATION_S = 5
"""Every recorded order said 5; without it the bridge takes 2 (PROTOCOL A.3)."""
TIMED_TYPES = ("MILL", "DRILL", "FIRE")
SEQUENCE_METADATA = {"priority": "NORMAL", "timeout": 300}
"""Sent along with the steps of a sequence; no module reads either (PROTOCOL F.10)."""
STEP_EXPIRY_S = 5.0
"""Somebody stands beside the machine: what does not move at once must not move later."""
MANUAL_CHECKS = (
    *("ccu-idle", "bridge-up", "module-connected"),
    *("module-free", "module-ready", "module-unassigned"),
)
"""What every manual order to a module asks first."""

Command = Literal["PICK", "DROP", "MILL", "DRILL", "CHECK_QUALITY", "FIRE"]
Sequenced = Literal["AIQS", "MILL", "DRILL"]
Mode = Literal["automatic", "stepwise"]


class _Work(Form):
    colour: Colour = field("field.colour")
    workpiece_id: WorkpieceId | None = field("field.workpiece_id", None)
    duration: Seconds = field("field.duration_s", DURATION_S)


class ModuleSequence(_Work):
    """PICK, process and DROP of one piece, in one bracket."""

    module: Sequenced = field("field.module")
    mode: Mode = field(
        "field.mode",
        "automatic",
        hint="hint.stepwise",
    )
    serial: Serial | None = field("field.serial_number", None)


class ModuleStep(_Work):
    """One command of a module, alone or inside the bracket open on it."""

    serial: Serial = field("field.serial_number")
    command: Command = field("field.command")
    order_id: Id | None = field("field.sequence_orderid", None)
    order_update_id: Count | None = field("field.order_update_id", None)


def _resolve(form: ModuleSequence, state: FactoryState) -> ModuleSequence:
    return form.model_copy(update={"serial": the_module(state, form.module, form.serial)})


def metadata(form: _Work, command: str) -> dict[str, Any]:
    """What the module reads of a step (PROTOCOL A.3, F.10)."""
    if command in TIMED_TYPES:
        return {"type": form.colour, "duration": form.duration}
    return without_none(type=form.colour, workpieceId=form.workpiece_id)


def module_sequence(form: ModuleSequence, draft: Drafting) -> tuple[PlannedStep, ...]:
    """Three orders under one orderId, orderUpdateId rising, one action id each (F.8, F.9)."""
    serial = str(form.serial)
    order_id, first = draft.new_id(), first_update_id(draft.state, serial)
    commands = ("PICK", PROCESS_COMMANDS[form.module], "DROP")
    return tuple(
        module_order(
            draft,
            serial,
            command,
            metadata(form, command) | SEQUENCE_METADATA,
            BracketIds(order_id, first + index),
        )
        for index, command in enumerate(commands)
    )


def module_step(form: ModuleStep, draft: Drafting) -> tuple[PlannedStep, ...]:
    """One order: under the ids given, else in the bracket open on the module, else in a new one."""
    bracket = _bracket(form, draft)
    return (module_order(draft, form.serial, form.command, metadata(form, form.command), bracket),)


def _bracket(form: ModuleStep, draft: Drafting) -> BracketIds:
    seen = open_bracket(draft.state, form.serial, form.command)
    if form.order_id is None and seen is not None:
        return seen
    first = first_update_id(draft.state, form.serial)
    if seen is not None and seen.order_id == form.order_id:
        first = seen.order_update_id
    number = first if form.order_update_id is None else form.order_update_id
    return BracketIds(form.order_id or draft.new_id(), number)


KINDS = (
    Kind(
        name="module-sequence",
        reads=text("kind.module-sequence.reads"),
        parameters=ModuleSequence,
        build=module_sequence,
        resolve=_resolve,
        interlocks=("module-matches", *MANUAL_CHECKS, "module-sound", "step-fits", "piece-there"),
        risk="guarded",
        role="supervisor",
        expiry_s=STEP_EXPIRY_S,
        once=True,
        moves=True,
        source="C.17, C.20, F.8",
    ),
    Kind(
        name="module-step",
        parameters=ModuleStep,
        build=module_step,
        interlocks=("module-type", *MANUAL_CHECKS, "module-sound", "step-fits", "piece-there"),
        risk="guarded",
        role="supervisor",
        expiry_s=STEP_EXPIRY_S,
        once=True,
        moves=True,
        source="C.17, C.20",
    ),
)
