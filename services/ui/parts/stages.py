"""The stages of one command, live, each with its time and the messages that prove it."""

from services.common.streams import CommandEvent, CommandRecord, Stage
from services.ui import command_view
from services.ui.parts.build import box, link, mark, text
from services.ui.screen import Screen

MAX_EVIDENCE = 3
"""A sequence is proven by dozens of messages; the first ones lead to the rest."""


class StageLine:
    """Draws one command's way; `show(None)` empties it."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._drawn: CommandRecord | None = None
        self._holder = box("stages").props("role=status")

    def show(self, record: CommandRecord | None) -> None:
        """Draw the way of this command; nothing is sent if nothing changed."""
        if record == self._drawn:
            return
        self._drawn = record
        self._holder.clear()
        if record is None:
            return
        with self._holder:
            done = command_view.reached(record)
            with box("stations"):
                for stage in command_view.stations(record):
                    self._station(record, stage, reached=stage in done)
            for stage, event in done.items():
                if event and (event.reasons or event.evidence):
                    self._told(stage, event)

    def _station(self, record: CommandRecord, stage: Stage, *, reached: bool) -> None:
        say = self._screen.say
        event = command_view.reached(record).get(stage)
        at = event.at if event else record.command.created_at if reached else None
        with box("station") as station:
            text(say(f"stage.{stage}"), "station-name")
            text(self._screen.when(at, millis=True), "station-at")
        mark(station, reached=reached, bad=stage in command_view.FAILURES)

    def _told(self, stage: Stage, event: CommandEvent) -> None:
        """What was said about a stage, and links to the messages that prove it."""
        say = self._screen.say
        with box("told") as line:
            text(say(f"stage.{stage}"), "station-name")
            with box("told-words"):
                for reason in event.reasons:
                    text(say.either(reason))
                for message_id in event.evidence[:MAX_EVIDENCE]:
                    target = f"{self._screen.path('messages')}?message={message_id}"
                    link(say("command.evidence", id=message_id), target, "mono evidence")
        mark(line, bad=stage in command_view.FAILURES)
