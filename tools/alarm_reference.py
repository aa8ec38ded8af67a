"""The alarm reference of the documentation, written from the texts of the rules."""

import sys

from omf.alarms.alarm import SEVERITIES
from omf.alarms.alarm_texts import TEXTS, Severity

_HEAD = """\
<!-- Generated. Change omf/alarms/alarm_texts.py, then run:
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
        f"| `{rule}` | {text.de}. {text.action_de} | {text.en}. {text.action_en} |"
        for rule, text in TEXTS.items()
        if text.severity == severity
    ]
    return "\n".join([*head, *rows, ""])


if __name__ == "__main__":
    sys.stdout.buffer.write(render().encode())
