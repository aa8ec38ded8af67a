"""The state of one factory as a fold of its messages: `FactoryState.apply` in order of arrival."""

from omf.alarms.alarm import Alarm
from omf.state.device import Channel
from omf.state.factory_state import FactoryState
from omf.state.modules import Module
from omf.state.orders import Order, OrderBook, OrderStep
from omf.state.sensors import Sensor
from omf.state.stock import Bay, Conflict, Stock
from omf.state.values import Action, CarriedLoad, ReportedError
from omf.state.vehicles import Vehicle

__all__ = [
    "Action",
    "Alarm",
    "Bay",
    "CarriedLoad",
    "Channel",
    "Conflict",
    "FactoryState",
    "Module",
    "Order",
    "OrderBook",
    "OrderStep",
    "ReportedError",
    "Sensor",
    "Stock",
    "Vehicle",
]
