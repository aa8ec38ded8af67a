"""Interlocks about what is sent as somebody typed it: a free message, a cleared one, a layout."""

from typing import Any

from omf.commands import hazards
from omf.commands.facts import factory, messages
from omf.commands.interlocks.rule import InterlockRule


def _payload(parameters: Any) -> str:
    """What goes out: clearing a retained message sends an empty one."""
    return str(getattr(parameters, "payload", ""))


RULES = (
    InterlockRule(
        "retain-allowed",
        lambda p, _: factory.retainable(p.topic),
        applies=lambda p: p.retain,
    ),
    InterlockRule(
        "message-fits",
        lambda p, _: messages.misfit(p.topic, p.payload) is None,
        basis="prudence",
        applies=lambda p: messages.modelled(p.topic),
        words=lambda p, _: messages.named(messages.misfit(p.topic, p.payload)),
    ),
    InterlockRule(
        "json-readable",
        lambda p, _: messages.syntax_error(p.payload) is None,
        applies=lambda p: not messages.modelled(p.topic) and messages.meant_as_json(p.payload),
        words=lambda p, _: messages.named(messages.syntax_error(p.payload)),
        advisory=True,
    ),
    InterlockRule(
        "ccu-survives",
        lambda p, _: hazards.hazard(p.topic, _payload(p)) is None,
        basis="prudence",
        applies=lambda p: hazards.listened(p.topic),
        words=lambda p, _: messages.named(hazards.hazard(p.topic, _payload(p))),
    ),
    InterlockRule(
        "layout-whole",
        lambda p, _: not messages.missing_parts(p.layout),
        words=lambda p, _: messages.listed(messages.missing_parts(p.layout)),
    ),
    InterlockRule(
        "layout-names",
        lambda p, _: not hazards.misnamed(p.layout),
        words=lambda p, _: messages.listed(hazards.misnamed(p.layout)),
    ),
    InterlockRule(
        "layout-once",
        lambda p, _: not hazards.repeated(p.layout),
        words=lambda p, _: messages.listed(hazards.repeated(p.layout)),
    ),
    InterlockRule(
        "layout-loops",
        lambda p, _: not hazards.loops(p.layout),
        words=lambda p, _: messages.listed(hazards.loops(p.layout)),
    ),
    InterlockRule(
        "layout-roads",
        lambda p, _: not messages.undrivable(p.layout),
        basis="prudence",
        words=lambda p, _: messages.listed(messages.undrivable(p.layout)),
    ),
    InterlockRule(
        "layout-reached",
        lambda p, _: not messages.cut_off(p.layout),
        basis="prudence",
        words=lambda p, _: messages.listed(messages.cut_off(p.layout)),
    ),
    InterlockRule(
        "layout-cells",
        lambda p, _: not messages.crowded(p.layout),
        basis="prudence",
        words=lambda p, _: messages.listed(messages.crowded(p.layout)),
    ),
    InterlockRule(
        "layout-keeps",
        lambda p, s: factory.ccu_idle(s) is not False or messages.lost_modules(s, p.layout) == (),
        basis="prudence",
        words=lambda p, s: messages.listed(messages.lost_modules(s, p.layout)),
    ),
)
