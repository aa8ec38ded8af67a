"""A command that one press sends, and a line that says what came of the last press."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from omf.commands import CommandError, Kind
from services.common.store.bus import StoreError
from services.common.store.keys import Stage
from services.ui.live.screen import Screen
from services.ui.views import command_progress, command_submission, command_view
from services.ui.widgets.elements import set_classes, text


class OnePress:
    """Sends what needs no preview: nothing moves a piece, and nothing is lost by it."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._asked = ""
        self.words = ""
        """What it says now."""
        self._told = text("", "hint grow").props("role=status").mark("press-told")

    async def send(self, kind: Kind, given: Mapping[str, Any], *, to_factory: bool = True) -> None:
        """Hand the command in, or say what stands in its way; only some go to the factory."""
        screen, command_id = self._screen, str(uuid4())
        self._asked = ""
        try:
            now = screen.model.wall
            plan = command_submission.planned(screen, kind.name, given, command_id, now)
            found = command_view.verdicts(plan, kind.role, screen.model, screen.user)
            if to_factory and (reason := command_view.reason_against(found)) is not None:
                self._say(reason, wrong=True)
                return
            await command_submission.ask(screen, plan, command_id)
        except StoreError as error:
            self._say(screen.say("command.send_failed", detail=str(error)), wrong=True)
        except CommandError as error:
            self._say(screen.say.either(error.told), wrong=True)
        else:
            self._asked = command_id
            self.draw()

    def draw(self) -> None:
        """Say how far the last one has come."""
        record = self._screen.model.commands.get(self._asked) if self._asked else None
        if record is None:
            return
        say = self._screen.say
        reason = command_view.last_reason(record, say)
        wrong = record.final and record.stage is not Stage.EFFECT
        self._say(reason or command_progress.stage_words(record, say), wrong=wrong)

    def forget(self) -> None:
        """The next press is about something else."""
        self._asked = ""
        self._say("", wrong=False)

    def _say(self, words: str, *, wrong: bool) -> None:
        self.words = words
        self._told.say(words)
        set_classes(self._told, wrong=wrong)
