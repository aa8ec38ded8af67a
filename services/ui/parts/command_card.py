"""The command card: what, where, payload, checks, expected effect; then send or discard, and watch.

Every command of the dashboard goes through it. The preview is made by the same code that orders
uses. The command's id is made when the card opens, so a second click is the same command.
"""

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any
from uuid import UUID, uuid4, uuid5

from omf.commands import CommandError, Effect, Kind, Plan, prepare
from services.common.bus import StoreError
from services.common.streams import Command
from services.ui import command_view, formats
from services.ui.parts.build import attribute, box, mark, text
from services.ui.parts.form import Form
from services.ui.parts.stages import StageLine
from services.ui.screen import Screen


class CommandCard:
    """One command in the making. Opened once; `draw` keeps checks and stages true."""

    def __init__(self, screen: Screen, kind: Kind, given: Mapping[str, Any]) -> None:
        self._screen = screen
        self._kind = kind
        self._id = uuid4().hex
        self._plan: Plan | None = None
        self._opened_at = screen.model.now
        self._sent = False
        self._shown: object = None
        with box("panel card") as self.panel:
            self._head()
            schema = kind.parameters.model_json_schema()
            self._form = Form(screen, schema, given, self.draw)
            self._wrong = text("", "hint wrong hidden")
            self._stages = StageLine(screen)
            with box("card-columns") as self._columns:
                with box("card-left"):
                    self._where = box("card-part")
                with box("card-right"):
                    self._checks = box("card-part")
                    self._effect = box("card-part")
            self._failed = text("", "hint wrong hidden").props("role=alert")
            self._buttons()
        self.draw()

    def _head(self) -> None:
        say = self._screen.say
        with box("panel-head"):
            text(say.either(self._kind.title), "card-title", "h2")
            text(say("command.id", id=self._id[:8]), "hint mono")
        text(say.either(self._kind.summary), "dim")

    def _buttons(self) -> None:
        say = self._screen.say
        with box("row"):
            self.send_button = text(say("command.send"), "act main-act", "button")
            self.send_button.on("click", self.send)
            self.send_button.mark("send").props("data-send")
            self.discard_button = text(say("command.discard"), "act", "button")
            self.discard_button.on("click", self.discard)
            self._why = text("", "hint wrong hidden")

    def draw(self) -> None:
        """Bring preview, checks and stages up to date."""
        self._stages.show(self._screen.model.commands.get(self._id))
        if self._sent:
            return
        self._prepare()
        found = self._verdicts()
        reason = command_view.reason_against(found) if self._plan else None
        mark(self.send_button, off=not self._may_send(found))
        attribute(self.send_button, "aria-disabled", str(not self._may_send(found)).lower())
        self._why.say(reason or "")
        mark(self._why, hidden=not reason)
        self._draw_parts(found)

    def _prepare(self) -> None:
        state = self._screen.model.factory
        try:
            self._plan = prepare(
                self._kind.name,
                self._form.values,
                state,
                now=self._opened_at,
                new_id=_ids(self._id),
            )
            complaint = ""
        except CommandError as error:
            self._plan = None
            complaint = self._screen.say.either(error)
        self._wrong.say(complaint)
        mark(self._wrong, hidden=not complaint)

    def _verdicts(self) -> list[command_view.Verdict]:
        if self._plan is None:
            return []
        screen = self._screen
        return command_view.verdicts(self._plan, self._kind.role, screen.model, screen.visitor)

    def _may_send(self, found: list[command_view.Verdict]) -> bool:
        return self._plan is not None and command_view.reason_against(found) is None

    def _draw_parts(self, found: list[command_view.Verdict]) -> None:
        """Rebuild the parts only when what they say has changed."""
        steps = self._plan.steps if self._plan else ()
        mark(self._columns, hidden=self._plan is None)
        shown = (steps, found)
        if shown == self._shown:
            return
        self._shown = shown
        for holder, fill in (
            (self._where, self._fill_where),
            (self._checks, lambda: self._fill_checks(found)),
            (self._effect, self._fill_effect),
        ):
            holder.clear()
            with holder:
                fill()

    def _fill_where(self) -> None:
        say = self._screen.say
        for step in self._plan.steps if self._plan else ():
            text(say("command.where"), "panel-title")
            text(step.topic, "mono")
            text(say("command.wire", qos=step.qos, device=step.device or "CCU"), "hint")
            text(say("command.payload"), "panel-title")
            text(command_view.pretty(step.payload), "payload", "pre")
        if self._plan:
            text(say("command.ids"), "hint")

    def _fill_checks(self, found: list[command_view.Verdict]) -> None:
        say = self._screen.say
        text(say("command.checks"), "panel-title")
        for verdict in found:
            with box("check") as line:
                word = {True: "met", False: "unmet", None: "open"}[verdict.met]
                text(say(f"check.{word}"), "check-word")
                text(verdict.words, "grow")
            mark(line, bad=not verdict.passed)

    def _fill_effect(self) -> None:
        say, language = self._screen.say, self._screen.visitor.language
        text(say("command.effect"), "panel-title")
        for step in self._plan.steps if self._plan else ():
            effect: Effect | None = step.effect
            while effect is not None:
                window = formats.number(effect.window_s, language)
                text(say.either(effect.text))
                text(say("command.window", window=window), "hint")
                effect = effect.follow_up

    async def send(self) -> None:
        """Hand the command to orders, once; rights and checks are asked again here."""
        self.draw()
        if self._sent or not self._may_send(self._verdicts()):
            return
        self._sent = True
        mark(self.send_button, hidden=True)
        self._form.lock(locked=True)
        try:
            command = await self._command()
            await self._screen.desk.submit(command)
        except StoreError as error:
            self._not_sent(str(error))
            return
        mark(self._failed, hidden=True)
        self._screen.model.commands.ask(command)
        self._screen.model.changed()
        self.discard_button.say(self._screen.say("close"))
        self.draw()

    async def _command(self) -> Command:
        visitor = self._screen.visitor
        return Command(
            command_id=self._id,
            kind=self._kind.name,
            parameters=dict(self._plan.parameters if self._plan else {}),
            environment=self._screen.environment,
            operator=visitor.name,
            role=visitor.role,
            created_at=await self._screen.desk.time(),
            source=visitor.source,
        )

    def _not_sent(self, detail: str) -> None:
        """The same id is kept: trying again cannot become a second command."""
        self._sent = False
        mark(self.send_button, hidden=False)
        self._form.lock(locked=False)
        self._failed.say(self._screen.say("command.send_failed", detail=detail))
        mark(self._failed, hidden=False)

    def discard(self) -> None:
        """Close the card; a command that was sent goes on."""
        self.panel.delete()

    @property
    def open(self) -> bool:
        """True until the card is closed."""
        return not self.panel.is_deleted


def _ids(command_id: str) -> Callable[[], str]:
    """Ids for a preview: distinct within it, and the same each time it is drawn."""
    numbers = count()
    return lambda: str(uuid5(UUID(command_id), str(next(numbers))))
