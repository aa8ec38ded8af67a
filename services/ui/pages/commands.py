"""Commands: the life of every command of everybody, newest first."""

from services.common.streams import CommandRecord
from services.ui import command_view, formats
from services.ui.command_log import changed_at
from services.ui.page import Address, Page
from services.ui.parts.build import box, mark, panel, text
from services.ui.parts.listing import Draw
from services.ui.parts.stages import StageLine
from services.ui.parts.table import Row, Table, column
from services.ui.screen import Screen

SHOWN = 200


def build(screen: Screen, address: Address) -> None:
    """Fill the page; `command` in the address opens that command at once."""
    say = screen.say
    chosen = [address.get("command", "")]
    shown: list[Draw] = []

    def choose(picked: str) -> None:
        chosen[0] = picked
        for draw in shown:
            draw()

    with box("messages"):
        with panel(say("page.commands"), "fill"):
            table = Table(
                _columns(screen),
                _rows(screen),
                empty=say("empty.commands"),
                on_pick=choose,
            )
        with box("panel detail", "aside") as side:
            title, who = text("", "card-title", "h2"), text("", "hint")
            parameters = text("", "mono")
            stages = StageLine(screen)

    def draw() -> None:
        table.show(_rows(screen))
        record = screen.model.commands.get(chosen[0])
        mark(side, hidden=record is None)
        if record is None:
            return
        title.say(command_view.kind_name(record.command.kind, say))
        who.say(_who(screen, record))
        parameters.say(command_view.parameters_words(record.command.parameters))
        stages.show(record)

    shown.append(draw)
    screen.live(draw)


def _who(screen: Screen, record: CommandRecord) -> str:
    command, visitor = record.command, screen.visitor
    return screen.say(
        "command.who",
        operator=command.operator,
        role=screen.say(f"role.{command.role}"),
        source=command.source or formats.NONE,
        at=formats.date_and_time(command.created_at, visitor.clock, visitor.language),
        id=command.command_id,
    )


def _rows(screen: Screen) -> list[Row]:
    model, visitor = screen.model, screen.visitor
    return model.shared(
        ("commands", visitor.language, visitor.clock),
        lambda: [_row(screen, record) for record in model.commands.newest(SHOWN)],
    )


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
