"""Alarms: findings of the rules with their severity and words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from omf.alarms.lifecycle import HIDDEN, AlarmState
from omf.alarms.rule_data import BUILT_IN, SEVERITIES, AlarmRules, Severity
from omf.texts import Saying, Text, joined, text, verbatim

MOST_ALARM_NAMES = 3
"""Orders or modules named in one alarm; of more their number."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that is met by one subject; `words` fill the rule's texts."""

    rule: str
    subject: str
    since: float | None
    """Unix s of the arrival that met it; None is longer than we know."""
    words: tuple[tuple[str, str | Text], ...] = ()
    severity: Severity | None = None
    """Where it is another one than the rule's."""


@dataclass(frozen=True, slots=True)
class Alarm(Saying):
    """One alarm; `id` is the same as long as it lasts, so that it can be acknowledged."""

    id: str
    rule: str
    severity: Severity
    subject: str
    """Serial, order id, bay or topic."""
    since: float | None
    text: Text
    action: Text
    """What to do about it."""
    state: AlarmState | None = None
    """Where it is in its life; None where nobody keeps it."""
    acknowledged_by: str = ""
    acknowledged_at: float | None = None
    """Unix s."""
    cause: str = ""
    """Id of the alarm that explains it and under which it is shown."""
    suppressed: Text | None = None
    """Why the design suppresses it."""

    @property
    def hidden(self) -> bool:
        """True if a person shelved it or took it out of service, or the design suppresses it."""
        return self.suppressed is not None or self.state in HIDDEN


def raise_alarms(
    findings: Iterable[Finding],
    held_up: Mapping[str, list[Text]] | None = None,
    rules: AlarmRules = BUILT_IN,
) -> tuple[Alarm, ...]:
    """Return the alarms of the findings, gravest first, then by rule and subject.

    `held_up` names the orders that stand still because of a subject: then its alarm says so, and
    is a warning at least.
    """
    return gravest_first(
        _alarm(finding, (held_up or {}).get(finding.subject, []), rules) for finding in findings
    )


def gravest_first(alarms: Iterable[Alarm]) -> tuple[Alarm, ...]:
    """Return the alarms in the order in which they are listed."""
    return tuple(sorted(alarms, key=lambda a: (SEVERITIES.index(a.severity), a.id)))


def listed(names: list[Text]) -> Text:
    """Return the first names with commas, and how many more there are."""
    more = len(names) - MOST_ALARM_NAMES
    return joined(", ", [*names[:MOST_ALARM_NAMES], *([verbatim(f"+{more}")] if more > 0 else [])])


def _alarm(finding: Finding, orders: list[Text], rules: AlarmRules) -> Alarm:
    severity = finding.severity or rules.rules[finding.rule].severity
    graver = orders and SEVERITIES.index(severity) > SEVERITIES.index("warning")
    key = rules.texts(finding.rule)
    said = text(key, **dict(finding.words))
    if orders:
        said = joined("", [said, text("alarm_part.held_up", orders=listed(orders))])
    return Alarm(
        id=f"{finding.rule}:{finding.subject}",
        rule=finding.rule,
        severity="warning" if graver else severity,
        subject=finding.subject,
        since=finding.since,
        text=said,
        action=text(f"{key}.action", **dict(finding.words)),
    )
