"""Alarms: findings of the rules with their severity and words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from omf.alarms.alarm_texts import TEXTS, Severity
from omf.terms import Term

SEVERITIES: tuple[Severity, ...] = ("critical", "warning", "communication", "advisory")
"""Gravest first (ISA-18.2 words of the user interface)."""
MOST_ALARM_NAMES = 3
"""Orders or modules named in one alarm; of more their number."""
_HELD_UP = Term(". Aufgehalten: {orders}", ". Held up: {orders}")


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
    severity: Severity | None = None
    """Where it is another one than the rule's."""


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


def raise_alarms(
    findings: Iterable[Finding], held_up: Mapping[str, list[Term]] | None = None
) -> tuple[Alarm, ...]:
    """Return the alarms of the findings, gravest first, then by rule and subject.

    `held_up` names the orders that stand still because of a subject: then its alarm says so, and
    is a warning at least.
    """
    alarms = [_alarm(finding, (held_up or {}).get(finding.subject, [])) for finding in findings]
    return tuple(sorted(alarms, key=lambda a: (SEVERITIES.index(a.severity), a.id)))


def listed(names: list[Term]) -> Term:
    """Return the first names with commas, and how many more there are."""
    more = len(names) - MOST_ALARM_NAMES
    return Term(
        *(
            ", ".join([one[language] for one in names[:MOST_ALARM_NAMES]])
            + (f", +{more}" * (more > 0))
            for language in (0, 1)
        )
    )


def _alarm(finding: Finding, orders: list[Term]) -> Alarm:
    text = TEXTS[finding.rule]
    both = {name: (word, word) if isinstance(word, str) else word for name, word in finding.words}
    german, english = ({name: said[n] for name, said in both.items()} for n in (0, 1))
    held = _held_up(orders) if orders else Term("", "")
    severity = finding.severity or text.severity
    graver = orders and SEVERITIES.index(severity) > SEVERITIES.index("warning")
    return Alarm(
        id=f"{finding.rule}:{finding.subject}",
        rule=finding.rule,
        severity="warning" if graver else severity,
        subject=finding.subject,
        since=finding.since,
        de=text.de.format_map(german) + held.de,
        en=text.en.format_map(english) + held.en,
        action_de=text.action_de.format_map(german),
        action_en=text.action_en.format_map(english),
    )


def _held_up(orders: list[Term]) -> Term:
    names = listed(orders)
    return Term(*(part.format(orders=names[n]) for n, part in enumerate(_HELD_UP)))
