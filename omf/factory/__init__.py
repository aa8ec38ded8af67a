"""The state of one factory as a fold of its messages: `FactoryState.apply` in order of arrival."""

from omf.factory.alarms import Alarm
from omf.factory.channel import Channel
from omf.factory.factory_state import FactoryState
from omf.factory.modules import Module
from omf.factory.orders import Order, OrderBook, Step
from omf.factory.sensors import Sensor
from omf.factory.stock import Bay, Conflict, Stock
from omf.factory.values import Action, Fault, Load
from omf.factory.vehicles import Vehicle

__all__ = [
    "Action",
    "Alarm",
    "Bay",
    "Channel",
    "Conflict",
    "FactoryState",
    "Fault",
    "Load",
    "Module",
    "Order",
    "OrderBook",
    "Sensor",
    "Step",
    "Stock",
    "Vehicle",
]
