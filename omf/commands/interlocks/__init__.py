"""The one table of interlocks: id, what must hold, why not, and the question to the factory.

Preview, orders, gateway and docs read this table, so a refusal reads the same everywhere. A rule
that cannot be answered refuses, unless it says `unknown_passes`.
"""

from collections.abc import Iterable

from omf.commands.forms import Form
from omf.commands.interlocks import modules, orders, vehicles
from omf.commands.interlocks.rule import Rule
from omf.commands.shapes import Check, Text
from omf.factory import FactoryState

__all__ = ["RULES", "Rule", "evaluate"]

RULES: dict[str, Rule] = {
    rule.id: rule for rule in (*orders.RULES, *modules.RULES, *vehicles.RULES)
}


def evaluate(ids: Iterable[str], parameters: Form, state: FactoryState) -> tuple[Check, ...]:
    """Answer these rules for a command, in the order given."""
    return tuple(_answer(RULES[name], parameters, state) for name in ids)


def _answer(rule: Rule, parameters: Form, state: FactoryState) -> Check:
    met = rule.test(parameters, state)
    sentence = rule.reason if met is False else rule.needs
    text = sentence.filled(word=parameters.word, **parameters.model_dump())
    said = Text(de=f"Unbekannt: {text.de}", en=f"Unknown: {text.en}") if met is None else text
    blocking = met is False or not rule.unknown_passes
    return Check(id=rule.id, met=met, de=said.de, en=said.en, blocking=blocking)
