"""Alarms: findings of the rules with their severity and words."""

from collections.abc import Iterable
from dataclasses import dataclass

from omf.factory.alarm_texts import TEXTS, Severity

SEVERITIES: tuple[Severity, ...] = ("critical", "warning", "communication", "advisory")
"""Gravest first (ISA-18.2 words of the user interface)."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that is met by one subject; `words` fill the rule's texts.

    A word is the same in both languages, or a pair of German and English.
    """

    rule: str
    subject: str
    since: float | None
    """Unix s of the arrival that met it; None is longer than we know."""
    words: tuple[tuple[str, str | tuple[str, str]], ...] = ()


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm; `id` is the same as long as it lasts, so that it can be acknowledged."""

    id: str
    rule: str
    severity: Severity
    subject: str
    """Serial, order id, bay or topic."""
    since: float | None
    de: str
    en: str
    action_de: str
    """What to do about it."""
    action_en: str


def raise_alarms(findings: Iterable[Finding]) -> tuple[Alarm, ...]:
    """Return the alarms of the findings, gravest first, then by rule and subject."""
    alarms = [_alarm(finding) for finding in findings]
    return tuple(sorted(alarms, key=lambda a: (SEVERITIES.index(a.severity), a.id)))


def _alarm(finding: Finding) -> Alarm:
    text = TEXTS[finding.rule]
    both = {name: (word, word) if isinstance(word, str) else word for name, word in finding.words}
    german, english = ({name: said[n] for name, said in both.items()} for n in (0, 1))
    return Alarm(
        id=f"{finding.rule}:{finding.subject}",
        rule=finding.rule,
        severity=text.severity,
        subject=finding.subject,
        since=finding.since,
        de=text.de.format_map(german),
        en=text.en.format_map(english),
        action_de=text.action_de,
        action_en=text.action_en,
    )
