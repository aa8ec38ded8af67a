"""Which command does what an alarm advises, with its parameters filled in."""

from collections.abc import Callable, Mapping

from omf.alarms.alarm import Alarm
from omf.alarms.limits import LimitCommand
from omf.constants import SINGLE_RESET_TYPES
from omf.recovery import remedies
from omf.recovery.remedies import Remedy
from omf.state import FactoryState
from omf.state.orders import Order
from omf.state.waiting import root_cause
from services.ui.live.model import ViewModel
from services.ui.views.available_commands import CommandSuggestion
from services.ui.views.command_view import ORDER

Make = Callable[[str, ViewModel], CommandSuggestion | None]


def for_alarm(alarm: Alarm, model: ViewModel) -> CommandSuggestion | None:
    """The command that removes the cause of an alarm; None where none can."""
    limit = model.factory.alarm_rules.limits.get(alarm.rule)
    if limit is not None:
        return _of_limit(limit.command, alarm.subject, model.factory) if limit.command else None
    make = _OF_ALARM.get(alarm.rule)
    return make(alarm.subject.removesuffix("/txt"), model) if make else None


def for_order(order: Order, model: ViewModel) -> CommandSuggestion | None:
    """The command that frees an order from what it waits for in the end; None where none can."""
    wait = root_cause(model.factory, order, model.factory_now)
    return suggested(remedies.remedy_of(model.factory, wait)) if wait else None


def suggested(remedy: Remedy | None) -> CommandSuggestion | None:
    """The prepared card of a remedy."""
    return CommandSuggestion(remedy.kind, remedy.parameters) if remedy else None


def _go_on(order_id: str, model: ViewModel) -> CommandSuggestion | None:
    order = model.factory.orders.get(order_id)
    return for_order(order, model) if order else None


def _again(order_id: str, model: ViewModel) -> CommandSuggestion | None:
    order = model.factory.orders.get(order_id)
    return CommandSuggestion(ORDER, {"colour": order.colour}) if order and order.colour else None


def _of_limit(command: LimitCommand, topic: str, factory: FactoryState) -> CommandSuggestion | None:
    """What the site names for its limit; None where the topic is of no device that takes it."""
    levels = topic.split("/")
    if command in _OF_VEHICLE:
        serial = next((one for one in levels if one in factory.vehicles), None)
        return suggested(_OF_VEHICLE[command](serial)) if serial else None
    if command == "module-reset":
        modules = (factory.modules[one] for one in levels if one in factory.modules)
        own = (one.serial for one in modules if one.type in SINGLE_RESET_TYPES)
        serial = next(own, None)
        return CommandSuggestion(command, {"serial": serial}) if serial else None
    return CommandSuggestion(command)


def _of_device(make: Callable[[FactoryState, str], Remedy]) -> Make:
    return lambda serial, model: suggested(make(model.factory, serial))


_OF_VEHICLE: Mapping[LimitCommand, Callable[[str], Remedy]] = {
    "charge": lambda serial: remedies.charge(serial, on=True),
    "fts-dock": remedies.dock,
    "fts-reset": lambda serial: Remedy("fts-reset", {"serial": serial}),
}
_OF_ALARM: Mapping[str, Make] = {
    # Nothing new begins; what cannot wait for it is in the words of the alarm.
    "danger": lambda _, __: CommandSuggestion("park"),
    "device-fatal": _of_device(remedies.reset_device),
    "device-blocked": _of_device(remedies.free_device),
    "action-failed": _of_device(remedies.reset_factory),
    "order-stuck": _of_device(remedies.reset_factory),
    "order-deadlock": _of_device(remedies.reset_factory),
    "order-standstill": _go_on,
    "order-held-up": _go_on,
    "quality-failed": _again,
    "vehicle-unlisted": _of_device(remedies.reset_device),
    "position-unknown": _of_device(lambda _, serial: remedies.dock(serial)),
    "battery-low": _of_device(lambda _, serial: remedies.charge(serial, on=True)),
    "retained-command": lambda topic, _: CommandSuggestion("clear-retained", {"topic": topic}),
}
