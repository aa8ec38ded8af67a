"""The alarm reference of the documentation: the rationalisation table, written from the rules."""

import sys
from collections import Counter

from omf.alarms.causes import EXPLANATIONS
from omf.alarms.kpis import TARGET_SHARES
from omf.alarms.rule_data import BUILT_IN, SEVERITIES, AlarmRule, Severity
from omf.texts import Language
from omf.texts import render as words

_HEAD = """\
<!-- Generated. Change omf/alarms/rules.yaml or omf/texts/*.po, then run:
     python -m tools.alarm_reference > docs/alarms.md -->

# Alarme / Alarms

**Deutsch.** Die Regeln urteilen über den Zustand der Anlage und die Uhr. Was sie finden, verwaltet
der Dienst `alarms`: ein Alarm bleibt, bis er vorbei *und* quittiert ist. Quittieren, Kommentieren,
Zurückstellen und Außerbetriebnehmen sind Befehle wie alle anderen (`alarm-...` in
[commands.md](commands.md)): auf den Seiten, mit `omf send` und über HTTP. `omf alarms` zeigt, was
offen ist, `omf alarms --explained` auch, was ein anderer Alarm erklärt, `omf alarms history` alle
Übergänge von Jahren, `omf alarms handover` die Schichtübergabe. Schweigt der Dienst, dann zeigen
Seiten und Befehlszeile nur, was die Regeln gerade finden. Zustände und Übergänge:
[alarms-lifecycle.md](alarms-lifecycle.md); wie Alarme gemeint sind:
[alarm-philosophy.de.md](alarm-philosophy.de.md). Die Kennung eines Alarms ist die Regel mit dem
Betroffenen: `collision:5iO4`.

**English.** The rules judge the state of the factory and the clock. What they find is kept by the
service `alarms`: an alarm stays until it is over *and* acknowledged. To acknowledge, comment,
shelve and take out of service are commands like all others (`alarm-...` in
[commands.md](commands.md)): on the pages, with `omf send` and over HTTP. `omf alarms` shows what is
open, `omf alarms --explained` also what another alarm explains, `omf alarms history` the passages
of years, `omf alarms handover` the hand-over of the shift. While the service is silent, pages and
command line show only what the rules find at the moment. States and passages:
[alarms-lifecycle.md](alarms-lifecycle.md); how alarms are meant:
[alarm-philosophy.md](alarm-philosophy.md). The id of an alarm is the rule with its subject:
`collision:5iO4`.

## Regeln ändern / Changing rules

**Deutsch.** Alles, was ein Betrieb an den Regeln ändern darf, steht in `omf/alarms/rules.yaml`. Der
Betrieb legt daneben eine eigene Datei an, nennt sie dem Dienst `alarms` in `OMF_ALARM_RULES` und
startet ihn neu. Sie nennt nur, was anders ist; `omf alarms rules --check DATEI` prüft sie vorher.
Hat sie einen Fehler, wird sie mit Zeile, Name und Abhilfe abgelehnt, der Alarm `rules-refused` sagt
es, und die Regeln davor gelten weiter. Version und Änderungen zeigt die Seite *Alarme → Regeln*.
Unter `sensors` stehen die Kacheln der Seite Sensoren & Kamera und Grenzwerte darauf:
[sensors.md](sensors.md).

**English.** All that a site may change about the rules stands in `omf/alarms/rules.yaml`. The site
puts a file of its own beside it, names it to the service `alarms` in `OMF_ALARM_RULES` and restarts
it. It holds only what is different; `omf alarms rules --check FILE` checks it before. With a fault
it is refused with line, name and mend, the alarm `rules-refused` says so, and the rules before it
stay in force. Version and changes are shown on the page *Alarms → Rules*.

    version: 1                      # the count of your own changes
    rules:
      battery-low: {priority: 2, on_delay_s: 60, off_delay_s: 300}
      order-standstill: {parameters: {limit_s: 600}}
      camera-silent: {enabled: false}
    limits:                         # rules of the site on any number in any message
      low-voltage:                  # the alarm is limit-low-voltage:TOPIC
        topic: fts/v1/ff/+/state    # an MQTT filter
        path: batteryState.currentVoltage
        below: 8.4                  # or above
        hysteresis: 0.2             # so far it has to come back before the alarm is over
        on_delay_s: 30
        priority: 3
        unit: V
        title: {de: Spannung, en: voltage}
        action: {de: FTS laden., en: Charge the vehicle.}
        command: charge             # the alarm offers it, filled in; a person reads and sends it

    suppressions:                   # alarms that mean nothing while something holds
      mill-in-repair:
        when: always                # or factory-off, out-of-layout, calibrating
        rules: [connection-lost, device-silent]
        devices: [SVR3QA2098]
        reason: {de: in Reparatur, en: in repair}

A rule takes `priority` 1-4, `respond_s`, `on_delay_s`, `off_delay_s`, `enabled` and `parameters`; a
limit takes what stands above. A path may name a place in a list (`loads[0].weight`) or every one
(`loads[*].weight`). A `command` of a limit is one of `park`, `factory-reset`, `charge`,
`fts-dock`, `fts-reset` and `module-reset`; where the topic is of no device that takes it, none is
offered. `danger` offers `park`, and can be neither switched off nor suppressed. Under `sensors`
stand the tiles of the page Sensors & camera and limits on them: [sensors.md](sensors.md).
"""
_NAMES: dict[Severity, str] = {
    "critical": "Kritisch / Critical",
    "warning": "Warnung / Warning",
    "communication": "Kommunikation / Communication",
    "advisory": "Hinweis / Advisory",
}
_CAUSES_HEAD = """\
## Ursachen vor Folgen / Causes before symptoms

Steht ein Alarm der linken Spalte, dann stehen die rechts unter ihm, gezählt und aufklappbar.
While an alarm of the left column stands, those on the right are shown under it, counted.

| Ursache / Cause | erklärt / explains |
|---|---|"""


