"""The report of a shift on paper."""

from collections.abc import Sequence

from omf.analysis import shift_wording
from omf.analysis.figure import Figure, FigureGroup
from omf.analysis.shift_figures import ComparedFigure, RangeFigures
from services.common.documents.life_record import Reader
from services.common.documents.pdf import Cell, Document, Section

MAX_DISTURBANCES = 30
WHOLE_GROUPS: tuple[FigureGroup, ...] = (
    "time",
    "orders",
    "quality",
    "factory",
    "alarms",
    "commands",
)
BARS = frozenset({"oee", "availability", "quality", "utilisation"})


def shift_report(
    found: RangeFigures, title: str, reader: Reader, compared: Sequence[ComparedFigure] = ()
) -> Document:
    """The document of a range; `compared` holds it against another one."""
    say = reader.say
    span = say(
        "shift_report.span",
        begin=reader.moment(found.since)[:-4],
        end=reader.moment(found.until)[:-4],
    )
    sections = [
        *(_whole(found, group, reader) for group in WHOLE_GROUPS),
        _table(found, "orders", reader),
        _table(found, "module", reader),
        _table(found, "vehicle", reader),
        _people(found, reader),
        _disturbed(found, reader),
    ]
    if compared:
        sections.append(_compared(found, compared, reader))
    footer = say("shift_report.footer", zone=reader.zone_name(found.since))
    shown = [one for one in sections if one.rows or one.note]
    return Document(say.language, title, span, shown, footer, landscape=True)


def _whole(found: RangeFigures, group: FigureGroup, reader: Reader) -> Section:
    say = reader.say
    rows = [
        (Cell(shift_wording.figure_name(group, one.name, say)), _value(one, reader))
        for one in shift_wording.of_group(found.figures, group)
    ]
    return Section(say(f"shift_report.group.{group}"), (2, 3), (), rows)


def _value(one: Figure | None, reader: Reader) -> Cell:
    if one is None:
        return Cell("")
    words = shift_wording.value_words(one.value, one.unit, reader.say)
    share = one.value if one.name in BARS and one.unit == "share" else None
    return Cell(words, share=share)


def _table(found: RangeFigures, group: FigureGroup, reader: Reader) -> Section:
    say, names = reader.say, shift_wording.TABLES[group]
    subjects = shift_wording.by_subject(found.figures, group)
    rows = [
        (
            Cell(shift_wording.subject_words(group, subject, found, say)),
            *(_value(figures.get(name), reader) for name in names),
        )
        for subject, figures in subjects.items()
    ]
    columns = ["", *(shift_wording.figure_name(group, name, say) for name in names)]
    note = ""
    if group == "vehicle" and rows and not found.layout_known:
        note = say("shift_report.default_layout")
    widths = (2.2, *([1] * len(names)))
    return Section(say(f"shift_report.table.{group}"), widths, columns if rows else (), rows, note)


def _people(found: RangeFigures, reader: Reader) -> Section:
    """Alarms by rule and commands by person."""
    say = reader.say
    rows = [
        (
            Cell(shift_wording.subject_words(group, subject, found, say)),
            Cell(shift_wording.figure_name(group, one.name, say)),
            _value(one, reader),
        )
        for group in ("alarms", "commands")
        for subject, figures in shift_wording.by_subject(found.figures, group).items()
        for one in figures.values()
    ]
    return Section(say("shift_report.table.people"), (2, 2, 1), (), rows)


def _disturbed(found: RangeFigures, reader: Reader) -> Section:
    say = reader.say
    rows = [
        (
            Cell(reader.moment(one.begin), " · ".join(one.evidence)),
            Cell(shift_wording.disturbance_words(one, found, say)),
        )
        for one in found.disturbances[:MAX_DISTURBANCES]
    ]
    more = len(found.disturbances) - len(rows)
    note = say("shift_report.more_disturbances", count=more) if more else ""
    note = note if rows else say("shift_report.undisturbed")
    return Section(say("shift_report.disturbances"), (1, 3), (), rows, note)


def _compared(found: RangeFigures, compared: Sequence[ComparedFigure], reader: Reader) -> Section:
    say = reader.say
    rows = [
        (
            Cell(shift_wording.subject_words(one.group, one.subject, found, say)),
            Cell(shift_wording.figure_name(one.group, one.name, say)),
            Cell(shift_wording.value_words(one.a, one.unit, say)),
            Cell(shift_wording.value_words(one.b, one.unit, say)),
        )
        for one in compared
        if one.a != one.b
    ]
    columns = ["", "", say("shift_report.this"), say("shift_report.other")]
    return Section(say("shift_report.compared"), (2, 2, 1, 1), columns, rows)
