"""What an operator may tell the CCU (PROTOCOL C.5 to C.16). Layout, flows, settings: ccu.py."""

from typing import Annotated

from omf.messages.base import Many, Number, Record, Serial, Stamp, Written
from omf.messages.parts import Reference

CALIBRATION_COMMANDS = (
    "startCalibration",
    "stopCalibration",
    "setCalibrationValues",
    "storeCalibrationValues",
    "selectCalibrationPosition",
    "testCalibrationPosition",
    "resetCalibration",
)


class SetReset(Record):
    """Resets the factory; without timestamp it is ignored (C.5)."""

    timestamp: Stamp = None
    with_storage: bool | None = None


class SetCharge(Record):
    """Sends a vehicle to the charger or ends charging (C.6)."""

    serial_number: Serial = None
    charge: Annotated[bool | None, Written()] = None


class SetPark(Record):
    """Moves DPS and HBW to their parking position (C.7)."""

    timestamp: Stamp = None


class SetDefaultLayout(Record):
    """Brings back the layout of the vendor (C.11)."""

    timestamp: Stamp = None


class SetCalibration(Record):
    """Becomes the instant action of the same name (C.8)."""

    timestamp: Stamp = None
    serial_number: Serial = None
    command: Annotated[str | None, Written(one_of=CALIBRATION_COMMANDS)] = None
    position: str | None = None
    references: Many[Reference] | None = None
    factory: bool | None = None


class SetModuleDuration(Record):
    """Sets the processing time of MILL, DRILL or OVEN in seconds (C.14)."""

    serial_number: Serial = None
    duration: Annotated[Number | None, Written()] = None


class SetDeleteModule(Record):
    """Makes the CCU forget a module and clear its retained topics (C.15)."""

    serial_number: Serial = None


class PairVehicle(Record):
    """Starts docking of an unpaired vehicle at the DPS (C.16)."""

    serial_number: Serial = None
