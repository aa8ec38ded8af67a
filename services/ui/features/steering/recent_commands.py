"""The last commands of everybody, each with where it stands, leading to its whole life."""

from services.ui.live.screen import Screen
from services.ui.views import command_progress, command_view
from services.ui.widgets.elements import div, link, linked_panel, set_classes, text
from services.ui.widgets.keyed_list import Draw, KeyedList

MOST_SHOWN = 6


def recent_commands(screen: Screen) -> None:
    """One line per command, newest first."""
    with linked_panel(screen.say("recent.title"), screen.path("commands"), "fill recent"):
        empty = text(screen.say("footer.none"), "empty")
        listing = KeyedList(div("lines"), lambda command_id: _line(screen, command_id), empty)
    log = screen.model.commands
    screen.live(lambda: listing.show([r.command.command_id for r in log.newest(MOST_SHOWN)]))


def _line(screen: Screen, command_id: str) -> Draw:
    with link("", f"{screen.path('commands')}?command={command_id}", "recent-line"):
        name, stage = text("", "grow cut"), text("", "stage")

    def draw() -> None:
        record = screen.model.commands.get(command_id)
        if record is None:
            return
        kind = command_view.kind_name(record.command.kind, screen.say)
        name.say(f"{screen.when(record.command.created_at)} · {kind}")
        stage.say(command_progress.stage_words(record, screen.say))
        set_classes(stage, bad=record.stage in command_view.FAILURES, open=not record.final)

    return draw
