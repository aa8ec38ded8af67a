"""What is known of one factory: the data of the fold, and how a device comes to be known."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import TypeVar

from omf.alarms.handover import PendingHandover
from omf.alarms.life import AlarmLife, AlarmLoad
from omf.alarms.monitoring import MonitoringAlert
from omf.alarms.rule_data import BUILT_IN, AlarmRules
from omf.layout.layout import Layout
from omf.messages.ccu import FactoryConfig, Flows
from omf.payload_shapes.shape import ShapeDrift
from omf.site.settings import SiteSettings
from omf.state.camera_view import CameraView
from omf.state.ccu_reports import Plant
from omf.state.limit_watch import WatchedValue
from omf.state.links import MAX_LINKS, CameraPicture, LinkLoss, PartLink
from omf.state.modules import Module
from omf.state.orders import Order, OrderBook
from omf.state.quality import Quality
from omf.state.requests import Requests
from omf.state.sensors import MAX_SENSORS, Sensor
from omf.state.sequence_gaps import SequenceCounter
from omf.state.stock import Stock, capacity, racks
from omf.state.tile_readings import TileReading
from omf.state.traffic import Crowd, Traffic, crowd_out
from omf.state.values import MAX_TEXT_CHARS
from omf.state.vehicles import Vehicle
from omf.texts import Text
from omf.workpieces.life import Workpieces

T = TypeVar("T")

Heard = tuple[bool, float]
"""Whether the CCU lists it, and when it was heard last: the smallest leaves first."""

MAX_DEVICES = 256
"""Ten times the largest factory, and a bound on invented serials."""


@dataclass(slots=True, kw_only=True)
class Factory:
    """What is known of one factory. Bounded, whatever is said. Unknown is None."""

    modules: dict[str, Module] = field(default_factory=dict)
    vehicles: dict[str, Vehicle] = field(default_factory=dict)
    book: OrderBook = field(default_factory=OrderBook)
    stock: Stock = field(default_factory=Stock)
    plant: Plant = field(default_factory=Plant)
    sensors: dict[str, Sensor] = field(default_factory=dict)
    """`bme680`, `ldr`, and `<kind>/<sensor>` for the boards."""
    links: dict[str, PartLink] = field(default_factory=dict)
    """`ccu`, `nodered`, `txt/<hardware id>` (`txt` without one), `arduino/<kind>/<sensor>`."""
    quality: Quality = field(default_factory=Quality)
    requests: Requests = field(default_factory=Requests)
    workpieces: Workpieces = field(default_factory=Workpieces)
    """The life of every piece in the house, and of the last ones that left it."""
    camera: CameraPicture | None = None
    camera_on: bool | None = None
    """As last set by a command."""
    camera_view: CameraView = field(default_factory=CameraView)
    traffic: Traffic = field(default_factory=Traffic)
    watched: dict[str, WatchedValue] = field(default_factory=dict)
    """By name of a limit of the alarm rules and topic."""
    readings: dict[str, TileReading] = field(default_factory=dict)
    """What the tiles of the sensors show, by name of the tile and topic."""
    senders: dict[str, SequenceCounter] = field(default_factory=dict)
    """By topic, without its last level where several topics count together."""
    refused_filters: tuple[str, ...] = ()
    """Topic filters the broker refuses to hand over now, as the reading side knows; no message."""
    refused_since: float | None = None
    link_loss: LinkLoss | None = None
    """Why nothing of the factory is heard, as the reading side knows; no message."""
    lives: Mapping[str, AlarmLife] | None = None
    """Alarms as their owner keeps them, by id; None where there is none, or it is silent."""
    handover: PendingHandover | None = None
    """The shift that was given and waits to be taken, as the owner of the alarms says."""
    alarm_load: AlarmLoad = field(default_factory=AlarmLoad)
    """How much they ask of people, as their owner counts it."""
    alarm_rules: AlarmRules = BUILT_IN
    """The rules in force; no message."""
    rules_fault: Text | None = None
    """What is wrong with the site's file of rules, as the owner of the alarms says."""
    monitoring_alerts: tuple[MonitoringAlert, ...] = ()
    """Alerts of Prometheus that stand, as the owner of the alarms knows them; no message."""
    usual_pauses: Mapping[str, float] = field(default_factory=dict)
    """Topic -> the longest usual pause in the archive, as the owner of the alarms knows it."""
    payload_drifts: tuple[ShapeDrift, ...] = ()
    """Fields that are not as they were learned, as the owner of the alarms says; no message."""
    site: SiteSettings = field(default_factory=SiteSettings)
    """What the site says of its factory, as orders keeps it; no message."""
    last_received: float | None = None
    """Arrival of the newest message, Unix s."""
    session: str = ""
    """The replayed session all this is from; "" for a factory of now."""

    def note_refused(self, filters: tuple[str, ...], since: float | None) -> None:
        """Take over which topic filters the broker refuses at this moment; none: all is well."""
        self.refused_filters = filters
        self.refused_since = since if filters else None

    def note_link(self, loss: LinkLoss | None) -> None:
        """Take over whether the factory can be heard at this moment; None: it can."""
        self.link_loss = loss

    def begin_anew(self, session: str) -> None:
        """Forget everything: another replayed session begins, and it is another factory."""
        fresh = type(self)(session=session, alarm_rules=self.alarm_rules, site=self.site)
        for one in fields(self):
            setattr(self, one.name, getattr(fresh, one.name))

    @property
    def orders(self) -> dict[str, Order]:
        """Every order known, in order of first sight."""
        return self.book.orders

    @property
    def active_orders(self) -> tuple[str, ...]:
        """Ids of the CCU's last active list."""
        return self.book.active

    @property
    def completed_orders(self) -> tuple[str, ...]:
        """Ids of the CCU's last completed list."""
        return self.book.completed

    @property
    def racks(self) -> dict[str, tuple[str, ...]]:
        """Names of the bays of each warehouse, by its serial."""
        return racks(self.stock, self.modules.values())

    def store_capacity(self, colour: str) -> int | None:
        """Pieces of a colour all warehouses take; None while one has not told."""
        return capacity(self.stock, self.modules.values(), colour)

    @property
    def layout(self) -> Layout | None:
        """The shop floor as a graph."""
        return self.plant.layout

    @property
    def flows(self) -> Flows | None:
        """The flow of each colour."""
        return self.plant.flows

    @property
    def config(self) -> FactoryConfig | None:
        """The CCU's settings."""
        return self.plant.config

    @property
    def total(self) -> int:
        """Messages applied so far."""
        return self.traffic.total

    def module(self, serial: str) -> Module:
        """Return the module of that serial, a new one if it was never heard of."""
        module = self.modules.get(serial)
        if module is None:
            layout = self.plant.layout
            module = Module(serial=serial, type=layout.modules.get(serial) if layout else None)
            self._keep("modules", self.modules, serial, module, MAX_DEVICES, _module_heard)
        return module

    def vehicle(self, serial: str) -> Vehicle:
        """Return the vehicle of that serial, a new one if it was never heard of."""
        vehicle = self.vehicles.get(serial)
        if vehicle is None:
            vehicle = Vehicle(serial=serial)
            self._keep("vehicles", self.vehicles, serial, vehicle, MAX_DEVICES, _vehicle_heard)
        return vehicle

    def link(self, name: str) -> PartLink:
        """Return the link of that name, a new one if it was never heard of."""
        link = self.links.get(name)
        if link is None:
            link = PartLink()
            self._keep("links", self.links, name, link, MAX_LINKS, _link_heard)
        return link

    def sender(self, name: str) -> SequenceCounter:
        """Return the sender of that name, a new one if it was never heard of."""
        # Put last each time, for a counter does not know when it was heard.
        sender = self.senders.pop(name, None) or SequenceCounter()
        self._keep("senders", self.senders, name, sender, MAX_DEVICES, lambda _: (False, 0.0))
        return sender

    def sensor(self, name: str) -> Sensor:
        """Return the sensor of that name, a new one if it was never heard of."""
        sensor = self.sensors.get(name)
        if sensor is None:
            sensor = Sensor()
            self._keep("sensors", self.sensors, name, sensor, MAX_SENSORS, _sensor_heard)
        return sensor

    def _keep(
        self,
        kind: Crowd,
        known: dict[str, T],
        name: str,
        new: T,
        limit: int,
        heard: Callable[[T], Heard],
    ) -> None:
        """Keep it under its name; where all places are taken, the longest silent one leaves.

        1. somebody invents names, 2. the newest heard is worth more than what is silent, 3. what
        the CCU lists stays longest, 4. the state stays small.
        """
        if len(name) > MAX_TEXT_CHARS:
            return
        if len(known) >= limit:
            leaves = min(known, key=lambda one: heard(known[one]))
            del known[leaves]
            if kind == "modules":
                self.stock.hbw.pop(leaves, None)
            crowd_out(self.traffic, kind, self.last_received)
        known[name] = new


def _module_heard(module: Module) -> Heard:
    return module.listed, max(module.last_message or 0.0, module.heard_at or 0.0)


def _vehicle_heard(vehicle: Vehicle) -> Heard:
    return vehicle.listed, max(vehicle.last_message or 0.0, vehicle.heard_at or 0.0)


def _link_heard(link: PartLink) -> Heard:
    return False, max(link.at or 0.0, link.heard_at or 0.0)


def _sensor_heard(sensor: Sensor) -> Heard:
    return False, max(sensor.told_at or 0.0, sensor.heard_at or 0.0)
