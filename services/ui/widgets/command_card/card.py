"""The command card: what, checks, expected effect, the message; then send or discard, and watch.

Its preview is made by the same code that orders uses, of the parameters that are edited here; who
may send any message may edit its bytes too. What is sent is what was read: a preview that changes
by itself is marked and has to be looked at again, here and by orders. Its id is made when it opens:
a second click is the same one.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import uuid4

from omf.commands import FREE_MESSAGE, KINDS, CommandError, Kind, Plan
from omf.messages.edited import EditedMessages
from services.common.store.bus import StoreError
from services.common.store.keys import CommandRecord
from services.common.store.pending_previews import PendingPreview
from services.ui.live.screen import Screen
from services.ui.views import command_submission, command_view
from services.ui.views.field_errors import FieldFault, field_faults, told
from services.ui.views.preview_watch import PreviewWatch
from services.ui.widgets.command_card.impact_part import ImpactPart
from services.ui.widgets.command_card.message import CardMessage
from services.ui.widgets.command_card.parameters import Parameters
from services.ui.widgets.command_card.plan_parts import PlanParts
from services.ui.widgets.command_card.preview_change import ChangeNotice
from services.ui.widgets.command_card.preview_keeper import PreviewKeeper
from services.ui.widgets.command_card.remark_fields import RemarkFields
from services.ui.widgets.command_card.stages import StageLine
from services.ui.widgets.command_card.step_release import StepRelease
from services.ui.widgets.elements import attribute, div, set_classes, text

Edited = EditedMessages | None
LATER_S = 3600.0
"""Far enough for a second preview whose times differ in every field that holds one."""


class CommandCard:
    """One command in the making. Opened once; `draw` keeps checks and stages true."""

    def __init__(
        self,
        screen: Screen,
        kind: Kind,
        given: Mapping[str, Any],
        kept: PendingPreview | None = None,
    ) -> None:
        """`kept`: a preview that was begun elsewhere, and is the same command here."""
        self._screen = screen
        self._kind = kind
        self._id = self._ids = kept.id if kept else uuid4().hex
        self._keeper = PreviewKeeper(screen, kind, self._ids)
        self._plan: Plan | None = None
        self._watch = PreviewWatch()
        self._opened_at = screen.model.now
        self._sent = False
        self._refused = ""
        self._faults: list[FieldFault] = []
        with div("panel card") as self.panel:
            self._build(given)
        if kept and kept.edited:
            self._message.restore(kept.edited)
        self.draw()

    def _build(self, given: Mapping[str, Any]) -> None:
        screen = self._screen
        self._head()
        self._stages = StageLine(screen)
        self._release = StepRelease(screen, lambda: self._id)
        self._notice = ChangeNotice(screen, self.draw)
        self._told = PlanParts(screen)
        self._parameters = Parameters(screen, self._kind, given, self._edited)
        self._editing = self._asks()
        self._wrong = text("", "hint wrong hidden")
        self._parts()
        self._remarks = RemarkFields(screen, self.draw)
        self._failed = text("", "hint wrong hidden").props("role=alert")
        self._buttons()

    def _asks(self) -> bool:
        """True where something has to be entered, or a value of the factory may be changed."""
        if self._kind.typed_word is not None or self._parameters.as_they_stand:
            return True
        return self._built(self._parameters.values, self._ids) is None

    def _head(self) -> None:
        say = self._screen.say
        with div("panel-head"):
            text(say.either(self._kind.title), "card-title", "h2")
            self._name = text(say("command.id", id=self._id[:8]), "hint mono")
        text(say.either(self._kind.summary), "dim")

    def _parts(self) -> None:
        self._told.columns()
        self._impact = ImpactPart(self._screen)
        plans = (lambda: self._built(self._parameters.values, self._ids)), self._again
        self._message = CardMessage(self._screen, self._kind.name, plans)
        self._message.on_edit(lambda: self.draw(own=True))

    @property
    def _override(self) -> str:
        """Why prudence is set aside, where nothing but prudence stands in the way."""
        asked = command_view.only_prudence(self._verdicts())
        return self._remarks.reason if asked else ""

    def _buttons(self) -> None:
        say, title = self._screen.say, self._screen.say.either(self._kind.title)
        with div("row card-buttons"):
            self.preview_button = text(say("command.preview"), "act", "button")
            self.preview_button.on("click", lambda: self._edit(editing=False)).mark("preview")
            self.edit_button = text(say("command.edit"), "act", "button")
            self.edit_button.on("click", lambda: self._edit(editing=True)).mark("edit")
            self.send_button = text(say("command.send"), "act main-act", "button")
            self.send_button.on("click", self.send)
            self.send_button.mark("send").props("data-send")
            self._release.button()
            self.discard_button = text(say("command.discard"), "act", "button")
            self.discard_button.on("click", self.discard).mark("discard")
            for button in (self.preview_button, self.edit_button, self.send_button):
                attribute(button, "aria-label", f"{button.text}: {title}")
            self._name_discard("command.discard")
            self._why = text("", "reason grow")

    def _name_discard(self, key: str) -> None:
        say = self._screen.say
        self.discard_button.say(say(key))
        attribute(self.discard_button, "aria-label", f"{say(key)}: {say.either(self._kind.title)}")

    def _edit(self, *, editing: bool) -> None:
        self._editing = editing
        self.draw()

    def _edited(self) -> None:
        """What the reader changes is what is meant: nothing of it surprises anybody."""
        self._refused = ""
        self._message.made_anew()
        self.draw(own=True)

    def draw(self, *, own: bool = False) -> None:
        """Bring preview, checks and stages up to date."""
        record = self._screen.model.commands.get(self._id)
        if self._sent and record and command_view.was_not_as_read(record):
            self._look_again(record)
            record = None
        self._stages.show(record, self._plan.steps if self._plan else ())
        self._release.draw()
        self._impact.follow(record if self._sent else None)
        if self._sent:
            return
        self._prepare(own=own)
        self._keeper.follow(self._parameters.values, self._message.edited(self._ids))
        self._notice.draw(self._watch, self._refused)
        found = self._verdicts()
        reason = self._reason(found)
        self._remarks.ask_reason(wanted=command_view.only_prudence(found))
        set_classes(self.send_button, off=not self._may_send(found))
        attribute(self.send_button, "aria-disabled", str(not self._may_send(found)).lower())
        self._why.say(reason or "")
        set_classes(self._why, hidden=not reason)
        self._parameters.lock(locked=not self._editing)
        set_classes(
            self.edit_button, current=self._editing, hidden=not self._kind.parameters.model_fields
        )
        set_classes(self.preview_button, current=not self._editing)
        self._draw_parts(found)

    def _prepare(self, *, own: bool) -> None:
        """Make the plan; what keeps it from being made is said at its field, all at once."""
        self._parameters.follow()
        values, say = self._parameters.values, self._screen.say
        self._faults = field_faults(self._kind, values, say)
        complaint = self._parameters.complaint
        self._plan = None
        if not complaint and not self._faults:
            try:
                edited = self._message.edited(self._ids)
                self._plan = self._planned(values, self._ids, self._opened_at, edited)
            except CommandError as error:
                complaint = command_view.fault(error, self._kind, say)
        if self._plan:
            self._watch.show(self._plan, self._screen.model.now, own=own)
        self._parameters.draw(self._faults)
        general = self._faults
        if self._parameters.as_form:
            general = [fault for fault in general if not fault.field]
        if self._parameters.touched:
            complaint = complaint or told(general, say)
        self._wrong.say(complaint)
        set_classes(self._wrong, hidden=not complaint)

    def _reason(self, found: list[command_view.CheckVerdict]) -> str | None:
        if self._watch.locked(self._screen.model.now):
            return self._screen.say("command.look_again")
        if self._plan:
            return command_view.reason_against(found, self._override)
        missing = [fault.label for fault in self._faults if fault.missing]
        whole = [fault.words for fault in self._faults if not fault.field]
        ends = ", ".join(missing + whole)
        return self._screen.say("form.missing", fields=ends) if ends else None

    def _planned(self, values: Mapping[str, Any], ids: str, now: float, edited: Edited) -> Plan:
        name = self._kind.name
        return command_submission.planned(self._screen, name, values, ids, now, edited)

    def _built(self, values: Mapping[str, Any], ids: str, later_s: float = 0.0) -> Plan | None:
        with suppress(CommandError):
            return self._planned(values, ids, self._opened_at + later_s, None)
        return None

    def _again(self) -> Plan | None:
        """The same with other ids and times: what differs nobody types."""
        return self._built(self._parameters.values, uuid4().hex, LATER_S)

    def _verdicts(self) -> list[command_view.CheckVerdict]:
        if self._plan is None:
            return []
        screen = self._screen
        role = KINDS[FREE_MESSAGE].role if self._plan.edited else self._kind.role
        return command_view.verdicts(self._plan, role, screen.model, screen.user)

    def _may_send(self, found: list[command_view.CheckVerdict]) -> bool:
        return self._plan is not None and self._reason(found) is None

    def _draw_parts(self, found: list[command_view.CheckVerdict]) -> None:
        plan = self._plan
        # What a message does that somebody wrote is not foreseen.
        self._impact.draw(None if plan and plan.edited else plan)
        if self._told.draw(plan, found, self._watch.parts):
            self._message.draw(plan)

    async def send(self) -> None:
        """Hand the command to orders, once; rights and checks are asked again here."""
        self.draw()
        if self._sent or self._plan is None or not self._may_send(self._verdicts()):
            return
        self._sent, self._refused = True, ""
        self._lock(locked=True)
        try:
            edited = self._message.edited(self._ids)
            remarks = command_submission.Remarks(self._remarks.note, self._override, edited)
            await command_submission.ask(self._screen, self._plan, self._id, remarks)
        except StoreError as error:
            self._not_sent(error)
            return
        self._keeper.done()
        set_classes(self._failed, hidden=True)
        self._name_discard("close")
        self.draw()

    def _look_again(self, record: CommandRecord) -> None:
        """Orders saw the change first: nothing went out, and another send is another command."""
        self._refused = command_view.last_reason(record, self._screen.say)
        self._id, self._sent = uuid4().hex, False
        self._name.say(self._screen.say("command.id", id=self._id[:8]))
        self._watch.lock(self._screen.model.now)
        self._name_discard("command.discard")
        self._lock(locked=False)

    def _lock(self, *, locked: bool) -> None:
        for button in (self.send_button, self.preview_button, self.edit_button):
            set_classes(button, hidden=locked)
        self._remarks.lock(locked=locked)
        self._message.lock(locked=locked)
        # Its steps are told with their stages then.
        several = self._plan is not None and len(self._plan.steps) > 1
        self._told.sent(locked=locked and several)
        self._parameters.lock(locked=locked or not self._editing)

    def _not_sent(self, error: StoreError) -> None:
        """The same id is kept: trying again cannot become a second command."""
        self._sent = False
        self._lock(locked=False)
        self._failed.say(command_submission.not_sent(self._screen, error))
        set_classes(self._failed, hidden=False)

    def discard(self) -> None:
        """Close the card; a command that was sent goes on."""
        self._keeper.done()
        self.panel.delete()

    @property
    def preview(self) -> str:
        """Id under which it is kept."""
        return self._ids

    @property
    def command(self) -> str:
        """Id of the command, once it was sent; "" before."""
        return self._id if self._sent else ""

    @property
    def busy(self) -> bool:
        """Never: a command that was sent goes on without its card."""
        return False

    @property
    def open(self) -> bool:
        """True until the card is closed."""
        return not self.panel.is_deleted
