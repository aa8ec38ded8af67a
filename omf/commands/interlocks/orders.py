"""Interlocks about orders and about the CCU."""

from typing import Any

from omf.commands.facts import factory
from omf.commands.facts.messages import listed
from omf.commands.interlocks.rule import InterlockRule
from omf.constants import COLOURS


def _steps(parameters: Any) -> tuple[str, ...]:
    """Module types of all the flows that are set."""
    named = (getattr(parameters, colour.lower()) for colour in COLOURS)
    return tuple(dict.fromkeys(step for steps in named if steps for step in steps))


RULES = (
    InterlockRule(
        "typed-word",
        lambda p, _: p.confirmed,
        basis="confirmation",
        applies=lambda p: p.word_needed,
        words=lambda p, _: {"word": p.word},
    ),
    InterlockRule(
        "stock-free",
        lambda p, s: factory.stock_free(s, p.colour),
    ),
    InterlockRule(
        "flow-known",
        lambda p, s: factory.flow_known(s, p.colour),
        # The CCU has a flow built in even when its message is not here yet.
        unknown_passes=True,
    ),
    InterlockRule(
        "flow-connected",
        lambda p, s: factory.flow_connected(s, p.colour),
        unknown_passes=True,
        basis="prudence",
        words=lambda p, s: listed(factory.unconnected(s, p.colour)),
    ),
    InterlockRule(
        "flow-paired",
        lambda p, s: None if (left := factory.unpaired(s, p.colour)) is None else not left,
        unknown_passes=True,
        basis="prudence",
        words=lambda p, s: listed(factory.unpaired(s, p.colour)),
    ),
    InterlockRule(
        "flow-placed",
        lambda p, s: None if (left := factory.unplaced(s, _steps(p))) is None else not left,
        unknown_passes=True,
        basis="prudence",
        words=lambda p, s: listed(factory.unplaced(s, _steps(p))),
    ),
    InterlockRule(
        "flow-modules",
        lambda p, s: None if (left := factory.unpaired_types(s, _steps(p))) is None else not left,
        unknown_passes=True,
        words=lambda p, s: listed(factory.unpaired_types(s, _steps(p))),
        advisory=True,
    ),
    InterlockRule(
        "stock-room",
        lambda p, s: factory.stock_room(s, p.colour),
    ),
    InterlockRule(
        "orders-queued",
        lambda p, s: factory.orders_in_state(s, p.order_ids, "ENQUEUED"),
    ),
    InterlockRule(
        "ccu-speaks",
        lambda _, s: factory.ccu_speaks(s),
        unknown_passes=True,
        basis="prudence",
    ),
    InterlockRule(
        "ccu-idle",
        lambda _, s: factory.ccu_idle(s),
        # A factory without a CCU never says so; one with it repeats its list all the time.
        unknown_passes=True,
        basis="prudence",
    ),
)
