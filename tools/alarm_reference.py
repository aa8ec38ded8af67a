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

**Deutsch.** Die Regeln urteilen über den Zustand der Anlage und die Uhr. Was sie finden, verwaltet
der Dienst `alarms`: ein Alarm bleibt, bis er vorbei *und* quittiert ist. Quittieren, Kommentieren,
Zurückstellen und Außerbetriebnehmen sind Befehle wie alle anderen (`alarm-...` in
[commands.md](commands.md)): auf den Seiten, mit `omf send` und über HTTP. `omf alarms` zeigt, was
offen ist, `omf alarms --history 50` die letzten Übergänge. Schweigt der Dienst, dann zeigen Seiten
und Befehlszeile nur, was die Regeln gerade finden. Zustände und Übergänge:
[alarms-lifecycle.md](alarms-lifecycle.md). Die Kennung eines Alarms ist die Regel mit dem
Betroffenen: `collision:5iO4`.

**English.** The rules judge the state of the factory and the clock. What they find is kept by the
service `alarms`: an alarm stays until it is over *and* acknowledged. To acknowledge, comment,
shelve and take out of service are commands like all others (`alarm-...` in
[commands.md](commands.md)): on the pages, with `omf send` and over HTTP. `omf alarms` shows what is
open, `omf alarms --history 50` the last passages. While the service is silent, pages and command
line show only what the rules find at the moment. States and passages:
[alarms-lifecycle.md](alarms-lifecycle.md). The id of an alarm is the rule with its subject:
`collision:5iO4`.
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
