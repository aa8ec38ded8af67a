"""Payloads of the TXT controllers of DPS and AIQS (PROTOCOL B.9, C.26, C.27)."""

from typing import Annotated

from omf.messages.base import Int, Many, Number, Record, Stamp, Written
from omf.messages.parts import HistoryEntry

CAMERA_MOVES = (
    "home",
    "relmove_up",
    "relmove_down",
    "relmove_left",
    "relmove_right",
    "start_pan",
    "end_pan",
    "start_tilt",
    "end_tilt",
)


class Bme680(Record):
    """Room air: t °C, h %, p hPa, iaq index, aq its accuracy 0..3; rt, rh, gr are always 0."""

    ts: str | None = None
    t: Number | None = None
    h: Number | None = None
    p: Number | None = None
    iaq: Number | None = None
    aq: Int | None = None
    rt: Number | None = None
    rh: Number | None = None
    gr: Number | None = None


class Ldr(Record):
    """Brightness: br %, ldr Ω."""

    ts: str | None = None
    br: Number | None = None
    ldr: Number | None = None


class CameraFrame(Record):
    """One picture as a data URI, JPEG of about 10 kB."""

    ts: str | None = None
    data: str | None


class QualityCheck(Record):
    """Result of one quality check with its picture, a PNG data URI of 90 to 220 kB."""

    ts: str | None = None
    result: str | None
    """PASSED or FAILED."""
    classification: str | None = None
    """BOHO, MIPO2, BOHOMIPO1, BOHOMIPO2 or CRACK."""
    classification_desc: str | None = None
    num: Int | None = None
    data: str | None = None


class TxtBroadcast(Record):
    """A TXT controller has started."""

    ts: str | None = None
    hardware_id: str | None = None
    hardware_model: str | None = None
    software_name: str | None = None
    software_version: str | None = None
    message: str | None = None


class CloudWarehouses(Record):
    """Serial numbers of the high-bay warehouses."""

    ts: str | None = None
    warehouses: Many[str] = ()


class KeepAlive(Record):
    """A user interface is open."""

    ts: str | None = None
    message: str | None = None


class SensorPeriod(Record):
    """How often the sensor reports, seconds, at least 1."""

    ts: Stamp = None
    period: Annotated[Number | None, Written()] = None


class SetCamera(Record):
    """Switches the camera; fps must be above 0 (C.26)."""

    ts: Stamp = None
    on: Annotated[bool | None, Written()] = None
    fps: Annotated[Number | None, Written()] = None


class CameraMove(Record):
    """Moves the camera; `degree` with the relative moves."""

    ts: Stamp = None
    cmd: Annotated[str | None, Written(one_of=CAMERA_MOVES)] = None
    degree: Number | None = None


class NfcRequest(Record):
    """Reads or deletes the NFC tag on the DPS; from the program alone."""

    cmd: Annotated[str | None, Written(one_of=("read", "delete"))] = None


class NfcWorkpiece(Record):
    """The workpiece a tag belongs to."""

    id: str | None = None
    state: str | None = None
    type: str | None = None


class NfcAnswer(Record):
    """What stands on the NFC tag; from the program alone."""

    ts: str | None = None
    workpiece: NfcWorkpiece | None = None
    history: Many[HistoryEntry] = ()
