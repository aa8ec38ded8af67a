"""One step of a sequence on its card."""

from collections.abc import Callable
from contextlib import suppress

from omf.commands import KINDS, CommandError, Plan, fingerprint
from omf.sequences.written import SequenceStep
from services.common.store.keys import CommandRecord
from services.ui import formats
from services.ui.live.command_log import changed_at
from services.ui.live.screen import Screen
from services.ui.views import (
    command_progress,
    command_submission,
    command_view,
    sequence_view,
    urls,
)
from services.ui.views.preview_watch import PreviewWatch
from services.ui.widgets.command_card.preview_change import ChangeNotice
from services.ui.widgets.elements import attribute, div, fold, link, set_classes, text


class BatchLine:
    """What it is, what stands against it, its message, and how far it has come."""

    def __init__(
        self,
        screen: Screen,
        number: str,
        step: SequenceStep,
        preview_id: str,
        redraw: Callable[[], None],
    ) -> None:
        """`number` is its place as people count; the preview bears ids made of `preview_id`.

        `redraw` is called once what changed here may be sent.
        """
        self._screen, self._step, self._number = screen, step, number
        self._preview_id = preview_id
        self._command_id = ""
        # What those before it do is what changes its checks; they are asked again at its turn.
        self._watch = PreviewWatch(ignoring=frozenset({"checks"}))
        self._drawn: Plan | None = None
        with div("batch-line"):
            self._what = text("", "batch-what")
            self._notice = ChangeNotice(screen, redraw)
            self._why = text("", "reason hidden")
            self._stage = link("", "", "batch-stage hidden")
            with fold(screen.say("command.message"), "hidden") as self._fold:
                self._preview = div("card-part")

    @property
    def permitted(self) -> bool:
        """True if who looks has the right; no waiting would change it."""
        kind = self._step.kind
        return kind is None or self._screen.user.may(KINDS[kind].role)

    @property
    def locked(self) -> bool:
        """True while there was no time yet to look at what changed."""
        return self._watch.locked(self._screen.model.now)

    def fingerprint(self) -> str:
        """The fingerprint of what is shown; "" for what cannot be built, or is no command."""
        if self._step.kind is None:
            return ""
        with suppress(CommandError):
            factory = self._screen.model.factory
            return fingerprint(self._step.kind, self._step.parameters, factory)
        return ""

    def read(self) -> None:
        """Whoever sends the batch means it as it is shown now."""
        if self._watch.plan:
            self._watch.read(self._watch.plan)

    def follow(self, command_id: str) -> None:
        """It went out as this command."""
        if command_id != self._command_id:
            self._command_id = command_id
            attribute(self._stage, "href", urls.to_command(self._screen, command_id))

    def draw(self, *, begun: bool) -> None:
        """Bring preview, obstacle and stage up to date."""
        if self._step.kind is None:
            words = sequence_view.step_words(self._screen, self._step)
            self._what.say(f"{self._number}. {words}")
            return
        if not begun and (plan := self.plan()):
            self._watch.show(plan, self._screen.model.now)
        self._notice.draw(self._watch)
        self._draw_preview(self._watch.plan)
        reason = None if begun else self.obstacle()
        self._why.say(reason or "")
        set_classes(self._why, hidden=reason is None)
        record = self._screen.model.commands.get(self._command_id)
        set_classes(self._stage, hidden=record is None)
        if record:
            self._draw_stage(record)

    def obstacle(self) -> str | None:
        """What stands against this command now, in words."""
        screen, step = self._screen, self._step
        if step.kind is None:
            return None
        return command_view.obstacle(step.kind, step.parameters, screen.model, screen.user)

    def plan(self) -> Plan | None:
        """The command as it would go out now; what nobody types becomes final when it is given."""
        screen, step = self._screen, self._step
        if step.kind is None:
            return None
        with suppress(CommandError):
            return command_submission.planned(
                screen, step.kind, step.parameters, self._preview_id, 0.0
            )
        return None

    def _draw_preview(self, plan: Plan | None) -> None:
        title = plan.steps[0].title if plan and plan.steps else KINDS[self._step.kind or ""].title
        self._what.say(f"{self._number}. {self._screen.say.either(title)}")
        set_classes(self._fold, hidden=plan is None)
        if plan is None or plan == self._drawn:
            return
        self._drawn = plan
        self._preview.clear()
        with self._preview:
            text(" · ".join(dict.fromkeys(step.topic for step in plan.steps)), "mono")
            for step in plan.steps:
                shown = text(command_view.pretty(step.payload), "payload", "pre")
                attribute(shown, "tabindex", "0")

    def _draw_stage(self, record: CommandRecord) -> None:
        say, last = self._screen.say, record.events[-1] if record.events else None
        at = formats.moment(changed_at(record), self._screen.user.clock)
        stage = command_progress.stage_words(record, say)
        told = (f"{stage} {at}", command_view.last_reason(record, say))
        self._stage.say(" · ".join(part for part in told if part))
        set_classes(self._stage, wrong=bool(last and last.stage in command_view.FAILURES))
