"""What the CCU tells about the factory: pairing, stock, layout, settings (PROTOCOL B.8)."""

from typing import Annotated

from pydantic import Field

from omf.messages.base import Int, Json, Many, Number, Record, Written, text_or_none
from omf.messages.parts import Reference


class PairedModule(Record):
    """The CCU's word on a module. The charger has no ip, version or last_seen."""

    serial_number: str | None
    type: str | None = None
    sub_type: str | None = None
    """HBW, DRILL, MILL, DPS, AIQS, CHRG, OVEN."""
    connected: bool | None = None
    available: str | None = None
    """READY, BUSY or BLOCKED."""
    assigned: bool | None = None
    paired_since: str | None = None
    ip: str | None = None
    version: str | None = None
    last_seen: str | None = None
    has_calibration: bool | None = None
    production_duration: Number | None = None
    """Seconds; MILL and DRILL only."""
    calibrating: bool | None = None


class PairedVehicle(Record):
    """The CCU's word on a vehicle. `last_seen` is its last connect, hours old."""

    serial_number: str | None
    type: str | None = None
    connected: bool | None = None
    available: str | None = None
    ip: str | None = None
    version: str | None = None
    last_seen: str | None = None
    charging: bool | None = None
    battery_voltage: Number | None = None
    battery_percentage: Number | None = None
    last_node_id: str | None = None
    last_module_serial_number: str | None = None
    last_load_position: str | None = None
    paired_since: str | None = None


class PairingState(Record):
    """All devices the CCU knows and whether it would use them now."""

    modules: Many[PairedModule] = ()
    transports: Many[PairedVehicle] = ()

    @property
    def complete(self) -> tuple[bool, bool]:
        """Whether all modules, and all vehicles, are told: only then is who is missing gone."""
        serials = {
            "modules": [one.serial_number for one in self.modules],
            "transports": [one.serial_number for one in self.transports],
        }
        modules, vehicles = (
            name in self.model_fields_set and name not in self.unread and None not in told
            for name, told in serials.items()
        )
        return modules, vehicles


class StockWorkpiece(Record):
    """What lies in a bay; empty strings mean nothing does (F.26)."""

    id: str | None = None
    type: str | None = None
    state: str | None = None
    """RAW or RESERVED."""


class StockItem(Record):
    """One bay of a high-bay warehouse."""

    workpiece: StockWorkpiece | None = None
    location: str | None
    """A1 to C3."""
    hbw: str | None = None

    @property
    def empty(self) -> bool:
        """True when nothing lies in the bay."""
        piece = self.workpiece
        return piece is None or not (text_or_none(piece.type) or text_or_none(piece.id))

    @property
    def known(self) -> bool:
        """False when what would tell whether something lies there could not be read."""
        unread = self.unread | (self.workpiece.unread if self.workpiece else frozenset())
        return not self.empty or unread.isdisjoint({"workpiece", "type", "id"})


class StockReport(Record):
    """All nine bays of each warehouse; the CCU's view, the HBW has its own."""

    ts: str | None = None
    stock_items: Many[StockItem] | None


class LayoutModule(Record):
    """A module's place; `placeholder` until a device of that type has shown itself."""

    type: str | None
    serial_number: str | None
    placeholder: bool | None = None


class Intersection(Record):
    """A crossing of roads."""

    id: str | None


class LayoutRoad(Record):
    """A road usable both ways; `direction` is given from `from` to `to`, `length` in mm."""

    start: str | None = Field(alias="from")
    end: str | None = Field(alias="to")
    direction: str | None
    length: Number | None


class ShopFloor(Record):
    """The layout: modules, intersections, roads. `ccu/set/layout` replaces it whole (C.10)."""

    modules: Many[LayoutModule] | None
    intersections: Many[Intersection] | None
    roads: Many[LayoutRoad] | None


class Flow(Record):
    """Module types a colour visits between warehouse and delivery."""

    steps: Many[str] | None


class Flows(Record):
    """Production flow of each colour; setting them changes only those named (C.12)."""

    red: Flow | None = Field(default=None, alias="RED")
    white: Flow | None = Field(default=None, alias="WHITE")
    blue: Flow | None = Field(default=None, alias="BLUE")

    def of(self, colour: str) -> tuple[str, ...] | None:
        """Return the steps of a colour, None when the message does not name it."""
        flow = {"RED": self.red, "WHITE": self.white, "BLUE": self.blue}.get(colour)
        return None if flow is None else flow.steps


class ProductionSettings(Record):
    """How many orders run at once."""

    max_parallel_orders: Int | None = None


class FtsSettings(Record):
    """When a vehicle goes charging."""

    charge_threshold_percent: Number | None = None


class FactoryConfig(Record):
    """The CCU's settings. Setting replaces everything: all three parts must be there (C.13)."""

    production_durations: Annotated[dict[str, Number] | None, Written()] = None
    """Seconds per colour."""
    production_settings: Annotated[ProductionSettings | None, Written()] = None
    fts_settings: Annotated[FtsSettings | None, Written()] = None


class VersionMismatch(Record):
    """Modules whose version the CCU does not expect."""

    timestamp: str | None = None
    ccu_version: str | None = None
    mismatched_modules: Many[Json] = ()


class CalibrationState(Record):
    """A module under calibration and its values."""

    timestamp: str | None = None
    serial_number: str | None = None
    calibrating: bool | None = None
    references: Many[Reference] = ()
    status_references: Many[Reference] = Field(default=(), alias="status_references")


class GlobalReset(Record):
    """Tells Node-RED to restart; one per factory reset (D.5)."""

    type: str | None
