"""What differs between the rows a session was kept with and those it gives now, in plain words."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

from omf.analysis.golden import GOLDEN_KINDS, VANISHED, GoldenKind, GoldenRow
from omf.analysis.shift_wording import figure_name, value_words
from omf.durations import Span
from omf.state import FactoryState
from omf.state.device_names import short
from omf.terms import term
from omf.texts import LANGUAGES, Text, joined, stored, text, verbatim
from omf.texts.translator import Translator
from omf.workpieces.deviations import Deviation
from omf.workpieces.life import Contradiction, LifeEvent
from omf.workpieces.wording import (
    contradiction_words,
    deviation_words,
    event_words,
    step_words,
)

GoldenChange = Literal["missing", "new", "changed"]
Facts: TypeAlias = Mapping[str, Any]
_NAMING = frozenset({"rule", "subject", "text", "group", "name", "unit"})
"""Facts that say what a row is of: they are its name, and never differ by themselves."""
_NOWHERE = FactoryState()
"""Names of devices stand in the rows as people call them: no factory has to be asked."""


class GoldenDifference(BaseModel):
    """One order, life, alarm or figure that is not as it was kept."""

    model_config = ConfigDict(frozen=True)

    kind: GoldenKind
    change: GoldenChange
    """`missing` is not found any more, `new` was not there when it was kept."""
    id: str
    name: Text
    details: tuple[Text, ...]
    """Of one that changed what changed; of another one what it said."""

    @property
    def sentence(self) -> Text:
        """All of it in one line."""
        what = text(f"golden.{self.change}.{self.kind}", name=self.name)
        return joined(": ", [what, joined("; ", self.details)]) if self.details else what


def differences(
    expected: Sequence[GoldenRow], found: Sequence[GoldenRow]
) -> tuple[GoldenDifference, ...]:
    """Each row that is missing, new or changed, orders first, then lives, alarms, figures.

    LookupError, TypeError, ValueError, AttributeError for rows no `GoldenFold` ever told.
    """
    told: list[GoldenDifference] = []
    for kind in GOLDEN_KINDS:
        pairs = _pairs(
            [one for one in expected if one.kind == kind],
            [one for one in found if one.kind == kind],
        )
        told += (one for pair in pairs if (one := _difference(*pair)) is not None)
    return tuple(told)


def _pairs(
    expected: Sequence[GoldenRow], found: Sequence[GoldenRow]
) -> list[tuple[GoldenRow | None, GoldenRow | None]]:
    """Rows of the same thing beside each other: by id, then what is left by what it is about."""
    now = {_key(one): one for one in found}
    pairs: list[tuple[GoldenRow | None, GoldenRow | None]] = []
    left: list[GoldenRow] = []
    for one in expected:
        other = now.pop(_key(one), None)
        if other is None:
            left.append(one)
        else:
            pairs.append((one, other))
    rest = list(now.values())
    for one in list(left):
        other = next((row for row in rest if _about_the_same(one, row)), None)
        if other is not None:
            pairs.append((one, other))
            left.remove(one)
            rest.remove(other)
    pairs += [(one, None) for one in left]
    pairs += [(None, one) for one in rest]
    return sorted(pairs, key=_begin)


def _begin(pair: tuple[GoldenRow | None, GoldenRow | None]) -> float:
    begins = [row.facts.get("begin") for row in pair if row]
    return next((one for one in begins if isinstance(one, int | float)), 0.0)


def _key(row: GoldenRow) -> tuple[str, object]:
    """An alarm comes again and again: each time is one of its own."""
    return row.id, row.facts.get("begin") if row.kind == "alarm" else None


def _about_the_same(one: GoldenRow, other: GoldenRow) -> bool:
    """Another life of the same tag, or the alarm at a time that overlaps."""
    if one.kind == "life":
        return one.facts.get("tag") is not None and one.facts["tag"] == other.facts.get("tag")
    return one.kind == "alarm" and one.id == other.id and _overlap(one.facts, other.facts)


def _overlap(one: Facts, other: Facts) -> bool:
    ends = [float("inf") if f.get("end") is None else float(f["end"]) for f in (one, other)]
    return float(one.get("begin") or 0) <= ends[1] and float(other.get("begin") or 0) <= ends[0]


def _difference(one: GoldenRow | None, other: GoldenRow | None) -> GoldenDifference | None:
    row = other or one
    if row is None or (one and other and one.facts == other.facts):
        return None
    if one and other:
        details = tuple(_changes(one.facts, other.facts))
        if not details:
            return None
        change: GoldenChange = "changed"
    else:
        details = tuple(_brief(row))
        change = "missing" if other is None else "new"
    return GoldenDifference(
        kind=row.kind, change=change, id=row.id, name=row_name(row), details=details
    )


def row_name(row: GoldenRow) -> Text:
    """What people call it: an order by purpose and colour, a piece by its tag, an alarm's words."""
    facts = row.facts
    if row.kind == "order":
        kind, colour = term("order.type", facts.get("type")), term("colour", facts.get("colour"))
        return joined(" ", [kind, colour, verbatim(short(row.id))])
    if row.kind == "life":
        tag, colour = facts.get("tag"), term("colour", facts.get("colour") or "UNKNOWN")
        return joined(" ", [colour, verbatim(tag) if tag else text("workpieces.no_tag")])
    if row.kind == "alarm":
        return _in_each(lambda say: str(facts["text"].get(say.language) or facts["text"]["en"]))
    group, subject = facts["group"], facts.get("subject")
    of = verbatim(subject) if subject else text(f"shift_report.group.{group}")
    name = _in_each(lambda say: figure_name(group, facts["name"], say))
    return joined(": ", [of, name])


