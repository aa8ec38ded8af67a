"""The command that takes another one back: settings with the values they had before."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from omf.state import FactoryState


class UndoCommand(NamedTuple):
    """Kind and parameters of the command that restores what was."""

    kind: str
    parameters: dict[str, Any]


def undo(kind: str, parameters: Mapping[str, Any], state: FactoryState) -> UndoCommand | None:
    """What takes the command back, by the state before it; None where nothing known does.

    Orders, drives and resets move things: there is no way back by a command.
    """
    former = _FORMER.get(kind)
    found = former(parameters, state) if former else None
    return None if found is None or found.parameters == dict(parameters) else found


def _flows(parameters: Mapping[str, Any], state: FactoryState) -> UndoCommand | None:
    flows = state.flows
    named = [one for one in ("red", "white", "blue") if parameters.get(one) is not None]
    if flows is None:
        return None
    known = {one: flows.of(one.upper()) for one in named}
    if not known or any(steps is None for steps in known.values()):
        return None
    return UndoCommand("flows", {one: list(steps or ()) for one, steps in known.items()})


def _config(_parameters: Mapping[str, Any], state: FactoryState) -> UndoCommand | None:
    config = state.config
    if config is None or config.production_settings is None or config.fts_settings is None:
        return None
    lasts = config.production_durations or {}
    former: dict[str, Any] = {
        "duration_red": lasts.get("RED"),
        "duration_white": lasts.get("WHITE"),
        "duration_blue": lasts.get("BLUE"),
        "max_parallel_orders": config.production_settings.max_parallel_orders,
        "charge_threshold_percent": config.fts_settings.charge_threshold_percent,
    }
    return None if None in former.values() else UndoCommand("config", former)


def _layout(_parameters: Mapping[str, Any], state: FactoryState) -> UndoCommand | None:
    floor = state.plant.floor
    if floor is None:
        return None
    body = floor.model_dump(mode="json", by_alias=True, exclude_none=True)
    return UndoCommand("layout", {"layout": body})


def _duration(parameters: Mapping[str, Any], state: FactoryState) -> UndoCommand | None:
    module = state.modules.get(str(parameters.get("serial")))
    if module is None or module.production_duration is None:
        return None
    former = {"serial": module.serial, "duration": int(module.production_duration)}
    return UndoCommand("module-duration", former)


_FORMER: Mapping[str, Callable[[Mapping[str, Any], FactoryState], UndoCommand | None]] = (
    MappingProxyType(
        {
            "flows": _flows,
            "config": _config,
            "layout": _layout,
            "default-layout": _layout,
            "module-duration": _duration,
        }
    )
)
