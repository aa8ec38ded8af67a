"""The alarm reference of the documentation, written from the texts of the rules."""

import sys

from omf.alarms.alarm import SEVERITIES
from omf.alarms.alarm_texts import SEVERITY, Severity
from omf.texts import Language
from omf.texts import render as words

_HEAD = """\
<!-- Generated. Change omf/texts/*.po, then run:
     python -m tools.alarm_reference > docs/alarms.md -->

# Alarme / Alarms

**Deutsch.** Alarme werden aus dem Zustand der Anlage und der Uhr berechnet; sie enden, sobald ihr
Grund endet. Die Kennung eines Alarms ist die Regel mit dem Betroffenen: `collision:5iO4`.

**English.** Alarms are computed from the state of the factory and the clock; they end as soon as
their cause does. The id of an alarm is the rule with its subject: `collision:5iO4`.
"""
_NAMES: dict[Severity, str] = {
    "critical": "Kritisch / Critical",
    "warning": "Warnung / Warning",
    "communication": "Kommunikation / Communication",
    "advisory": "Hinweis / Advisory",
}


def render() -> str:
    """Return docs/alarms.md as it must be."""
    return "\n".join([_HEAD, *(_section(severity) for severity in SEVERITIES)])


def _section(severity: Severity) -> str:
    head = [
        f"## {_NAMES[severity]}\n",
        "| Regel / Rule | Meldung, was zu tun ist | Message, what to do |",
        "|---|---|---|",
    ]
    rows = [
        f"| `{rule}` | {_said(rule, 'de')} | {_said(rule, 'en')} |"
        for rule, one in SEVERITY.items()
        if one == severity
    ]
    return "\n".join([*head, *rows, ""])


def _said(rule: str, language: Language) -> str:
    """The message and what to do, the names of its gaps in braces."""
    said, action = (words(language, key, {}) for key in (f"alarm.{rule}", f"alarm.{rule}.action"))
    return f"{said}. {action}"


if __name__ == "__main__":
    sys.stdout.buffer.write(render().encode())