def _brief(row: GoldenRow) -> Iterator[Text]:
    """What a row said that has no counterpart: how it ended, and when."""
    for field in ("status", "state", "value"):
        if field in row.facts:
            yield _value(field, row.facts)
    if row.facts.get("begin") is not None:
        ended = row.facts.get("end") is not None
        times = {name: _value(name, row.facts) for name in ("begin", "end")}
        yield text("golden.span" if ended else "golden.span_open", **times)


def _changes(one: Facts, other: Facts) -> Iterator[Text]:
    # What only one release tells of is no difference in what happened.
    for field in (name for name in one if name in other and name not in _NAMING):
        before, after = one[field], other[field]
        if before == after:
            continue
        if isinstance(after, list):
            yield from _list_changes(field, before, after)
            continue
        words = {name: _value(field, facts) for name, facts in (("before", one), ("after", other))}
        yield text("golden.was", what=text(f"golden.fact.{field}"), **words)


def _list_changes(field: str, before: list[Any], after: list[Any]) -> Iterator[Text]:
    had, has = (Counter(map(_canonical, items)) for items in (before, after))
    for key, items, rest in (
        ("golden.gone", before, had - has),
        ("golden.added", after, has - had),
    ):
        left = Counter(rest)
        for item in items:
            if left[name := _canonical(item)] > 0:
                left[name] -= 1
                yield text(key, what=_in_each(partial(_ITEMS[field], item)))


def _canonical(item: object) -> str:
    return json.dumps(item, sort_keys=True)


def _value(field: str, facts: Facts) -> Text:
    said = facts.get(field)
    if field == "value":
        return _in_each(lambda say: value_words(said, facts["unit"], say))
    if said is None:
        return text("golden.none" if field == "end" else "unknown")
    if field in ("begin", "end"):
        return verbatim(_time(said))
    group = _GROUPS.get(field)
    if field == "state" and said == VANISHED:
        return text("order.state.lost")
    return verbatim(str(said)) if group is None else term(group, str(said))


_GROUPS: Mapping[str, str] = {
    "type": "order.type",
    "colour": "colour",
    "state": "order.state",
    "status": "workpiece.status",
    "severity": "level",
}
"""The group of texts that has the words of a fact."""


def _step_item(item: list[Any], say: Translator) -> str:
    number, name, state = item
    words = say.known("order.state", state)
    return say("golden.step", number=number, step=step_words(name, _NOWHERE, say), state=words)


def _event_item(item: dict[str, Any], say: Translator) -> str:
    told = {name: said for name, said in item.items() if name in LifeEvent._fields}
    companions = tuple(told.pop("companions", ()))
    event = LifeEvent(message_id="", companions=companions, **told)
    return f"{_time(event.at)} {event_words(event, _NOWHERE, say)}"


def _contradiction_item(item: list[Any], say: Translator) -> str:
    kind, one, other = item
    found = Contradiction(kind, 0.0, (one, other), ("", ""))
    return contradiction_words(found, _NOWHERE, say)


def _deviation_item(item: list[Any], say: Translator) -> str:
    kind, what, seconds, usual = item
    span = None if usual is None else Span(usual, usual, usual)
    found = Deviation(kind, "", what, None, (), seconds, span)
    return deviation_words(found, _NOWHERE, say)


_ITEMS: Mapping[str, Callable[[Any, Translator], str]] = {
    "steps": _step_item,
    "events": _event_item,
    "contradictions": _contradiction_item,
    "deviations": _deviation_item,
    "places": lambda item, say: say("golden.place", place=item),
    "causes": lambda item, say: say("golden.cause", alarm=item or say("unknown")),
}
"""How one of a list of facts is said."""


def _in_each(words: Callable[[Translator], str]) -> Text:
    return stored(**{language: words(Translator(language)) for language in LANGUAGES})


def _time(at: float) -> str:
    said = datetime.fromtimestamp(at, UTC).isoformat(" ", "milliseconds")
    return f"{said.removesuffix('+00:00')} UTC"


def counts(rows: Iterable[GoldenRow]) -> dict[GoldenKind, int]:
    """How many rows there are of each kind."""
    told = Counter(one.kind for one in rows)
    return {kind: told[kind] for kind in GOLDEN_KINDS}