def render() -> str:
    """Return docs/alarms.md as it must be."""
    sections = (_section(number) for number in range(1, len(SEVERITIES) + 1))
    return "\n".join([_HEAD, _distribution(), *sections, _suppressions(), _causes(), ""])


def _distribution() -> str:
    """How many rules there are of each priority, against the aim of ISA-18.2."""
    found = Counter(rule.priority for rule in BUILT_IN.rules.values())
    counts = (found[1], found[2], found[3] + found[4])
    rows = [
        f"| {name} | {count} | {count / len(BUILT_IN.rules):.0%} | {aim:.0%} |"
        for name, count, aim in zip(("1", "2", "3 + 4"), counts, TARGET_SHARES, strict=True)
    ]
    head = (
        "## Prioritäten / Priorities\n",
        "| Priorität / Priority | Regeln / Rules | Anteil / Share | Ziel / Aim |",
        "|---|---:|---:|---:|",
    )
    return "\n".join([*head, *rows, ""])


def _section(priority: int) -> str:
    head = [
        f"## {priority} · {_NAMES[SEVERITIES[priority - 1]]}\n",
        "| Regel / Rule | Deutsch | English | Reaktion / Response |",
        "|---|---|---|---|",
    ]
    rows = [
        f"| `{name}` | {_said(name, 'de')} | {_said(name, 'en')} | {_figures(rule)} |"
        for name, rule in BUILT_IN.rules.items()
        if rule.priority == priority
    ]
    return "\n".join([*head, *rows, ""])


def _said(rule: str, language: Language) -> str:
    """Message, cause, consequence and what to do, the names of its gaps in braces."""
    parts = ("", ".cause", ".consequence", ".action")
    message, cause, consequence, action = (
        words(language, f"alarm.{rule}{part}", {}) for part in parts
    )
    return f"**{message}**<br>{cause}<br>{consequence}<br>→ {action}"


def _figures(rule: AlarmRule) -> str:
    delays = {"on_delay_s": rule.on_delay_s, "off_delay_s": rule.off_delay_s}
    numbers = {**{name: value for name, value in delays.items() if value}, **rule.parameters}
    told = [f"≤ {rule.respond_s / 60:g} min", *(f"`{k}` {v:g}" for k, v in numbers.items())]
    return "<br>".join(told)


def _suppressions() -> str:
    head = (
        "## Durch die Auslegung unterdrückt / Suppressed by design\n",
        "| Name | solange / while | Regeln / rules |",
        "|---|---|---|",
    )
    rows = (
        f"| `{name}` | {words('de', key, {})} / {words('en', key, {})} "
        f"| {', '.join(f'`{one}`' for one in row.rules)} |"
        for name, row in BUILT_IN.suppressions.items()
        if (key := f"alarm_suppressed.{row.when}")
    )
    return "\n".join([*head, *rows, ""])


def _causes() -> str:
    rows: dict[str, list[str]] = {}
    for row in EXPLANATIONS:
        rows.setdefault(row.cause, []).extend(row.explained)
    lines = (
        f"| `{cause}` | {', '.join(f'`{one}`' for one in dict.fromkeys(found))} |"
        for cause, found in rows.items()
    )
    return "\n".join([_CAUSES_HEAD, *lines])


if __name__ == "__main__":
    sys.stdout.buffer.write(render().encode())
