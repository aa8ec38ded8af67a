"""The command reference of the docs, written from the menu, the interlocks and example plans."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic_core import PydanticUndefined

from omf.commands import CONTROLS, KINDS, Effect, Kind, Plan, PlannedStep
from omf.commands.interlocks import RULES
from omf.texts import render as words_of

_HEAD = """\
<!-- Generated. Change omf/commands, then run:
     python -m tests.support.command_docs > docs/commands.md -->

# Befehle / Commands

**Deutsch.** Alle Befehle mit Parametern, Verriegelungen und der Wirkung, die sie beweist. Gezeigt
wird jeweils ein Beispiel mit den genauen Nachrichten, in einer ruhenden Fabrik mit dem FTS an der
DPS. *einmal*: wird nie blind wiederholt. *bewegt*: nur bei frischer Sicht auf die Fabrik, und
außer beim Zurücksetzen an kein Gerät, das schweigt (`device-heard`, Vorsicht). Die CCU
beantwortet keine Ablehnung: Schweigen bis zum Ende des Fensters heißt *keine Wirkung*. *Führung*:
verlangt eine Fabrik sie (`OMF_CONTROL_LEASE=true`), nur für den, der führt (`control-take`).
*Vier Augen*: verlangt eine Fabrik sie (`OMF_FOUR_EYES=true`), wartet ein Befehl des Risikos
*dangerous* oder *raw* und jede bearbeitete Nachricht fünf Minuten auf eine zweite Person
(`approval-give`).
Was eine Verriegelung der *Fabrik* aufhält, täte die Fabrik nicht. Was nur die *Vorsicht* aufhält,
kann ein Supervisor mit einem Grund übersteuern (`omf send --override GRUND`, HTTP `override`, Feld
der Befehlskarte); das Protokoll der Entscheidungen behält ihn.
*Rolle*: in der Live-Fabrik die des Kontos oder Tokens, auch für `omf send` (`omf login`); in Mock
und Replay ist Administrator, wer am Rechner sitzt, solange niemand ein Konto hat
([security.md](security.md)).

