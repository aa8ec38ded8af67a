"""Manual orders in brackets ("Sequenzklammer"): what takes a device away from one.

The course of a bracket is that of any command: `services/orders/transitions.py`. Pure
(PROTOCOL C.17 to C.21, F.8, F.9, F.12, F.24).
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from omf.commands import PlannedStep
from omf.messages.base import Payload
from omf.messages.ccu import GlobalReset
from omf.messages.commands import SetReset
from omf.messages.fts import VehicleOrder
from omf.messages.message import Message
from omf.messages.module import InstantActions, ModuleOrder, ModuleState
from omf.messages.reading import Reading, parse
from omf.texts import Text, text
from omf.topics import catalogue


class Bracket(NamedTuple):
    """What is ours on one device while several steps run there under one orderId."""

    device: str
    order_id: str
    steps: tuple[PlannedStep, ...]


class DisturbanceReason(NamedTuple):
    """Why a bracket stopped, and what a person can do about it."""

    why: Text
    advice: Text


class Interruption(NamedTuple):
    """What ended a bracket from outside."""

    type: Literal["foreign_order", "reset"]
    reason: DisturbanceReason


_FOREIGN = Interruption(
    "foreign_order",
    DisturbanceReason(
        why=text("interrupted.foreign_order"),
        advice=text("interrupted.foreign_order_advice"),
    ),
)
_RESET = Interruption(
    "reset",
    DisturbanceReason(
        why=text("interrupted.was_reset"),
        advice=text("interrupted.reset_advice"),
    ),
)

_TELLING = frozenset(
    {
        "ccu_set_reset",
        "ccu_global",
        "module_instant_action",
        "fts_instant_action",
        "module_order",
        "fts_order",
        "module_state",
    }
)
"""Entries of the catalogue that can tell of an interruption; what Node-RED says inside is not."""


def interruption(bracket: Bracket, message: Message) -> Interruption | None:
    """What this message means for the bracket if it comes from outside; never raises.

    A retained copy is no news and interrupts nothing.
    """
    entry = catalogue.of(message.topic)
    if message.retain or entry is None or entry.name not in _TELLING:
        return None
    told = parse(message.topic, message.payload)
    if not isinstance(told, Reading):
        return None
    if _resets(told.payload, told.levels, bracket):
        return _RESET
    if told.levels.get("serial") != bracket.device:
        return None
    return _FOREIGN if _foreign(told.payload, bracket) else None


def _resets(payload: Payload, levels: Mapping[str, str], bracket: Bracket) -> bool:
    if isinstance(payload, SetReset):
        return bool(payload.timestamp)
    if isinstance(payload, GlobalReset):
        return payload.type == "reset"
    if not isinstance(payload, InstantActions) or levels.get("serial") != bracket.device:
        return False
    ours = {step.action_id for step in bracket.steps}
    return any(a.action_type == "reset" and a.action_id not in ours for a in payload.actions or ())


def _foreign(payload: Payload, bracket: Bracket) -> bool:
    ours = {step.action_id for step in bracket.steps}
    if isinstance(payload, ModuleOrder):
        action_id = payload.action.id if payload.action else None
        return payload.order_id != bracket.order_id or action_id not in ours
    if isinstance(payload, VehicleOrder):
        return payload.order_id != bracket.order_id
    if not isinstance(payload, ModuleState):
        return False
    action = payload.action_state
    # An old order may still be named while its action has ended; one that runs is a taker.
    runs = action is not None and action.running and action.id not in ours
    return runs and payload.order_id not in (None, bracket.order_id)
