"""Deciding whether a later message proves a command's effect: pure, and it never raises.

    judge(effect, message, earlier) -> Verdict | None

None means the message says nothing about it. Only the window's end turns silence into a result,
and that is the caller's clock.
"""

from collections.abc import Reversible

from omf.commands.proof import (  # noqa: F401 - they fill it
    alarms,
    ccu,
    handover,
    module,
    orders,
    station,
    training,
    vehicle,
)
from omf.commands.proof.rules import RULES
from omf.commands.schemas import Effect, Verdict
from omf.messages.message import Message
from omf.messages.reading import Reading, parse
from omf.topics.filters import matches

__all__ = ["RULES", "compares_times", "judge"]


def judge(effect: Effect, message: Message, earlier: Reversible[Message] = ()) -> Verdict | None:
    """Tell what `message` proves about `effect`, or None; never raises.

    `earlier` are the messages heard before it since the command was accepted, oldest first. A copy
    the broker kept (`retain`) is of unknown age: it only counts for rules that recognise the
    command by an id of its own.
    """
    rule = RULES.get(effect.rule)
    # A command from before an upgrade may await a rule that is no more: it ends in silence.
    if rule is None or not any(matches(wanted, message.topic) for wanted in effect.topics):
        return None
    if message.retain and not rule.identified:
        return None
    expect = effect.expect | effect.before
    if rule.spaced:
        expect["previous_at"] = _previous_at(message, earlier)
    told = parse(message.topic, message.payload)
    if isinstance(told, Reading):
        return rule.test(expect, told.payload, message)
    return rule.test(expect, None, message) if rule.any_payload else None


def compares_times(effect: Effect) -> bool:
    """True if the messages before one say what it proves: they are to be kept for `earlier`."""
    rule = RULES.get(effect.rule)
    return rule is not None and rule.spaced


def _previous_at(message: Message, earlier: Reversible[Message]) -> float | None:
    live = (one for one in reversed(earlier) if one.topic == message.topic and not one.retain)
    return next((one.received_at for one in live), None)
