"""What the CCU says of the factory as a whole: floor, flows, settings, versions, calibration."""

from dataclasses import dataclass, field

from omf.layout.layout import Layout
from omf.layout.parts import LayoutFault
from omf.messages.ccu import CalibrationState, FactoryConfig, Flows, ShopFloor, VersionMismatch
from omf.messages.commands import SetCalibration
from omf.messages.extensions import ArduinoFactsheet
from omf.state.values import MAX_TEXT_CHARS, Arrival, clip

MAX_CALIBRATIONS = 32
CCU_START_S = 5.0
"""A CCU that starts publishes layout, flows and settings at once; people change one at a time."""
MAX_LAYOUT_FAULTS = 20


@dataclass(slots=True)
class Plant:
    """The newest message of each kind; the `*_at` are arrivals of live ones."""

    floor: ShopFloor | None = None
    """The layout as the CCU sent it, placeholders included."""
    layout: Layout | None = None
    """The same as a graph, as far as it can be drawn; None when nothing of it can."""
    layout_faults: tuple[LayoutFault, ...] = ()
    """What of it cannot be used; of many the first MAX_LAYOUT_FAULTS."""
    layout_at: float | None = None
    flows: Flows | None = None
    flows_at: float | None = None
    config: FactoryConfig | None = None
    config_at: float | None = None
    versions: VersionMismatch | None = None
    versions_at: float | None = None
    ccu_started_at: float | None = None
    """Arrival of the last time the CCU told all of them anew: it started, or connected anew."""
    warehouses: tuple[str, ...] = ()
    station: ArduinoFactsheet | None = None
    """The sensor station with its thresholds."""
    station_alarm: bool | None = None
    """Whether the station may sound its alarm."""
    calibrations: dict[str, CalibrationState] = field(default_factory=dict)
    unstored: dict[str, float] = field(default_factory=dict)
    """Since when values of a module under calibration are set and not stored, by its serial."""


def read_floor(plant: Plant, payload: ShopFloor, arrival: Arrival) -> None:
    """Take over a layout; what of it cannot be drawn is named."""
    plant.floor = payload
    plant.layout_at = arrival.news_at
    layout, faults = Layout.read(payload)
    plant.layout = layout if layout.nodes else None
    plant.layout_faults = tuple(
        LayoutFault(fault.text.cut(MAX_TEXT_CHARS)) for fault in faults[:MAX_LAYOUT_FAULTS]
    )


def note_start(plant: Plant) -> None:
    """Note that the CCU began anew, if layout, flows and settings have just come together."""
    told = (plant.layout_at, plant.flows_at, plant.config_at)
    known = [at for at in told if at is not None]
    if len(known) == len(told) and max(known) - min(known) <= CCU_START_S:
        plant.ccu_started_at = max(known)


def read_calibration(plant: Plant, serial: str, payload: CalibrationState) -> bool:
    """Take over the calibration of one module; True if that of the longest silent one left."""
    known = plant.calibrations
    known.pop(serial, None)
    known[serial] = payload
    full = len(known) > MAX_CALIBRATIONS
    if full:
        del known[next(iter(known))]
    return full


def note_calibration(plant: Plant, payload: SetCalibration, at: float) -> None:
    """Note a step of a calibration: values that are set are lost unless they are stored (C.8)."""
    serial = clip(payload.serial_number)
    if serial is None:
        return
    if payload.command == "setCalibrationValues" and len(plant.unstored) < MAX_CALIBRATIONS:
        plant.unstored.setdefault(serial, at)
    if payload.command in ("storeCalibrationValues", "resetCalibration", "stopCalibration"):
        plant.unstored.pop(serial, None)
