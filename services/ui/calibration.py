"""Where the calibration of a module stands, by the factory's words and by the commands sent so far.

Nothing of it is the browser's: whoever opens the page next sees the same (PROTOCOL B.8, C.8).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from omf.factory.modules import Module
from services.common.streams import CommandRecord, Stage
from services.ui import formats
from services.ui.model import ViewModel
from services.ui.offers import Offer

KIND = "calibration"
START, STOP = "startCalibration", "stopCalibration"
SET, STORE, RESET = "setCalibrationValues", "storeCalibrationValues", "resetCalibration"
SELECT, TEST = "selectCalibrationPosition", "testCalibrationPosition"
AVAILABLE, CURRENT = "POSITIONS.AVAILABLE", "POSITIONS.CURRENT"
MOST_RECORDS = 500

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Calibration:
    """What is known of one module; `told_at` is when the CCU told the values, Unix seconds."""

    on: bool
    positions: tuple[str, ...] = ()
    current: str = ""
    values: Mapping[str, Scalar] = field(default_factory=dict)
    told_at: float | None = None
    unsaved: CommandRecord | None = None
    """The command whose values are lost unless they are stored."""


def of(model: ViewModel, module: Module) -> Calibration:
    """The calibration of a module that has one."""
    on = bool(module.calibrating) or module.operating_mode == "TEACHIN"
    unsaved = not_stored(model.commands.newest(MOST_RECORDS), module.serial) if on else None
    told = model.factory.plant.calibrations.get(module.serial)
    if told is None:
        return Calibration(on, unsaved=unsaved)
    status = {one.reference_key: one.reference_value for one in told.status_references}
    return Calibration(
        on,
        positions=tuple(filter(None, str(status.get(AVAILABLE) or "").split(","))),
        current=str(status.get(CURRENT) or ""),
        values={one.reference_key: one.reference_value for one in told.references},
        told_at=formats.stamp(told.timestamp),
        unsaved=unsaved,
    )


def not_stored(newest_first: Iterable[CommandRecord], serial: str) -> CommandRecord | None:
    """The last command that set values and was not followed by one that keeps or drops them."""
    for record in newest_first:
        command, given = record.command, record.command.parameters
        if command.kind != KIND or given.get("serial") != serial or not _done(record):
            continue
        if given.get("command") == SET:
            return record
        if given.get("command") in {START, STOP, STORE, RESET}:
            return None
    return None


def _done(record: CommandRecord) -> bool:
    return any(event.stage is Stage.EFFECT for event in record.events)


def acts(module: Module, found: Calibration) -> list[Offer]:
    """What can be done as a whole: begin; or store, go back to the values of old, and end."""
    commands = (STORE, RESET, STOP) if found.on else (START,)
    return [_offer(module, command) for command in commands]


def moves(module: Module, position: str) -> list[Offer]:
    """What can be done with one position."""
    return [_offer(module, command, position=position) for command in (SELECT, TEST)]


def change(module: Module, key: str, value: Scalar) -> Offer:
    """One value to be changed, opened as it is now."""
    return _offer(module, SET, references=[{"referenceKey": key, "referenceValue": value}])


def _offer(module: Module, command: str, **more: object) -> Offer:
    return Offer(KIND, {"serial": module.serial, "command": command, **more}, {}, command)
