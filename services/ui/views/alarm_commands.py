"""Which command does what an alarm advises, with its parameters filled in."""

from collections.abc import Callable, Mapping

from omf.alarms.alarm import Alarm
from omf.constants import SINGLE_RESET_TYPES
from omf.state.orders import Order
from omf.state.waiting import root_cause
from services.ui.live.model import ViewModel
from services.ui.views.available_commands import CommandSuggestion
from services.ui.views.command_view import ORDER

Make = Callable[[str, ViewModel], CommandSuggestion | None]


def for_alarm(alarm: Alarm, model: ViewModel) -> CommandSuggestion | None:
    """The command that removes the cause of an alarm; None where none can."""
    make = _OF_ALARM.get(alarm.rule)
    return make(alarm.subject.removesuffix("/txt"), model) if make else None


def for_order(order: Order, model: ViewModel) -> CommandSuggestion | None:
    """The command that frees an order from what it waits for in the end; None where none can."""
    wait = root_cause(model.factory, order, model.factory_now)
    make = _OF_WAIT.get(wait.cause) if wait else None
    return make(wait.device or "", model) if wait and make else None


def _reset_factory(_: str, __: ViewModel) -> CommandSuggestion:
    return CommandSuggestion("factory-reset")


def _reset_device(serial: str, model: ViewModel) -> CommandSuggestion:
    """A module that has no reset of its own is freed by the one of the factory (PROTOCOL C.9)."""
    if serial in model.factory.vehicles:
        return CommandSuggestion("fts-reset", {"serial": serial})
    module = model.factory.modules.get(serial)
    alone = module is not None and module.type in SINGLE_RESET_TYPES
    return (
        CommandSuggestion("module-reset", {"serial": serial})
        if alone
        else CommandSuggestion("factory-reset")
    )


def _free_device(serial: str, model: ViewModel) -> CommandSuggestion:
    module = model.factory.modules.get(serial)
    if module is not None and module.calibrating:
        return CommandSuggestion("calibration", {"serial": serial, "command": "stopCalibration"})
    return _reset_device(serial, model)


def _dock(serial: str, _: ViewModel) -> CommandSuggestion:
    return CommandSuggestion("fts-dock", {"serial": serial})


def _charge(serial: str, _: ViewModel) -> CommandSuggestion:
    return CommandSuggestion("charge", {"serial": serial, "charge": True})


def _end_charging(serial: str, _: ViewModel) -> CommandSuggestion:
    return CommandSuggestion("charge", {"serial": serial, "charge": False})


def _clear(topic: str, _: ViewModel) -> CommandSuggestion:
    return CommandSuggestion("clear-retained", {"topic": topic})


def _go_on(order_id: str, model: ViewModel) -> CommandSuggestion | None:
    order = model.factory.orders.get(order_id)
    return for_order(order, model) if order else None


def _again(order_id: str, model: ViewModel) -> CommandSuggestion | None:
    order = model.factory.orders.get(order_id)
    return CommandSuggestion(ORDER, {"colour": order.colour}) if order and order.colour else None


_OF_ALARM: Mapping[str, Make] = {
    "device-fatal": _reset_device,
    "device-blocked": _free_device,
    "action-failed": _reset_factory,
    "order-stuck": _reset_factory,
    "order-deadlock": _reset_factory,
    "order-standstill": _go_on,
    "order-held-up": _go_on,
    "quality-failed": _again,
    "vehicle-unlisted": _reset_device,
    "position-unknown": _dock,
    "battery-low": _charge,
    "retained-command": _clear,
}
_OF_WAIT: Mapping[str, Make] = {
    "module-race": _reset_factory,
    "module-failed": _reset_factory,
    "module-idle": _reset_factory,
    "module-endless": _reset_device,
    "module-fatal": _reset_device,
    "module-blocked": _free_device,
    "module-paused": _free_device,
    "vehicle-position": _dock,
    "vehicle-fatal": _reset_device,
    "vehicle-failed": _reset_device,
    "vehicle-blocked": _reset_device,
    "vehicle-unlisted": _reset_device,
    "vehicle-idle": _reset_device,
    "vehicle-endless": _reset_device,
    "vehicle-charging": _end_charging,
    "unexplained": _reset_factory,
}
