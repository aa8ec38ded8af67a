"""What the command would change, on its card: asked beside it, there a moment later."""

import json
from collections.abc import Coroutine, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from nicegui import background_tasks

from omf.commands import Plan
from omf.commands.undo import UndoCommand, undo
from omf.recovery.remedies import Remedy
from omf.simulation.impact import Impact
from services.common.foresight.reader import NoForesightError
from services.common.store.keys import CommandRecord, Stage
from services.ui.live.screen import Screen
from services.ui.widgets.elements import div, link, set_classes, text

AGAIN_S = 15.0
"""The factory goes on while a card is read: so often it is asked anew."""


def _typed(value: Any) -> str:
    """A value as a person types it into a form."""
    if isinstance(value, list):
        return ",".join(map(str, value))
    return json.dumps(value) if isinstance(value, dict) else str(value)


class ImpactPart:
    """Asks once per preview; the card can be used before the answer is there."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._who = uuid4().hex
        self._asked: object = None
        self._asked_at = 0.0
        self._undo: UndoCommand | None = None
        self._holder = div("card-part impact hidden").props("aria-live=polite").mark("impact")
        self._back = div("card-part hidden").mark("undo")

    def draw(self, plan: Plan | None) -> None:
        """Follow the preview of one command; nothing is asked on a page of the past."""
        screen = self._screen
        if plan is not None:
            self._undo = undo(plan.kind, plan.parameters, screen.model.factory)
        reader = screen.impacts if plan is not None else None
        set_classes(self._holder, hidden=reader is None)
        if reader is not None and plan is not None and self._due(plan.steps):
            self._begin(reader.ask(self._who, screen.environment, plan))

    def draw_several(self, commands: Sequence[Remedy]) -> None:
        """Follow commands that are given one after the other."""
        screen, reader = self._screen, self._screen.impacts
        set_classes(self._holder, hidden=reader is None or not commands)
        if reader is not None and commands and self._due(tuple(commands)):
            self._begin(reader.ask_several(self._who, screen.environment, commands))

    def hide(self) -> None:
        """What was asked about goes out: it shows itself."""
        set_classes(self._holder, hidden=True)

    def _due(self, about: object) -> bool:
        """Whether it is to be asked: about something else than before, or again after a while."""
        now, same = self._screen.model.now, about == self._asked
        if same and now - self._asked_at < AGAIN_S:
            return False
        self._asked, self._asked_at = about, now
        if not same:
            self._say(self._screen.say("impact.pending"))
        return True

    def _begin(self, asking: Coroutine[Any, Any, Impact | None]) -> None:
        background_tasks.create(self._ask(asking), name="impact of a command")

    def follow(self, record: CommandRecord | None) -> None:
        """Once the command has had its effect, offer what takes it back."""
        offered = not self._back.default_slot.children
        if self._undo is None or record is None or record.stage is not Stage.EFFECT or not offered:
            return
        screen, back = self._screen, self._undo
        query = urlencode({"kind": back.kind} | {n: _typed(v) for n, v in back.parameters.items()})
        with self._back:
            link(screen.say("command.undo"), screen.path(f"steering/factory?{query}"), "act")
        set_classes(self._back, hidden=False)

    async def _ask(self, asking: Coroutine[Any, Any, Impact | None]) -> None:
        try:
            found = await asking
        except NoForesightError as error:
            found = None
            if not self._holder.is_deleted:
                self._say(self._screen.say("impact.unavailable", why=str(error)))
        if found is not None and not self._holder.is_deleted:
            self._show(found)

    def _say(self, words: str) -> None:
        self._holder.clear()
        with self._holder:
            text(self._screen.say("impact.title"), "panel-title")
            text(words, "hint")

    def _show(self, found: Impact) -> None:
        say = self._screen.say
        self._holder.clear()
        with self._holder:
            text(say("impact.title"), "panel-title")
            text(say.either(found.outcome), "" if found.known else "hint wrong")
            for title, lines in found.parts:
                with div("impact-lines"):
                    text(say.either(title), "hint")
                    for line in lines:
                        text(say.either(line))
            if found.nothing:
                text(say("impact.nothing"), "hint")
            if found.looked is not None:
                text(say.either(found.looked), "hint")
