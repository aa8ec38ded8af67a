"""The figures of a report, group by group; a click on one lists what it was counted from."""

from collections.abc import Sequence

from omf.analysis import shift_wording
from omf.analysis.figure import Figure, FigureGroup, FigureSource
from omf.analysis.shift_figures import ComparedFigure, RangeFigures
from omf.analysis.time_spans import Span
from omf.messages.stream_id import StreamId
from services.common.documents.shift_report import WHOLE_GROUPS
from services.ui.live.screen import Screen
from services.ui.views import urls
from services.ui.widgets.elements import attribute, div, link, panel, text

LISTED_SOURCES = 100
Other = dict[tuple[str, str, str], float | None]


class ReportFigures:
    """All figures of one range, beside those of another one where that was asked for."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._holder = div("report-figures")
        self._sources = div("report-sources hidden")
        self._other: Other | None = None
        self._span: Span = (0.0, 0.0)

    def show(self, found: RangeFigures, compared: Sequence[ComparedFigure]) -> None:
        """Draw them anew."""
        self._span = found.since, found.until
        self._other = {one[:3]: one.b for one in compared} if compared else None
        self._holder.clear()
        self._sources.clear()
        with self._holder:
            with div("report-groups"):
                for group in WHOLE_GROUPS:
                    self._group(found, group)
            for group in shift_wording.TABLES:
                self._table(found, group)
            for group in ("alarms", "commands"):
                self._people(found, group)
            self._disturbances(found)

    def _group(self, found: RangeFigures, group: FigureGroup) -> None:
        say = self._screen.say
        with panel(say(f"shift_report.group.{group}")), div("facts", "dl"):
            for one in shift_wording.of_group(found.figures, group):
                with div("fact"):
                    name = shift_wording.figure_name(group, one.name, say)
                    text(name, "fact-name", "dt")
                    with div("fact-value", "dd"):
                        self._value(one, name)

    def _value(self, one: Figure, name: str) -> None:
        say = self._screen.say
        words = shift_wording.value_words(one.value, one.unit, say)
        if one.sources:
            made = text(words, "report-figure way-in", "button").mark(f"{one.group}-{one.name}")
            attribute(made, "title", say("report.sources_of", count=one.source_count))
            made.on("click", lambda: self._list(name, words, one))
        else:
            text(words, "dim" if one.value is None else "")
        if self._other is not None:
            other = self._other.get(one[:3])
            beside = shift_wording.value_words(other, one.unit, say)
            text(say("report.beside", value=beside), "dim beside-figure")

    def _table(self, found: RangeFigures, group: FigureGroup) -> None:
        say, names = self._screen.say, shift_wording.TABLES[group]
        subjects = shift_wording.by_subject(found.figures, group)
        if not subjects:
            return
        with panel(say(f"shift_report.table.{group}")):
            if group == "vehicle" and not found.layout_known:
                text(say("shift_report.default_layout"), "hint")
            with div("report-table", "table"):
                with div("", "thead"), div("", "tr"):
                    for name in ("", *names):
                        words = shift_wording.figure_name(group, name, say) if name else ""
                        text(words, "", "th")
                with div("", "tbody"):
                    for subject, figures in subjects.items():
                        self._line(found, group, subject, figures)

    def _line(
        self, found: RangeFigures, group: FigureGroup, subject: str, figures: dict[str, Figure]
    ) -> None:
        say = self._screen.say
        whose = shift_wording.subject_words(group, subject, found, say)
        with div("", "tr"):
            with div("", "th"):
                target = "" if group == "orders" else urls.to_device(self._screen, subject)
                link(whose, target, "way-in") if target else text(whose)
            for name in shift_wording.TABLES[group]:
                words = shift_wording.figure_name(group, name, say)
                with div("", "td") as cell:
                    attribute(cell, "data-label", words)
                    if (one := figures.get(name)) is not None:
                        self._value(one, f"{whose}, {words}")

    def _people(self, found: RangeFigures, group: FigureGroup) -> None:
        """Alarms one by one, and commands by person."""
        say, subjects = self._screen.say, shift_wording.by_subject(found.figures, group)
        if not subjects:
            return
        with panel(say(f"shift_report.group.{group}")), div("facts", "dl"):
            for subject, figures in subjects.items():
                whose = shift_wording.subject_words(group, subject, found, say)
                with div("fact"):
                    text(whose, "fact-name", "dt")
                    with div("fact-value row", "dd"):
                        for one in figures.values():
                            name = shift_wording.figure_name(group, one.name, say)
                            text(name, "dim")
                            self._value(one, f"{whose}, {name}")

    def _disturbances(self, found: RangeFigures) -> None:
        screen = self._screen
        with panel(screen.say("shift_report.disturbances")):
            if not found.disturbances:
                text(screen.say("shift_report.undisturbed"), "empty")
            for one in found.disturbances[:LISTED_SOURCES]:
                with div("row"):
                    text(screen.when(one.begin), "mono dim")
                    words = shift_wording.disturbance_words(one, found, screen.say)
                    target = urls.to_workpiece(screen, one.order_id) if one.order_id else ""
                    link(words, target, "way-in") if target else text(words)
                    for number, message_id in enumerate(one.evidence, 1):
                        name = screen.say("workpiece.message", number=number)
                        link(name, urls.to_kept_message(self._screen, message_id), "way-in hint")

    def _list(self, name: str, words: str, one: Figure) -> None:
        """What a figure was counted from."""
        say = self._screen.say
        self._sources.classes(remove="hidden")
        self._sources.clear()
        with self._sources, panel(say("report.counted_from", figure=name, value=words)):
            with div("report-source-list"):
                for source in one.sources[:LISTED_SOURCES]:
                    link(self._source_name(source), self._to_source(source), "way-in mono")
            more = one.source_count - min(len(one.sources), LISTED_SOURCES)
            if more > 0:
                text(say("shift_report.more_disturbances", count=more), "hint")
        self._sources.run_method("scrollIntoView", {"block": "nearest"})

    def _source_name(self, source: FigureSource) -> str:
        if source.kind != "message":
            return source.id
        return self._screen.when(StreamId.parse(source.id).seconds, millis=True)

    def _to_source(self, source: FigureSource) -> str:
        screen = self._screen
        if source.kind == "order":
            known = source.id in screen.model.factory.orders
            return (urls.to_order if known else urls.to_workpiece)(screen, source.id)
        if source.kind == "command":
            return urls.to_command(screen, source.id)
        if source.kind == "alarm":
            return urls.to_alarm_passages(screen, source.id, *self._span)
        return urls.to_kept_message(screen, source.id)
