"""Commands: the life of every command of everybody, newest first."""

from dataclasses import asdict, dataclass, replace
from datetime import UTC
from urllib.parse import urlencode

from nicegui import ui

from services.common import moments
from services.common.streams import CommandRecord, Stage
from services.ui import command_view, formats
from services.ui.command_log import changed_at
from services.ui.page import Address, Page
from services.ui.parts.build import box, link, mark, panel, text
from services.ui.parts.command_detail import CommandDetail
from services.ui.parts.table import Row, Table, column
from services.ui.screen import Screen

SHOWN = 200
MAX_TEXT = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which commands a person wants to see; an empty field asks nothing."""

    kind: str = ""
    operator: str = ""
    stage: str = ""
    since: str = ""
    text: str = ""

    def takes(self, record: CommandRecord, since: float | None) -> bool:
        """True if the command is wanted; `since` is what the field means in Unix seconds."""
        command = record.command
        return (
            self.kind in {"", command.kind}
            and self.operator in {"", command.operator}
            and self.stage in {"", record.stage}
            and (since is None or command.created_at >= since)
            and (not self.text or self.text.casefold() in _words(record))
        )


def _words(record: CommandRecord) -> str:
    command = record.command
    told = [*(e.order_id for e in record.events), *(e.payload for e in record.events)]
    parts = (command.command_id, command.kind, command.operator, command.note, command.parameters)
    return " ".join(map(str, (*parts, *told))).casefold()


def build(screen: Screen, address: Address) -> None:
    """Fill the page; the address holds the filters, and `command` opens that command at once."""
    names = Wanted.__slots__
    wanted = Wanted(**{name: address.get(name, "")[:MAX_TEXT] for name in names})
    CommandsPage(screen, wanted, address.get("command", "")).build()


class CommandsPage:
    """One person's look at the commands."""

    def __init__(self, screen: Screen, wanted: Wanted, chosen: str) -> None:
        self._screen = screen
        self._wanted = wanted
        self._chosen = chosen

    def build(self) -> None:
        """Filters, list and detail."""
        say = self._screen.say
        with box("messages"):
            with panel(say("page.commands"), "fill"):
                self._bar()
                self._table = Table(
                    _columns(self._screen), self._rows(), empty="", on_pick=self._choose
                )
            self._detail = CommandDetail(self._screen, lambda: self._choose(""))
        self._screen.live(self._draw)

    def _bar(self) -> None:
        say, records = self._screen.say, self._screen.model.commands.newest(SHOWN)
        kinds = {r.command.kind: command_view.kind_name(r.command.kind, say) for r in records}
        people = {r.command.operator: r.command.operator for r in records}
        with box("message-bar command-bar"):
            self._select("kind", kinds)
            self._select("operator", people)
            self._select("stage", {str(stage): say(f"stage.{stage}") for stage in Stage})
            self._entry("since", say("commands.since"))
            self._entry("text", say("commands.text")).props("data-search")
            self._clear = link(say("messages.clear"), self._screen.path("commands"), "act small")
        self._hint = text("", "hint wrong hidden")

    def _select(self, name: str, known: dict[str, str]) -> None:
        chosen = getattr(self._wanted, name)
        label = self._screen.say(f"commands.any.{name}")
        options = {"": label, **({chosen: chosen} if chosen else {}), **known}
        field = ui.select(options, value=chosen).classes("field")
        field.props(f'dense outlined square aria-label="{label}"')
        field.on_value_change(lambda event: self._change(**{name: event.value or ""}))

    def _entry(self, name: str, label: str) -> ui.input:
        field = ui.input(placeholder=label, value=getattr(self._wanted, name)).classes("field")
        field.props(f'dense outlined square debounce=300 aria-label="{label}"')
        field.on_value_change(lambda event: self._change(**{name: (event.value or "").strip()}))
        return field

    def _change(self, **change: str) -> None:
        self._wanted = replace(self._wanted, **change)
        self._note()
        self._draw()

    def _choose(self, picked: str) -> None:
        self._chosen = picked
        self._note()
        self._draw()

    def _note(self) -> None:
        query = {k: v for k, v in {**asdict(self._wanted), "command": self._chosen}.items() if v}
        address = self._screen.path("commands")
        ui.navigate.history.replace(f"{address}?{urlencode(query)}" if query else address)

    def _since(self) -> float | None:
        zone = UTC if self._screen.visitor.clock == "utc" else None
        try:
            return moments.moment(self._wanted.since, zone) if self._wanted.since else None
        except ValueError:
            return None

    def _draw(self) -> None:
        say, model, wanted = self._screen.say, self._screen.model, self._wanted
        self._table.show(self._rows())
        everything = len(model.commands.newest(SHOWN))
        empty = "empty.commands_filter" if everything else "empty.commands"
        self._table.empty.say(say(empty))
        wrong = bool(wanted.since) and self._since() is None
        self._hint.say(say("messages.bad_time", given=wanted.since) if wrong else "")
        mark(self._hint, hidden=not wrong)
        mark(self._clear, hidden=wanted == Wanted())
        self._detail.show(model.commands.get(self._chosen))

    def _rows(self) -> list[Row]:
        model, visitor, since = self._screen.model, self._screen.visitor, self._since()
        every: list[tuple[CommandRecord, Row]] = model.shared(
            ("commands", visitor.language, visitor.clock),
            lambda: [(r, _row(self._screen, r)) for r in model.commands.newest(SHOWN)],
        )
        return [row for record, row in every if self._wanted.takes(record, since)]


def _row(screen: Screen, record: CommandRecord) -> Row:
    say, clock, command = screen.say, screen.visitor.clock, record.command
    return {
        "id": command.command_id,
        "at": command.created_at,
        "time": formats.moment(command.created_at, clock),
        "kind": command_view.kind_name(command.kind, say),
        "parameters": command_view.parameters_words(command.parameters),
        "operator": command.operator,
        "stage": say(f"stage.{record.stage}"),
        "bad": record.stage in command_view.FAILURES,
        "open": not record.final,
        "changed": formats.moment(changed_at(record), clock),
        "reason": command_view.last_reason(record, say),
    }


def _columns(screen: Screen) -> list[dict[str, object]]:
    say = screen.say
    rules = {"cell-warn": "data.bad", "cell-dim": "data.open"}
    return [
        column("time", say("column.time"), 84),
        column("kind", say("column.kind"), 140),
        column("parameters", say("column.parameters"), 0, minWidth=126, cellClass="cell-mono"),
        column("operator", say("column.operator"), 70),
        column("stage", say("column.stage"), 124, cellClassRules=rules),
        column("changed", say("column.changed"), 84),
        column("reason", say("column.reason"), 0, tooltipField="reason"),
        column("at", "", 1, hide=True, sort="desc"),
    ]


PAGE = Page("commands", "steering", "c", build)
