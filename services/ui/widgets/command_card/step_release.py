"""The waiting step of a command under way, and the one press that lets it go."""

from collections.abc import Callable
from uuid import uuid4

from omf.commands import CONTROLS, RELEASE, Plan
from services.common.store.brackets import OpenBracket
from services.common.store.bus import StoreError
from services.common.store.keys import Stage
from services.ui.live.screen import Screen
from services.ui.views import command_submission, command_view
from services.ui.views.preview_watch import PreviewWatch
from services.ui.widgets.command_card import parts
from services.ui.widgets.command_card.preview_change import ChangeNotice
from services.ui.widgets.elements import Label, attribute, div, fold, set_classes, text

NEXT = CONTROLS[RELEASE]


class StepRelease:
    """Shows what the next step of one command is while it waits; one press releases that step."""

    def __init__(self, screen: Screen, command_id: Callable[[], str]) -> None:
        """`button` puts the button where it belongs; both stay hidden while nothing waits."""
        self._screen = screen
        self._command_id = command_id
        self._step = -1
        self._asked = ""
        self._watch = PreviewWatch()
        self._button: Label | None = None
        with div("release hidden") as self._holder:
            self._title = text("", "release-title")
            self._notice = ChangeNotice(screen, self.draw)
            self._why = text("", "reason")
            with fold(screen.say("command.message"), "card-message"):
                self._payload = div("card-part")

    def button(self) -> None:
        """Build the button here."""
        self._button = text("", "act main-act hidden", "button").on("click", self.press)
        self._button.mark("release-step").props("data-release-step")

    def draw(self) -> None:
        """Follow the command: the step that waits, and what stands against it."""
        bracket, plan = self._waiting()
        set_classes(self._holder, hidden=plan is None)
        if self._button:
            set_classes(self._button, hidden=plan is None)
        if bracket is None or plan is None:
            return
        if bracket.step != self._step:
            self._begin(bracket, plan)
        self._watch.show(plan, self._screen.model.now)
        self._notice.draw(self._watch)
        self._say(plan)

    def _waiting(self) -> tuple[OpenBracket | None, Plan | None]:
        model = self._screen.model
        found = (b for b in model.brackets if b.command_id == self._command_id())
        bracket = next(found, None)
        return bracket, bracket.release(model.factory) if bracket else None

    def _begin(self, bracket: OpenBracket, plan: Plan) -> None:
        """Another step waits: it is read anew."""
        say = self._screen.say
        self._step, self._asked = bracket.step, ""
        self._watch = PreviewWatch()
        what = say.either(plan.steps[0].title)
        self._title.say(say("release.waits", step=bracket.step + 1, steps=bracket.steps, what=what))
        if self._button:
            self._button.say(say("release.press", step=bracket.step + 1))
            attribute(self._button, "aria-label", f"{self._button.text}: {what}")
        self._payload.clear()
        with self._payload:
            parts.payload(self._screen, plan, exact=False)

    def _say(self, plan: Plan) -> None:
        reason, under_way = self._against(plan), self._under_way()
        told = reason or (self._screen.say("release.asked") if under_way else self._refusal())
        self._why.say(told)
        set_classes(self._why, hidden=not told)
        if self._button:
            off = bool(reason) or under_way or self._watch.locked(self._screen.model.now)
            set_classes(self._button, off=off)
            attribute(self._button, "aria-disabled", str(off).lower())

    def _against(self, plan: Plan) -> str | None:
        screen = self._screen
        found = command_view.verdicts(plan, NEXT.role, screen.model, screen.user)
        return command_view.reason_against(found)

    def _under_way(self) -> bool:
        """This step was let go, and orders has not said no."""
        record = self._screen.model.commands.get(self._asked) if self._asked else None
        return record is not None and record.stage is not Stage.REFUSED

    def _refusal(self) -> str:
        record = self._screen.model.commands.get(self._asked) if self._asked else None
        return command_view.last_reason(record, self._screen.say) if record else ""

    async def press(self) -> None:
        """Let the step go that is shown, once; rights and checks are asked again here."""
        self.draw()
        _, plan = self._waiting()
        locked = self._watch.locked(self._screen.model.now)
        if plan is None or locked or self._under_way() or self._against(plan):
            return
        self._asked = uuid4().hex
        try:
            await command_submission.ask(self._screen, plan, self._asked)
        except StoreError as error:
            self._asked = ""
            self._why.say(command_submission.not_sent(self._screen, error))
            set_classes(self._why, hidden=False)
            return
        self.draw()
