"""How grave each alarm is as delivered, and what people call a rule while no alarm of it is there.

What an alarm says is in the catalogues, under `alarm.`; its gaps are filled by what it is about.
"""

from collections.abc import Mapping

from omf.alarms.limits import in_every_language
from omf.alarms.rule_data import BUILT_IN, AlarmRules, Severity
from omf.texts import LANGUAGES, Text, stored, text, verbatim

SEVERITY: Mapping[str, Severity] = {name: rule.severity for name, rule in BUILT_IN.rules.items()}
_GAPS = ("device", "mend", "action", "clearing", "description", "name", "colour")
"""What an advice leaves open."""


def rule_title(rules: AlarmRules, name: str) -> Text:
    """Return what a rule is called; a limit of the site by its own title, else by its field."""
    limit = rules.limits.get(name)
    if limit is None:
        return text(f"alarm.{name}.title")
    return in_every_language(limit.title) or text("alarm.limit.title", field=verbatim(limit.path))


def rule_action(rules: AlarmRules, name: str) -> Text:
    """Return what a rule advises, with plain words where an alarm would name a device."""
    limit = rules.limits.get(name)
    if limit is not None:
        return in_every_language(limit.action) or text("alarm_part.limit_advice")
    words = {gap: text(f"alarm_gap.{gap}") for gap in _GAPS}
    advice = text(f"alarm.{name}.action", **words)
    said = {one: advice.in_(one) for one in LANGUAGES}
    return stored(**{one: each[:1].upper() + each[1:] for one, each in said.items()})
