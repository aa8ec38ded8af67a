"""Deciding whether a later message proves a command's effect: pure, and it never raises.

    judge(effect, message) -> Verdict | None

None means the message says nothing about it. Only the window's end turns silence into a result,
and that is the caller's clock.
"""

from omf.commands.proof import ccu, module, orders, training, vehicle  # noqa: F401 - they fill the table
from omf.commands.proof.rules import RULES
from omf.commands.shapes import Effect, Verdict
from omf.message import Message
from omf.messages import Reading, parse
from omf.topics import matches

__all__ = ["RULES", "judge"]


def judge(effect: Effect, message: Message) -> Verdict | None:
    """Tell what `message` proves about `effect`, or None; never raises.

    A copy the broker kept (`retain`) is of unknown age: it only counts for rules that recognise
    the command by an id of its own.
    """
    rule = RULES.get(effect.rule)
    # A command from before an upgrade may await a rule that is no more: it ends in silence.
    if rule is None or not any(matches(wanted, message.topic) for wanted in effect.topics):
        return None
    if message.retain and not rule.identified:
        return None
    told = parse(message.topic, message.payload)
    if isinstance(told, Reading):
        return rule.test(effect.expect, told.payload, message)
    return rule.test(effect.expect, None, message) if rule.any_payload else None
