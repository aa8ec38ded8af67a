"""The one table of interlocks: id, what must hold, why not, and the question to the factory.

Preview, orders, gateway and docs read this table, so a refusal reads the same everywhere. A rule
that cannot be answered refuses, unless it says `unknown_passes`. Its `basis` says who wants it:
what the factory itself would not do stays refused, what only prudence forbids may be overridden
with a reason (`override`).
"""

from collections.abc import Collection, Iterable

from omf.commands.forms import Form
from omf.commands.interlocks import alarms, messages, modules, orders, vehicles
from omf.commands.interlocks.rule import InterlockRule
from omf.commands.schemas import Check
from omf.state import FactoryState
from omf.state.device_names import device_name
from omf.terms import term
from omf.texts import text

__all__ = ["RULES", "InterlockRule", "evaluate"]

RULES: dict[str, InterlockRule] = {
    rule.id: rule for group in (orders, messages, modules, vehicles, alarms) for rule in group.RULES
}


def evaluate(
    ids: Iterable[str], parameters: Form, state: FactoryState, prudence: Collection[str] = ()
) -> tuple[Check, ...]:
    """Answer these rules for a command, in the order given; what does not concern it is left out.

    `prudence` names rules that only prudence asks of this very kind (`Kind.prudence`).
    """
    rules = [RULES[name] for name in ids]
    return tuple(
        _answer(one, parameters, state, prudent=one.id in prudence)
        for one in rules
        if one.applies is None or one.applies(parameters)
    )


def _answer(rule: InterlockRule, parameters: Form, state: FactoryState, *, prudent: bool) -> Check:
    met = rule.test(parameters, state)
    words = _words(rule, parameters, state)
    said = rule.reason(**words) if met is False else rule.needs(**words)
    blocking = not rule.advisory and (met is False or not rule.unknown_passes)
    return Check(
        id=rule.id,
        met=met,
        text=text("check.unknown", what=said) if met is None else said,
        blocking=blocking,
        basis="prudence" if prudent else rule.basis,
    )


def _words(rule: InterlockRule, parameters: Form, state: FactoryState) -> dict[str, object]:
    """What fills the texts of a rule: parameters, the devices by name, and its own words."""
    plain = parameters.model_dump()
    if isinstance(plain.get("colour"), str):
        plain["colour"] = term("colour", plain["colour"])
    if plain.get("serial") in state.modules:
        plain["serial"] = device_name(state, plain["serial"])
    return plain | dict(rule.words(parameters, state) if rule.words else {})
