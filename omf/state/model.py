"""What is known of one factory: the data of the fold, and how a device comes to be known."""

from dataclasses import dataclass, field, fields
from typing import TypeVar

from omf.layout.layout import Layout
from omf.messages.ccu import FactoryConfig, Flows
from omf.state.ccu_reports import Plant
from omf.state.links import MAX_LINKS, CameraPicture, PartLink
from omf.state.modules import Module
from omf.state.orders import Order, OrderBook
from omf.state.quality import Quality
from omf.state.requests import Requests
from omf.state.sensors import MAX_SENSORS, Sensor
from omf.state.sequence_gaps import SequenceCounter
from omf.state.stock import Stock, capacity, racks
from omf.state.traffic import Traffic
from omf.state.values import MAX_TEXT_CHARS
from omf.state.vehicles import Vehicle

T = TypeVar("T")

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
    camera: CameraPicture | None = None
    camera_on: bool | None = None
    """As last set by a command."""
    traffic: Traffic = field(default_factory=Traffic)
    senders: dict[str, SequenceCounter] = field(default_factory=dict)
    """By topic, without its last level where several topics count together."""
    refused_filters: tuple[str, ...] = ()
    """Topic filters the broker refuses to hand over now, as the reading side knows; no message."""
    refused_since: float | None = None
    last_received: float | None = None
    """Arrival of the newest message, Unix s."""
    session: str = ""
    """The replayed session all this is from; "" for a factory of now."""

    def note_refused(self, filters: tuple[str, ...], since: float | None) -> None:
        """Take over which topic filters the broker refuses at this moment; none: all is well."""
        self.refused_filters = filters
        self.refused_since = since if filters else None

    def begin_anew(self, session: str) -> None:
        """Forget everything: another replayed session begins, and it is another factory."""
        fresh = type(self)(session=session)
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
            _keep(self.modules, serial, module, MAX_DEVICES)
        return module

    def vehicle(self, serial: str) -> Vehicle:
        """Return the vehicle of that serial, a new one if it was never heard of."""
        vehicle = self.vehicles.get(serial)
        if vehicle is None:
            vehicle = Vehicle(serial=serial)
            _keep(self.vehicles, serial, vehicle, MAX_DEVICES)
        return vehicle

    def link(self, name: str) -> PartLink:
        """Return the link of that name, a new one if it was never heard of."""
        link = self.links.get(name)
        if link is None:
            link = PartLink()
            _keep(self.links, name, link, MAX_LINKS)
        return link

    def sender(self, name: str) -> SequenceCounter:
        """Return the sender of that name, a new one if it was never heard of."""
        sender = self.senders.get(name)
        if sender is None:
            sender = SequenceCounter()
            _keep(self.senders, name, sender, MAX_DEVICES)
        return sender

    def sensor(self, name: str) -> Sensor:
        """Return the sensor of that name, a new one if it was never heard of."""
        sensor = self.sensors.get(name)
        if sensor is None:
            sensor = Sensor()
            _keep(self.sensors, name, sensor, MAX_SENSORS)
        return sensor


def _keep(known: dict[str, T], name: str, new: T, limit: int) -> None:
    # 1. somebody invents names, 2. what he says is read and forgotten, 3. the state stays small
    if len(known) < limit and len(name) <= MAX_TEXT_CHARS:
        known[name] = new
