"""A card for several commands: all previewed together, then given one after the other."""

from collections.abc import Callable, Sequence
from typing import NamedTuple
from uuid import uuid4

from nicegui import background_tasks

from omf.commands import CommandError
from services.common.store.bus import StoreError
from services.ui.live.screen import Screen
from services.ui.views import command_batch, command_submission
from services.ui.views.command_batch import BatchEntry, Item, Turn
from services.ui.views.command_view import CheckVerdict
from services.ui.views.preview_watch import PreviewWatch
from services.ui.widgets.command_card import parts
from services.ui.widgets.command_card.batch_line import BatchLine
from services.ui.widgets.command_card.preview_change import ChangeNotice
from services.ui.widgets.elements import attribute, div, set_classes, text

OVER = ("stopped", "done")


class Together(NamedTuple):
    """What holds for all commands of a batch at once."""

    checks: Callable[[Sequence[BatchEntry]], list[CheckVerdict]]
    """Judges what is still to be given: each of three may be possible, and all three not."""
    on_begin: Callable[[], None]
    """Told once when they begin to go out."""


class BatchCard:
    """A batch in the making and on its way; closed, it gives nothing more."""

    def __init__(
        self,
        screen: Screen,
        title: str,
        wanted: Callable[[], Sequence[BatchEntry]],
        *,
        hint: str = "",
        name: str = "",
        together: Together | None = None,
    ) -> None:
        """`wanted` is asked until it begins; `name` stands in the note of each command."""
        self._screen = screen
        self._wanted = wanted
        self._name = name or screen.say("batch.name")
        self._together = together
        self._judged: list[CheckVerdict] = []
        self._wishes: Sequence[BatchEntry] = ()
        self._items: tuple[Item, ...] = ()
        self._lines: list[BatchLine] = []
        self._handed = 0
        self._skipped: set[str] = set()
        self._begun = self._running = self._giving = False
        self._renewed = ""
        with div("panel card") as self.panel:
            text(title, "card-title", "h2")
            text(hint or screen.say("batch.hint"), "dim")
            self._watch = PreviewWatch()
            self._notice = ChangeNotice(screen, self.draw)
            self._holder, self._checks = div(), div("card-part")
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
        """True while it goes on giving; closed now, it would break off."""
        return self._running

    def discard(self) -> None:
        """Close the card: what was given goes on, what was not stays ungiven."""
        self._running = False
        self.panel.delete()

    def send(self) -> None:
        """Begin, or go on after the store was away."""
        self.draw()
        if self._may_begin():
            if self._together and not self._begun:
                self._together.on_begin()
            self._begun = self._running = True
            self._renewed = ""
            for line in self._lines[self._handed :]:
                line.read()
            set_classes(self._failed, hidden=True)
        self.draw()

    def draw(self) -> None:
        """Bring every line up to date, and give the next command once it is its turn."""
        if not self._begun:
            self._renew()
        for number, line in enumerate(self._lines):
            line.draw(handed=number < self._handed)
        self._notice.draw(self._watch, self._renewed)
        self._draw_checks()
        now = command_batch.turn(
            self._items, self._handed, self._screen.model.commands, self._skipped
        )
        if now in OVER:
            self._running = False
        if self._running and not self._giving and now == "next":
            self._go_on()
        self._draw_state(now)

    def _renew(self) -> None:
        """What is wanted may change while nobody has begun: orders come and go."""
        wishes = self._wanted()
        if wishes == self._wishes:
            return
        if self._lines:
            self._renewed = self._screen.say("batch.renewed")
            self._watch.lock(self._screen.model.now)
        self._wishes, self._items = wishes, command_batch.items(wishes, lambda: uuid4().hex)
        self._holder.clear()
        with self._holder:
            made = enumerate(self._items, 1)
            self._lines = [BatchLine(self._screen, n, item, self.draw) for n, item in made]
        self._send.say(self._screen.say("batch.send", count=len(self._items)))

    def _draw_checks(self) -> None:
        """What is asked of all of them together, until they go out."""
        found = [] if self._running else self._verdicts()
        if found == self._judged:
            return
        self._judged = found
        self._checks.clear()
        with self._checks:
            if found:
                parts.checks(self._screen, found)

    def _verdicts(self) -> list[CheckVerdict]:
        if self._together is None:
            return []
        return self._together.checks([item.wish for item in self._items[self._handed :]])

    def _draw_state(self, now: Turn) -> None:
        say, why = self._screen.say, self._blocked()
        counted = {"handed": self._handed, "count": len(self._items)}
        words = say(f"batch.{now}", **counted) if self._handed else ""
        waits = self._running and now == "next" and why is not None
        self._told.say(say("batch.patient", why=why) if waits else words)
        set_classes(self._told, wrong=now == "stopped")
        over, may_begin = now in OVER, self._may_begin()
        set_classes(self._send, hidden=self._running or over, off=not may_begin)
        attribute(self._send, "aria-disabled", str(not may_begin).lower())
        leave = "batch.leave" if self._running else "command.discard"
        self._discard.say(say("close" if over else leave))

    def _may_begin(self) -> bool:
        """True if this person may give every one of them, and nothing stands against the first."""
        if self._handed == len(self._items) or not all(line.permitted for line in self._lines):
            return False
        if self._watch.locked(self._screen.model.now) or any(line.locked for line in self._lines):
            return False
        if not all(verdict.passed for verdict in self._verdicts()):
            return False
        wish = self._items[self._handed].wish
        return wish.patient or wish.optional or self._blocked() is None

    def _blocked(self) -> str | None:
        """What stands against the command whose turn it is."""
        if self._handed == len(self._items):
            return None
        return self._lines[self._handed].obstacle()

    def _go_on(self) -> None:
        item, line = self._items[self._handed], self._lines[self._handed]
        why = self._blocked()
        if line.changed:
            self._halt(self._screen.say("batch.changed", number=self._handed + 1))
        elif why is None:
            self._giving = True
            background_tasks.create(self._give(item))
        elif item.wish.optional:
            self._skipped.add(item.id)
            self._handed += 1
            background_tasks.create(self._drawn_again())
        elif not item.wish.patient:
            self._halt(self._screen.say("batch.blocked", number=self._handed + 1, why=why))

    async def _drawn_again(self) -> None:
        if self.open:
            self.draw()

    async def _give(self, item: Item) -> None:
        screen, (kind, given, *_) = self._screen, item.wish
        counted = {"number": self._handed + 1, "count": len(self._items), "name": self._name}
        try:
            plan = command_submission.planned(screen, kind, given, item.id, screen.model.now)
            note, still = screen.say("batch.note", **counted), lambda: self._running
            if await command_submission.ask(
                screen, plan, item.id, command_submission.Remarks(note), still
            ):
                self._handed += 1
        except (StoreError, CommandError) as error:
            self._halt(screen.say("command.send_failed", detail=str(error)))
        # Not after an error nobody thought of: then nothing more goes out.
        self._giving = False
        await self._drawn_again()

    def _halt(self, why: str) -> None:
        """The same ids are kept: going on cannot make a second command of one."""
        self._running = False
        if not self.open:
            return
        self._failed.say(why)
        set_classes(self._failed, hidden=False)
