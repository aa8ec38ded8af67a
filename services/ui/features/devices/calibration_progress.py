"""Where the calibration of a module stands, by the factory's words and by the commands sent so far.

Nothing of it is the browser's: whoever opens the page next sees the same (PROTOCOL B.8, C.8).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from omf.messages.base import Scalar
from omf.messages.parts import Reference
from omf.state.modules import Module
from services.common.store.keys import CommandRecord, Stage
from services.ui import formats
from services.ui.live.model import ViewModel
from services.ui.views.available_commands import CommandSuggestion

KIND = "calibration"
START, STOP = "startCalibration", "stopCalibration"
SET, STORE, RESET = "setCalibrationValues", "storeCalibrationValues", "resetCalibration"
SELECT, TEST = "selectCalibrationPosition", "testCalibrationPosition"
AVAILABLE, CURRENT = "POSITIONS.AVAILABLE", "POSITIONS.CURRENT"
LOSE = "loseCalibration"
"""The word for an end that loses what was changed."""
NOTHING_SET = frozenset({Stage.REQUESTED, Stage.REFUSED, Stage.EXPIRED, Stage.FAILED})
"""How a command stands whose values the module does not have; of any other nobody can be sure."""
MOST_RECORDS = 500


@dataclass(frozen=True, slots=True)
class CalibrationProgress:
    """What is known of one module; `told_at` is when the CCU told the values, Unix seconds."""

    on: bool
    positions: tuple[str, ...] = ()
    current: str = ""
    values: Mapping[str, Scalar] = field(default_factory=dict)
    told_at: float | None = None
    unsaved: CommandRecord | None = None
    """The command whose values are lost unless they are stored."""


def of(model: ViewModel, module: Module) -> CalibrationProgress:
    """The calibration of a module that has one."""
    on = bool(module.calibrating) or module.operating_mode == "TEACHIN"
    unsaved = not_stored(model.commands.newest(MOST_RECORDS), module.serial) if on else None
    told = model.factory.plant.calibrations.get(module.serial)
    if told is None:
        return CalibrationProgress(on, unsaved=unsaved)
    status = _values(told.status_references)
    return CalibrationProgress(
        on,
        positions=tuple(filter(None, str(status.get(AVAILABLE) or "").split(","))),
        current=str(status.get(CURRENT) or ""),
        values=_values(told.references),
        told_at=formats.stamp(told.timestamp),
        unsaved=unsaved,
    )


def _values(references: Iterable[Reference]) -> dict[str, Scalar]:
    return {one.reference_key: one.reference_value for one in references if one.reference_key}


def not_stored(newest_first: Iterable[CommandRecord], serial: str) -> CommandRecord | None:
    """The last command that may have set values, with none behind it that kept or dropped them."""
    for record in newest_first:
        command, given = record.command, record.command.parameters
        if command.kind != KIND or given.get("serial") != serial:
            continue
        if given.get("command") == SET and record.stage not in NOTHING_SET:
            return record
        if given.get("command") in {START, STOP, STORE, RESET} and _done(record):
            return None
    return None


def _done(record: CommandRecord) -> bool:
    return any(event.stage is Stage.EFFECT for event in record.events)


def acts(module: Module, found: CalibrationProgress) -> list[CommandSuggestion]:
    """What can be done as a whole: begin; or store, go back to the values of old, and end."""
    if not found.on:
        return [_suggestion(module, START)]
    end = replace(_suggestion(module, STOP), detail=LOSE if found.unsaved else STOP)
    return [_suggestion(module, STORE), _suggestion(module, RESET), end]


def moves(module: Module, position: str) -> list[CommandSuggestion]:
    """What can be done with one position."""
    return [_suggestion(module, command, position=position) for command in (SELECT, TEST)]


def change(module: Module, key: str, value: Scalar) -> CommandSuggestion:
    """One value to be changed to this."""
    return _suggestion(module, SET, references=[{"referenceKey": key, "referenceValue": value}])


def typed(text: str) -> Scalar:
    """A number where one was typed, else the text."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return found if isinstance(found, int | float) else text


def _suggestion(module: Module, command: str, **more: object) -> CommandSuggestion:
    return CommandSuggestion(
        KIND, {"serial": module.serial, "command": command, **more}, {}, command
    )
