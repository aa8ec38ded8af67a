"""Which commands suit a thing of the factory, and what stands in the way of each just now."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from omf.commands import KINDS, Kind
from omf.commands.command_types.module_acts import SetStorage
from omf.commands.facts.factory import DELIVERY
from omf.commands.facts.module import COMMANDS_BY_TYPE, PROCESS_COMMANDS
from omf.constants import COLOURS
from omf.state.modules import Module
from omf.state.orders import Order
from omf.state.vehicles import Vehicle
from services.ui.auth.current_user import CurrentUser
from services.ui.live.model import ViewModel
from services.ui.views import command_view

_SEQUENCED = ("DRILL", "MILL", "AIQS")
_TAG = "04798eca341290"


@dataclass(frozen=True, slots=True)
class CommandSuggestion:
    """A command with what is known of its parameters, in values that may be compared.

    `probe` says for the checks what a person still has to: no interlock depends on it.
    """

    kind: str
    given: Mapping[str, Any] = field(default_factory=dict)
    probe: Mapping[str, Any] = field(default_factory=dict)
    detail: str = ""
    """What tells it from another offer of its kind, in the factory's own words."""

    @property
    def key(self) -> str:
        """What makes it one offer."""
        return f"{self.kind} {self.detail}"

    @property
    def entry(self) -> Kind:
        """Its entry of the menu."""
        return KINDS[self.kind]


def for_module(module: Module) -> list[CommandSuggestion]:
    """The commands a module understands by its type (PROTOCOL A.2)."""
    return list(_of_module(module))


def _of_module(module: Module) -> Iterator[CommandSuggestion]:
    given = {"serial": module.serial}
    if module.type in _SEQUENCED:
        yield CommandSuggestion(
            "module-sequence", {**given, "module": module.type}, {"colour": "WHITE"}
        )
    for command in COMMANDS_BY_TYPE[module.type] if module.type in PROCESS_COMMANDS else ():
        step = {**given, "command": command}
        yield CommandSuggestion("module-step", step, {"colour": "WHITE"}, command)
    yield from _OF_TYPE.get(module.type or "", _nothing)(given)
    if module.production_duration is not None:
        yield CommandSuggestion("module-duration", given, {"duration": 5})
    if module.type != "CHRG":
        yield CommandSuggestion("module-reset", given)
        yield CommandSuggestion("module-factsheet", given)


def _store(given: Mapping[str, Any]) -> Iterator[CommandSuggestion]:
    for kind in ("storage-drop", "storage-pick"):
        probe = {"workpiece_id": _TAG} if kind == "storage-pick" else {}
        for colour in COLOURS:
            yield CommandSuggestion(kind, {**given, "colour": colour}, probe, colour)
    yield CommandSuggestion("set-storage", given, {"contents": "{}", "confirm": SetStorage.word.en})


def _delivery(given: Mapping[str, Any]) -> Iterator[CommandSuggestion]:
    for kind in ("delivery-drop", "delivery-pick"):
        yield CommandSuggestion(kind, given, {"colour": "WHITE", "workpiece_id": _TAG})
    yield CommandSuggestion("status-led", given, {"light": "off"})
    yield CommandSuggestion("nfc-read")
    yield CommandSuggestion("nfc-delete")


def _nothing(_: Mapping[str, Any]) -> Iterator[CommandSuggestion]:
    return iter(())


_OF_TYPE = {"HBW": _store, "DPS": _delivery}


def for_vehicle(vehicle: Vehicle, model: ViewModel) -> list[CommandSuggestion]:
    """The commands a vehicle understands (PROTOCOL C.18, C.22)."""
    given = {"serial": vehicle.serial}
    layout = model.factory.layout
    elsewhere = [s for s in (layout.modules if layout else ()) if s != vehicle.last_node]
    return [
        CommandSuggestion(
            "fts-navigate", given, {"target": elsewhere[0] if elsewhere else DELIVERY}
        ),
        CommandSuggestion("fts-dock", given),
        CommandSuggestion("charge", {**given, "charge": True}, {}, "on"),
        CommandSuggestion("charge", {**given, "charge": False}, {}, "off"),
        CommandSuggestion("clear-load-handler", given, {"load_dropped": True}),
        *(
            CommandSuggestion(k, given)
            for k in ("fts-pair", "stop-charging", "fts-reset", "fts-factsheet")
        ),
    ]


def for_order(order: Order) -> list[CommandSuggestion]:
    """Cancel it while it is open; order it again after it failed."""
    if order.open:
        return [CommandSuggestion("cancel-order", {"order_ids": order.id})]
    if order.type == "PRODUCTION" and order.state in {"ERROR", "CANCELLED"} and order.colour:
        return [CommandSuggestion(command_view.ORDER, {"colour": order.colour})]
    return []


def reason_against(
    suggestion: CommandSuggestion, model: ViewModel, user: CurrentUser
) -> str | None:
    """The first thing in the way of the command, in words; None if it may go out now."""
    return command_view.obstacle(
        suggestion.kind, {**suggestion.probe, **suggestion.given}, model, user
    )