**English.** All commands with their parameters, interlocks, and the effect that proves them. Each
shows an example with the exact messages, in an idle factory with the vehicle at the DPS. *once*:
never resent blindly. *moves*: only on a fresh view of the factory, and but for a reset
to no device that is silent (`device-heard`, prudence). The CCU answers no refusal:
silence to the end of the window means *no effect*. *control*: where a factory requires the control
lease (`OMF_CONTROL_LEASE=true`), only for whoever holds it (`control-take`). *Four eyes*:
where a factory asks for them (`OMF_FOUR_EYES=true`), a command of the risk *dangerous* or *raw* and
each edited message waits five minutes for a second person (`approval-give`). What an interlock of
the *factory* holds up, the factory would not do. What *prudence* alone holds up, a supervisor may
override with a reason (`omf send --override REASON`, HTTP `override`, a field of the command card),
and the audit keeps it. *Role*: in the live factory that of the account or token, for `omf send` too
(`omf login`); in mock and replay whoever sits at the machine is administrator while nobody has an
account ([security.md](security.md)).
"""
_ALL = (*KINDS.values(), *CONTROLS.values())
_TO_OWNER = "An die Alarmverwaltung / to the owner of the alarms\n"
_OVERVIEW = ("Befehl / Command", "Titel / Title", "Risiko / Risk", "Rolle / Role", "PROTOCOL")
_PARAMETERS = ("Parameter", "Bedeutung / Meaning", "Werte / Values", "Vorgabe / Default")
_INTERLOCKS = (
    "Verriegelung / Interlock",
    "Bedingung / Condition",
    "sonst / else",
    "wer will es / asked by",
    "unbekannt / unknown",
)
_BASIS = {
    "factory": "Fabrik / factory",
    "prudence": "Vorsicht / prudence",
    "confirmation": "Bestätigung / confirmation",
}


def render(plans: Mapping[str, Plan]) -> str:
    """Return docs/commands.md as it must be; `plans` holds an example of every kind."""
    parts = [_HEAD, *_overview()]
    for kind in _ALL:
        parts += _kind(kind, plans[kind.name])
    return "\n".join([*parts, *_interlocks()])


def _overview() -> Iterator[str]:
    yield from _table(_OVERVIEW, ([
        f"[`{kind.name}`](#{kind.name})",
        f"{kind.title.de} / {kind.title.en}",
        kind.risk,
        kind.role,
        kind.source or "–",
    ] for kind in _ALL))  # fmt: skip


def _kind(kind: Kind, plan: Plan) -> Iterator[str]:
    yield f"## {kind.name}\n"
    yield f"{kind.summary.de}\n\n{kind.summary.en}\n"
    yield f"{_traits(kind)}\n"
    if kind.reads:
        yield f"{kind.reads.de}\n\n{kind.reads.en}\n"
    fields = kind.parameters.model_json_schema().get("properties", {})
    if fields:
        yield from _table(_PARAMETERS, (_parameter(kind, n, f) for n, f in fields.items()))
    yield f"Verriegelungen / Interlocks: {_links(kind.interlocks)}\n"
    if kind.prudence:
        yield f"Hier nur aus Vorsicht / here by prudence only: {_links(sorted(kind.prudence))}\n"
    for step in plan.steps:
        yield from _step(step)


def _traits(kind: Kind) -> str:
    traits = [
        f"Risiko / risk: {kind.risk}",
        f"Rolle / role: {kind.role}",
        f"verfällt nach / expires after: {kind.expiry_s:g} s",
        "einmal / once" if kind.once else "wiederholbar / repeatable",
    ]
    if kind.moves:
        traits.append("bewegt / moves")
    if kind.typed_word:
        words = " / ".join(f"`{word}`" for word in dict.fromkeys(kind.typed_word.each))
        traits.append(f"Wort / word: {words}")
    if kind.risky:
        traits.append("Führung / control")
    if kind.source:
        traits.append(f"PROTOCOL {kind.source}")
    return " · ".join(traits)


def _parameter(kind: Kind, name: str, schema: Mapping[str, Any]) -> list[str]:
    hints = " / ".join(text for text in (schema.get("hint_de"), schema.get("hint_en")) if text)
    meaning = f"{schema['title_de']} / {schema['title_en']}" + (f". *{hints}*" if hints else "")
    default = kind.parameters.model_fields[name].default
    needed = default is PydanticUndefined
    said = "nötig / required" if needed else "–" if default in (None, "", ()) else f"`{default}`"
    return [f"`{name}`", meaning, _values(schema), said]


def _values(schema: Mapping[str, Any]) -> str:
    choices = [schema, *schema.get("anyOf", ())]
    for choice in choices:
        if "enum" in choice:
            return ", ".join(f"`{value}`" for value in choice["enum"])
    kinds = {str(choice["type"]) for choice in choices if choice.get("type", "null") != "null"}
    bounds = [
        f"{sign} {choice[key]:g}"
        for choice in choices
        for key, sign in (("minimum", "≥"), ("exclusiveMinimum", ">"), ("maximum", "≤"))
        if key in choice
    ]
    return " ".join([*sorted(kinds), *bounds])


def _step(step: PlannedStep) -> Iterator[str]:
    yield f"**{step.title.de} / {step.title.en}**\n"
    yield f"`{step.topic}` (QoS {step.qos})\n" if step.published else _TO_OWNER
    yield f"```json\n{step.payload}\n```\n"
    yield from _effects(step.effect)
    yield ""


def _effects(effect: Effect | None) -> Iterator[str]:
    while effect is not None:
        topics = ", ".join(f"`{topic}`" for topic in effect.topics)
        sentence = f"{effect.text.de} / {effect.text.en}"
        yield f"- {sentence}: {topics}, {effect.window_s:g} s (`{effect.rule}`)"
        if effect.otherwise is not None:
            other = effect.otherwise
            topics = ", ".join(f"`{topic}`" for topic in other.topics)
            yield f"  - sonst / otherwise: {other.text.de} / {other.text.en}: {topics}"
        effect = effect.follow_up


def _interlocks() -> Iterator[str]:
    yield "## Verriegelungen / Interlocks\n"
    yield from _table(_INTERLOCKS, ([
        f'<a id="{rule.id}"></a>`{rule.id}`',
        _words(f"interlock.{rule.id}.needs"),
        _words(f"interlock.{rule.id}.reason"),
        _BASIS[rule.basis] if not rule.advisory else "nur Hinweis / hint only",
        "geht / passes" if rule.unknown_passes or rule.advisory else "hält auf / refuses",
    ] for rule in RULES.values()))  # fmt: skip


def _words(key: str) -> str:
    """A text with the names of its gaps in braces."""
    return " / ".join(words_of(language, key, {}) for language in ("de", "en"))


def _links(names: Iterable[str]) -> str:
    return ", ".join(f"[`{name}`](#{name})" for name in names) or "–"


def _table(head: tuple[str, ...], rows: Iterable[list[str]]) -> Iterator[str]:
    yield _line(head)
    yield _line(["---"] * len(head))
    for row in rows:
        yield _line(row)
    yield ""


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
