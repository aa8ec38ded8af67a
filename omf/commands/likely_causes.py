"""Why a command was met with silence: the CCU never answers a refusal (PROTOCOL C)."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from omf.commands.command_types import BY_CCU, KINDS
from omf.commands.forms import Form
from omf.commands.interlocks import evaluate
from omf.state import FactoryState
from omf.state.staleness import ccu_silent_since
from omf.texts import Text, text

_OURS = frozenset(
    {
        "ccu-idle",
        "module-free",
        "module-ready",
        "module-unassigned",
        "step-fits",
        "piece-there",
        "vehicle-still",
        "vehicle-unburdened",
        "bay-usable",
        "road-free",
        "duration-differs",
        "input-there",
        "layout-keeps",
        "module-listed",
    }
)
"""Interlocks the command itself may have broken: they would blame the effect for its absence."""


class Cause(NamedTuple):
    """A likely reason for silence; `id` is stable, the text is for people."""

    id: str
    text: Text


_CCU_GONE = Cause("ccu-silent", text("plan.ccu_silent"))


def likely_cause(kind: str, parameters: Mapping[str, Any], state: FactoryState) -> Cause | None:
    """The first thing that explains why nothing happened; None if nothing explains it.

    `parameters` are the plan's own, `state` is the factory once the window has passed. What would
    refuse the command now very likely refused it then: no free piece, no flow, an order begun.
    """
    chosen = KINDS.get(kind)
    if chosen is None:
        return None
    judged_at = state.last_received or 0.0
    if kind in BY_CCU and ccu_silent_since(state, judged_at) is not None:
        return _CCU_GONE
    try:
        form = chosen.parameters.model_validate(dict(parameters))
    except ValidationError:
        return None
    return _first_broken(chosen.interlocks, form, state)


def _first_broken(names: Iterable[str], form: Form, state: FactoryState) -> Cause | None:
    asked = (name for name in names if name not in _OURS)
    broken = (check for check in evaluate(asked, form, state) if check.met is False)
    return next((Cause(check.id, check.text) for check in broken), None)
