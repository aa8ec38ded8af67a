"""The command card: what, where, payload, checks, expected effect; then send or discard, and watch.

Every command of the dashboard goes through it. The preview is made by the same code that orders
uses: it freezes the bytes when the command is sent, so what is edited here are the parameters,
never the bytes. The command's id is made when the card opens, so a second click is the same
command.
"""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from nicegui import ui

from omf.commands import CommandError, Kind, Plan
from services.common.bus import StoreError
from services.ui import asking, command_view, differences
from services.ui.parts import card_parts
from services.ui.parts.build import attribute, box, mark, text
from services.ui.parts.parameters import Parameters
from services.ui.parts.stages import StageLine
from services.ui.parts.tabs import Tabs
from services.ui.screen import Screen

VIEWS = ("pretty", "exact", "diff")
LATER_S = 3600.0
"""Far enough for a second preview whose times differ in every field that holds one."""


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
        self._first = self._built(given, self._id)
        self._editing = self._first is None or kind.typed_word is not None
        with box("panel card") as self.panel:
            self._head()
            self._stages = StageLine(screen)
            self._parameters = Parameters(screen, kind, given, self.draw)
            self._wrong = text("", "hint wrong hidden")
            self._parts()
            self._note_field()
            self._failed = text("", "hint wrong hidden").props("role=alert")
            self._buttons()
        self.draw()

    def _head(self) -> None:
        say = self._screen.say
        with box("panel-head"):
            text(say.either(self._kind.title), "card-title", "h2")
            text(say("command.id", id=self._id[:8]), "hint mono")
        text(say.either(self._kind.summary), "dim")

    def _parts(self) -> None:
        with box("card-columns") as self._columns:
            with box("card-left"):
                self._what, self._where = box("card-part"), box("card-part")
                text(self._screen.say("command.payload"), "panel-title")
                names = {view: self._screen.say(f"command.view.{view}") for view in VIEWS}
                self._view = Tabs(names, VIEWS[0], lambda _: self._redraw())
                self._payload = box("card-part")
            with box("card-right"):
                self._losses = box("card-part losses")
                self._checks, self._effect = box("card-part"), box("card-part")

    def _note_field(self) -> None:
        self._note = ui.input(placeholder=self._screen.say("command.note")).classes("field note-in")
        label = self._screen.say("command.note")
        self._note.props(f'dense outlined square maxlength={asking.MAX_NOTE} aria-label="{label}"')

    def _buttons(self) -> None:
        say = self._screen.say
        with box("row card-buttons"):
            self.preview_button = text(say("command.preview"), "act", "button")
            self.preview_button.on("click", lambda: self._edit(editing=False)).mark("preview")
            self.edit_button = text(say("command.edit"), "act", "button")
            self.edit_button.on("click", lambda: self._edit(editing=True)).mark("edit")
            self.send_button = text(say("command.send"), "act main-act", "button")
            self.send_button.on("click", self.send)
            self.send_button.mark("send").props("data-send")
            self.discard_button = text(say("command.discard"), "act", "button")
            self.discard_button.on("click", self.discard).mark("discard")
            self._why = text("", "reason grow")

    def _edit(self, *, editing: bool) -> None:
        self._editing = editing
        self.draw()

    def _redraw(self) -> None:
        self._shown = None
        self.draw()

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
        self._parameters.lock(locked=not self._editing)
        mark(self.edit_button, current=self._editing, hidden=not self._kind.parameters.model_fields)
        mark(self.preview_button, current=not self._editing)
        self._draw_parts(found)

    def _prepare(self) -> None:
        try:
            self._plan = self._planned(self._parameters.values, self._id, self._opened_at)
            complaint = self._parameters.complaint
        except CommandError as error:
            self._plan = None
            complaint = self._parameters.complaint or command_view.fault(error, self._screen.say)
        if complaint:
            self._plan = None
        self._wrong.say(complaint)
        mark(self._wrong, hidden=not complaint)

    def _planned(self, values: Mapping[str, Any], ids: str, now: float) -> Plan:
        return asking.planned(self._screen, self._kind.name, values, ids, now)

    def _built(self, values: Mapping[str, Any], ids: str, later_s: float = 0.0) -> Plan | None:
        try:
            return self._planned(values, ids, self._opened_at + later_s)
        except CommandError:
            return None

    def _verdicts(self) -> list[command_view.Verdict]:
        if self._plan is None:
            return []
        screen = self._screen
        return command_view.verdicts(self._plan, self._kind.role, screen.model, screen.visitor)

    def _may_send(self, found: list[command_view.Verdict]) -> bool:
        return self._plan is not None and command_view.reason_against(found) is None

    def _draw_parts(self, found: list[command_view.Verdict]) -> None:
        """Rebuild the parts only when what they say has changed."""
        plan, screen = self._plan, self._screen
        mark(self._columns, hidden=plan is None)
        shown = (plan.steps if plan else (), plan.losses if plan else (), found)
        if plan is None or shown == self._shown:
            return
        self._shown = shown
        parts: list[tuple[ui.element, Callable[[], None]]] = [
            (self._what, lambda: card_parts.what(screen, plan)),
            (self._where, lambda: card_parts.where(screen, plan)),
            (self._payload, lambda: self._fill_payload(plan)),
            (self._losses, lambda: card_parts.losses(screen, plan)),
            (self._checks, lambda: card_parts.checks(screen, found)),
            (self._effect, lambda: card_parts.effects(screen, plan)),
        ]
        for holder, fill in parts:
            holder.clear()
            with holder:
                fill()

    def _fill_payload(self, plan: Plan) -> None:
        if self._view.chosen == "diff":
            first = self._first
            pairs = zip(first.steps if first else (), plan.steps, strict=False)
            parsed = differences.parsed
            found = [
                one
                for old, new in pairs
                for one in differences.between(parsed(old.payload), parsed(new.payload))
            ]
            card_parts.changes(self._screen, None if first is None else found)
            return
        card_parts.payload(self._screen, plan, exact=self._view.chosen == "exact")
        if other := self._built(self._parameters.values, uuid4().hex, LATER_S):
            card_parts.protected(self._screen, card_parts.made_by_us(plan, other))

    async def send(self) -> None:
        """Hand the command to orders, once; rights and checks are asked again here."""
        self.draw()
        if self._sent or not self._may_send(self._verdicts()):
            return
        self._sent = True
        self._lock(locked=True)
        values = self._plan.parameters if self._plan else {}
        try:
            await asking.ask(
                self._screen, self._kind.name, values, self._id, self._note.value or ""
            )
        except StoreError as error:
            self._not_sent(str(error))
            return
        mark(self._failed, hidden=True)
        self.discard_button.say(self._screen.say("close"))
        self.draw()

    def _lock(self, *, locked: bool) -> None:
        for button in (self.send_button, self.preview_button, self.edit_button):
            mark(button, hidden=locked)
        mark(self._note, hidden=locked)
        self._parameters.lock(locked=locked or not self._editing)

    def _not_sent(self, detail: str) -> None:
        """The same id is kept: trying again cannot become a second command."""
        self._sent = False
        self._lock(locked=False)
        self._failed.say(self._screen.say("command.send_failed", detail=detail))
        mark(self._failed, hidden=False)

    def discard(self) -> None:
        """Close the card; a command that was sent goes on."""
        self.panel.delete()

    @property
    def busy(self) -> bool:
        """Never: a command that was sent goes on without its card."""
        return False

    @property
    def open(self) -> bool:
        """True until the card is closed."""
        return not self.panel.is_deleted
