"""Four eyes: dangerous commands that wait for a second person, and that person's answer."""

from functools import partial
from uuid import uuid4

from omf.commands.command_types.approvals import APPROVAL_DECLINE, APPROVAL_GIVE
from services.common.store.approvals import PendingApproval
from services.common.store.bus import StoreError
from services.common.store.keys import Stage
from services.ui.live.screen import Screen
from services.ui.views import command_progress, command_submission, command_view
from services.ui.widgets.elements import attribute, div, fold, panel, set_classes, text
from services.ui.widgets.keyed_list import Draw, KeyedList


def approval_panel(screen: Screen) -> Draw:
    """The list, hidden while nothing waits; returns how to draw it again."""
    with panel(screen.say("approvals.title"), "pending-previews") as section:
        text(screen.say("approvals.hint"), "hint")
        listing = KeyedList(div("lines"), partial(_line, screen), text("", "hidden"))

    def draw() -> None:
        found = [one.command.command_id for one in _waiting(screen)]
        set_classes(section, hidden=not found)
        listing.show(found)

    return draw


def _waiting(screen: Screen) -> list[PendingApproval]:
    return [one for one in screen.model.approvals if one.waits(screen.model.wall)]


def _line(screen: Screen, command_id: str) -> Draw:
    return _ApprovalLine(screen, command_id).draw


class _ApprovalLine:
    """One command: what would go out, who gave it, and the two answers."""

    def __init__(self, screen: Screen, command_id: str) -> None:
        self._screen, self._id, self._asked = screen, command_id, ""
        say = screen.say
        with div("pending-preview").mark(f"approval-{command_id[:8]}"):
            self._what, self._who = text("", "grow"), text("", "hint")
            self._notes = text("", "hint hidden")
            with fold(say("command.message"), "card-message"):
                self._messages = div("card-part")
            with div("row"):
                self._against = text("", "hint grow")
                self._give = text(say("approvals.give"), "act small main-act", "button")
                self._give.on("click", lambda: self._answer(APPROVAL_GIVE))
                self._give.mark(f"approve-{command_id[:8]}")
                self._gone = text("", "act small", "button")
                self._gone.on("click", lambda: self._answer(APPROVAL_DECLINE))
                self._gone.mark(f"decline-{command_id[:8]}")
            self._told = text("", "hint").props("role=status")
        self._shown = False

    def _found(self) -> PendingApproval | None:
        known = _waiting(self._screen)
        return next((one for one in known if one.command.command_id == self._id), None)

    def draw(self) -> None:
        """Bring it up to date."""
        one = self._found()
        if one is None:
            return
        screen, say, asked = self._screen, self._screen.say, one.command
        given = command_view.parameters_words(asked, say)
        kind = command_view.kind_name(asked.kind, say)
        self._what.say(f"{kind} · {given}" if given else kind)
        name = say.known("user", asked.operator)
        times = {"since": screen.when(one.asked_at), "until": screen.when(one.until)}
        self._who.say(say("approvals.who", who=name, **times))
        noted = [asked.note, *(say.either(note) for note in one.notes)]
        self._notes.say("; ".join(filter(None, noted)))
        set_classes(self._notes, hidden=not any(noted))
        self._show_messages(one)
        against, own = self._reason(one), one.given_by(screen.user.name)
        self._against.say(against)
        set_classes(self._give, off=bool(against))
        attribute(self._give, "aria-disabled", str(bool(against)).lower())
        self._gone.say(say("approvals.withdraw" if own else "approvals.decline"))
        set_classes(self._gone, off=not screen.user.may("operator"))
        for button in (self._give, self._gone):
            attribute(button, "aria-label", f"{button.text}: {self._what.text}")
        self._tell()

    def _show_messages(self, one: PendingApproval) -> None:
        """They are what was asked for, and never change."""
        if self._shown:
            return
        self._shown = True
        with self._messages:
            for topic, payload in one.messages:
                text(topic, "mono")
                text(command_view.pretty(payload), "payload", "pre")

    def _reason(self, one: PendingApproval) -> str:
        """Why this person is not the second one; "" if they may approve it."""
        user, say = self._screen.user, self._screen.say
        if one.given_by(user.name):
            return say("approvals.own")
        if user.known_by != "account":
            return say("approvals.sign_in")
        if not user.may(one.needed):
            return say("check.role.unmet", role=say(f"role.{one.needed}"))
        return ""

    async def _answer(self, kind: str) -> None:
        """Hand the answer to orders, which judges it; rights are asked here too."""
        screen, one = self._screen, self._found()
        if one is None or (kind == APPROVAL_GIVE and self._reason(one)):
            return
        if not screen.user.may("operator"):
            return
        self._asked = uuid4().hex
        given = {"command": self._id}
        plan = command_submission.planned(screen, kind, given, self._asked, screen.model.now)
        try:
            await command_submission.ask(screen, plan, self._asked)
        except StoreError as error:
            self._told.say(command_submission.not_sent(screen, error))

    def _tell(self) -> None:
        record = self._screen.model.commands.get(self._asked) if self._asked else None
        if record is not None and record.stage is not Stage.EFFECT:
            stage = command_progress.stage_words(record, self._screen.say)
            self._told.say(command_view.last_reason(record, self._screen.say) or stage)
