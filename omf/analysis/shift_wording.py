"""Figures of a shift in words: their names and values, and rows of CSV."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from omf.analysis.figure import Figure, FigureGroup, Unit
from omf.analysis.module_figures import Disturbance
from omf.analysis.shift_figures import ComparedFigure, RangeFigures
from omf.state.device_names import short
from omf.texts import has
from omf.texts.figures import number, took
from omf.texts.translator import Translator

SHIFT_CSV_COLUMNS = ("from", "to", "group", "subject", "type", "name", "value", "unit", "sources")
KILOMETRE_M = 1000.0
MODULE_COLUMNS = (
    "oee",
    "availability",
    "effectiveness",
    "quality",
    "utilisation",
    "actions",
    "busy",
    "failed",
    "waiting_for_vehicle",
    "blocked",
    "no_order",
    "unknown",
)
VEHICLE_COLUMNS = (
    "driven",
    "driven_loaded",
    "driven_inferred",
    "unknown_moves",
    "driving",
    "charges",
    "charging",
    "unknown",
)
LEAD_COLUMNS = ("lead_least", "lead_median", "lead_90", "lead_most")
TABLES: dict[FigureGroup, tuple[str, ...]] = {
    "module": MODULE_COLUMNS,
    "vehicle": VEHICLE_COLUMNS,
    "orders": LEAD_COLUMNS,
}
"""Figures that have a subject each: a line a subject, a column a figure."""


def value_words(value: float | None, unit: Unit, say: Translator) -> str:
    """A value with its unit; unknown is said."""
    if value is None:
        return say("unknown")
    if unit == "s":
        return took(value, say.language)
    if unit == "m" and value >= KILOMETRE_M:
        return f"{number(value / KILOMETRE_M, say.language, 2)} km"
    factor, digits, sign = _FORMS[unit]
    return f"{number(factor * value, say.language, digits)}{sign}"


_FORMS: Mapping[Unit, tuple[float, int, str]] = {
    "count": (1, 0, ""),
    "share": (100, 1, " %"),
    "per_hour": (1, 1, " / h"),
    "m": (1, 1, " m"),
}
"""What a value is multiplied with, its digits behind the point, its sign."""


def figure_name(group: FigureGroup, name: str, say: Translator) -> str:
    """What a figure is called; the outcome of a command by the words of commands."""
    key = f"shift_report.{group}.{name}"
    return say(key) if has(key) else say.known("stage", name)


def subject_words(group: FigureGroup, subject: str, found: RangeFigures, say: Translator) -> str:
    """Whose figure it is."""
    if group == "module":
        given = found.names.get(subject)
        kind = say.either(given) if given else found.types.get(subject) or ""
        return f"{kind} {subject}".strip()
    if group == "vehicle":
        return f"FTS {subject}"
    if group == "orders" and subject:
        kind, _, colour = subject.partition(" ")
        return f"{say.known('order.type', kind)} {say.known('colour', colour)}".strip()
    if group == "alarms" and subject:
        said = found.alarms.get(subject)
        return say.either(said) if said is not None else subject
    return subject


def disturbance_words(one: Disturbance, found: RangeFigures, say: Translator) -> str:
    """What disturbed which module, and what it cost."""
    module = subject_words("module", one.subject, found, say)
    cost = took(one.cost_s, say.language)
    order = short(one.order_id) if one.order_id else ""
    key = "shift_report.disturbance_of" if order else "shift_report.disturbance"
    what = figure_name("module", one.kind, say)
    return say(key, module=module, what=what, cost=cost, order=order)


def of_group(figures: Iterable[Figure], group: FigureGroup) -> list[Figure]:
    """The figures of a group that stand for the whole."""
    return [one for one in figures if one.group == group and not one.subject]


def by_subject(figures: Iterable[Figure], group: FigureGroup) -> dict[str, dict[str, Figure]]:
    """Subject -> name -> figure, of a group."""
    found: dict[str, dict[str, Figure]] = {}
    for one in figures:
        if one.group == group and one.subject:
            found.setdefault(one.subject, {})[one.name] = one
    return found


def shift_json(found: RangeFigures) -> dict[str, Any]:
    """The figures as JSON-able data."""
    return {
        "since": found.since,
        "until": found.until,
        "planned": [list(one) for one in found.planned],
        "layout_known": found.layout_known,
        "figures": [
            one._asdict()
            | {
                "type": found.types.get(one.subject),
                "sources": [source._asdict() for source in one.sources],
            }
            for one in found.figures
        ],
        "disturbances": [
            one._asdict() | {"evidence": list(one.evidence), "type": found.types.get(one.subject)}
            for one in found.disturbances
        ],
    }


def compared_json(compared: Sequence[ComparedFigure]) -> list[dict[str, Any]]:
    """A comparison as JSON-able data."""
    return [one._asdict() for one in compared]


def shift_csv(found: RangeFigures) -> Iterator[tuple[str, ...]]:
    """A row for each figure, under `SHIFT_CSV_COLUMNS`; unknown is empty."""
    span = _iso(found.since), _iso(found.until)
    for one in found.figures:
        kind = found.types.get(one.subject) or ""
        value = "" if one.value is None else f"{one.value:.6g}"
        sources = " ".join(source.id for source in one.sources)
        yield *span, one.group, one.subject, kind, one.name, value, one.unit, sources


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
