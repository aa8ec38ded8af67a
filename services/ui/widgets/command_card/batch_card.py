"""A card for a sequence of commands: all previewed together, then handed to orders as one run.

What is shown is what was read: each command goes with the fingerprint of its preview, and orders
holds the run where another one would go out. The run goes on without the card.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from uuid import uuid4

from nicegui import background_tasks

from omf.commands import CommandError
from omf.commands.command_types.sequences import SEQUENCE_START, FactoryKinds
from omf.recovery.remedies import Remedy
from omf.sequences.preview import place_check
from omf.sequences.reading import as_given
from omf.sequences.written import SequenceStep, every_step, number_of
from omf.texts import Text
from services.common.store.bus import StoreError
from services.common.store.environments import kind_of
from services.common.store.keys import Stage
from services.ui.live.screen import Screen
from services.ui.views import command_submission, command_view, sequence_view
from services.ui.views.command_view import CheckVerdict
from services.ui.views.preview_watch import PreviewWatch
from services.ui.widgets.command_card import parts
from services.ui.widgets.command_card.batch_line import BatchLine
from services.ui.widgets.command_card.impact_part import ImpactPart
from services.ui.widgets.command_card.preview_change import ChangeNotice
from services.ui.widgets.elements import attribute, div, set_classes, text


class Together(NamedTuple):
    """What holds for all commands of a batch at once."""

    checks: Callable[[Sequence[SequenceStep]], list[CheckVerdict]]
    """Judges what is still to be given: each of three may be possible, and all three not."""
    on_begin: Callable[[], None]
    """Told once when they begin to go out."""


class Called(NamedTuple):
    """What a run of these commands is called; of one `name` no two run at once."""

    title: Text
    name: str = ""
    version: str = ""
    only: FactoryKinds = ()
    """Kinds of factories where they may run; none named: everywhere."""


class BatchCard:
    """A sequence in the making; handed over, it shows how far it has come."""

    def __init__(
        self,
        screen: Screen,
        called: Called,
        wanted: Callable[[], Sequence[SequenceStep]],
        *,
        hint: str = "",
        together: Together | None = None,
    ) -> None:
        """`wanted` is asked until it begins."""
        self._screen = screen
        self._called = called
        self._wanted = wanted
        self._together = together
        self._judged: list[CheckVerdict] = []
        self._steps: Sequence[SequenceStep] | None = None
        self._lines: dict[str, BatchLine] = {}
        self._id = uuid4().hex
        self._begun = False
        self._renewed = ""
        with div("panel card") as self.panel:
            text(screen.say.either(called.title), "card-title", "h2")
            text(hint or screen.say("batch.hint"), "dim")
            self._watch = PreviewWatch()
            self._notice = ChangeNotice(screen, self.draw)
            self._holder, self._checks = div(), div("card-part")
            self._impact = ImpactPart(screen)
            self._told = text("", "hint").props("role=status")
            self._failed = text("", "hint wrong hidden").props("role=alert")
            self._buttons()
        self.draw()

    def _buttons(self) -> None:
        with div("row card-buttons"):
            self._send = text("", "act main-act", "button").on("click", self.send)
            self._send.mark("send-batch").props("data-send")
            self._discard = text("", "act", "button").on("click", self.discard)
            self._discard.mark("discard")

    @property
    def command(self) -> str:
        """Several, so none by itself."""
        return ""

    @property
    def open(self) -> bool:
        """True until the card is closed."""
        return not self.panel.is_deleted

    @property
    def busy(self) -> bool:
        """False: what was handed over goes on without the card."""
        return False

    def discard(self) -> None:
        """Close the card: what was handed over goes on."""
        self.panel.delete()

    def send(self) -> None:
        """Hand it to orders; again under the same id where the store was away."""
        self.draw()
        if not self._may_begin():
            return
        if self._together:
            self._together.on_begin()
        self._begun = True
        self._renewed = ""
        for line in self._lines.values():
            line.read()
        set_classes(self._failed, hidden=True)
        background_tasks.create(self._hand_over())
        self.draw()

    def draw(self) -> None:
        """Bring every line up to date."""
        if not self._begun:
            self._renew()
        self._follow()
        for line in self._lines.values():
            line.draw(begun=self._begun)
        self._notice.draw(self._watch, self._renewed)
        self._draw_checks()
        self._draw_impact()
        self._draw_state()

    def _draw_impact(self) -> None:
        """What they would change together; a wait or a branch nobody can foresee."""
        steps = self._steps or ()
        if self._begun or any(step.kind is None for step in steps):
            self._impact.hide()
            return
        found = [Remedy(step.kind, step.parameters) for step in steps if step.kind is not None]
        self._impact.draw_several(found)

    def _renew(self) -> None:
        """What is wanted may change while nobody has begun: orders come and go."""
        steps = self._wanted()
        if steps == self._steps:
            return
        if self._steps is not None:
            self._renewed = self._screen.say("batch.renewed")
            self._watch.lock(self._screen.model.now)
        self._steps = steps
        self._holder.clear()
        with self._holder:
            self._lines = {
                number: BatchLine(self._screen, number, step, uuid4().hex, self.draw)
                for number, step in self._numbered()
            }
        self._send.say(self._screen.say("batch.send", count=len(self._lines)))

    def _numbered(self) -> list[tuple[str, SequenceStep]]:
        found = every_step(self._steps or ())
        return [(number_of(place), step) for place, step in found]

    def _follow(self) -> None:
        """Each line shows the command that its step went out as."""
        run = sequence_view.run_of(self._screen.model, self._id)
        for note in run.history if run else ():
            if note.command_id and (line := self._lines.get(note.place)):
                line.follow(note.command_id)
        record = self._screen.model.commands.get(self._id)
        if self._begun and record and record.stage in (Stage.REFUSED, Stage.EXPIRED):
            # Nothing of it went out: sent again it is another one.
            self._id = uuid4().hex
            self._halt(command_view.last_reason(record, self._screen.say))

    def _draw_checks(self) -> None:
        """What is asked of all of them together, until they go out."""
        found = [] if self._begun else self._verdicts()
        if found == self._judged:
            return
        self._judged = found
        self._checks.clear()
        with self._checks:
            if found:
                parts.checks(self._screen, found)

    def _verdicts(self) -> list[CheckVerdict]:
        found = self._together.checks(self._steps or ()) if self._together else []
        if self._called.only:
            check = place_check(self._called.only, kind_of(self._screen.environment))
            words = self._screen.say.either(check)
            found = [CheckVerdict(check.met, check.passed, words), *found]
        return found

    def _draw_state(self) -> None:
        say, run = self._screen.say, sequence_view.run_of(self._screen.model, self._id)
        words = ""
        if run:
            told = (
                sequence_view.run_state(run, say),
                sequence_view.run_present(self._screen, run),
                say.either(run.why) if run.why else "",
            )
            words = " · ".join(part for part in told if part)
        elif self._begun:
            words = say("batch.handed")
        self._told.say(words)
        set_classes(self._told, wrong=bool(run and sequence_view.run_bad(run)))
        may_begin = self._may_begin()
        set_classes(self._send, hidden=self._begun, off=not may_begin)
        attribute(self._send, "aria-disabled", str(not may_begin).lower())
        self._discard.say(say("close" if self._begun else "command.discard"))

    def _may_begin(self) -> bool:
        """True if this person may give every one of them, and nothing stands against the first."""
        lines = self._lines.values()
        if self._begun or not lines or not all(line.permitted for line in lines):
            return False
        if self._watch.locked(self._screen.model.now) or any(line.locked for line in lines):
            return False
        if not all(verdict.passed for verdict in self._verdicts()):
            return False
        first = next(iter(self._steps or ()), None)
        waits = first is None or first.patient or first.optional
        return waits or next(iter(lines)).obstacle() is None

    def _read(self, steps: Sequence[SequenceStep], number: str = "") -> list[SequenceStep]:
        """The steps with the fingerprint of what is shown of each."""
        marked = []
        for place, step in enumerate(steps, 1):
            own = f"{number}{place}"
            read = {"read": self._lines[own].fingerprint()} if step.kind else {}
            inner = {
                "then": tuple(self._read(step.then, f"{own}.then.")),
                "otherwise": tuple(self._read(step.otherwise, f"{own}.else.")),
            }
            marked.append(step.model_copy(update={**read, **inner}))
        return marked

    def _given(self) -> dict[str, Any]:
        title, name, version, only = self._called
        steps = as_given(self._read(self._steps or ()))
        meant = {"only": list(only)} if only else {}
        called = {"name": name, "version": version, "title": title.to_dict()}
        return {**called, **meant, "steps": steps}

    async def _hand_over(self) -> None:
        screen = self._screen
        try:
            plan = command_submission.planned(
                screen, SEQUENCE_START, self._given(), self._id, screen.model.now
            )
            if not await command_submission.ask(screen, plan, self._id):
                self._begun = False
        except (StoreError, CommandError) as error:
            self._halt(command_submission.not_sent(screen, error))
        if self.open:
            self.draw()

    def _halt(self, why: str) -> None:
        """It may be sent again."""
        self._begun = False
        if not self.open:
            return
        self._failed.say(why)
        set_classes(self._failed, hidden=False)
