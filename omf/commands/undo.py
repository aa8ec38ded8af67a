"""The command that takes another one back: settings with the values they had before."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from omf.commands.present import SET_FIELDS, present
from omf.state import FactoryState


class UndoCommand(NamedTuple):
    """Kind and parameters of the command that restores what was."""

    kind: str
    parameters: dict[str, Any]


def undo(kind: str, parameters: Mapping[str, Any], state: FactoryState) -> UndoCommand | None:
    """What takes the command back, by the state before it; None where nothing known does.

    Orders, drives and resets move things: there is no way back by a command.
    """
    now = present(kind, parameters, state)
    if kind in _WHOLE:
        former = now
    else:
        named = [name for name in SET_FIELDS.get(kind, ()) if parameters.get(name) is not None]
        former = {name: _of_named(parameters[name], now.get(name)) for name in named}
    if not former or None in former.values():
        return None
    about = {name: parameters[name] for name in _ABOUT if name in parameters}
    found = UndoCommand(_WHOLE.get(kind, kind), {**about, **former})
    unchanged = all(parameters.get(name) == value for name, value in former.items())
    return None if unchanged else found


def undoable(kind: str) -> bool:
    """Whether commands of this kind can be taken back by one, as far as is known beforehand."""
    return kind in _WHOLE or kind in SET_FIELDS


def _of_named(wanted: Any, former: Any) -> Any:
    """Of bays and calibration values only those the command names; None if one is not known."""
    if isinstance(wanted, Mapping) and isinstance(former, Mapping):
        return {name: former[name] for name in wanted} if wanted.keys() <= former.keys() else None
    if former and isinstance(former[0] if isinstance(former, list) else None, Mapping):
        known = {one.get("referenceKey"): one for one in former}
        keys = [one.get("referenceKey") for one in wanted]
        return [known[key] for key in keys] if known.keys() >= set(keys) else None
    return former


_WHOLE: Mapping[str, str] = MappingProxyType({"layout": "layout", "default-layout": "layout"})
"""Kinds that are taken back by the present value as a whole, and the kind that does it."""
_ABOUT = ("serial", "sensor", "command")
"""Fields that say of which device, and which step."""
