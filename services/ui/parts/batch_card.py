"""A card for several commands: all previewed together, then given one after the other."""

from collections.abc import Sequence
from contextlib import suppress
from uuid import uuid4

from nicegui import background_tasks, ui

from omf.commands import KINDS, CommandError, Plan
from services.common.bus import StoreError
from services.common.streams import CommandRecord, Stage
from services.ui import asking, batch, command_view, formats
from services.ui.batch import Item, Wish
from services.ui.command_log import changed_at
from services.ui.parts.build import attribute, box, link, mark, text
from services.ui.screen import Screen


class BatchCard:
    """A batch in the making and on its way; closed, it gives nothing more."""

    def __init__(
        self, screen: Screen, title: str, wishes: Sequence[Wish], *, hint: str = "", name: str = ""
    ) -> None:
        """`hint` is said below the title; `name` stands in the note of each command."""
        self._screen = screen
        self._name = name or screen.say("batch.name")
        self._items = batch.items(wishes, lambda: uuid4().hex)
        self._handed = 0
        self._running = self._giving = False
        with box("panel card") as self.panel:
            text(title, "card-title", "h2")
            text(hint or screen.say("batch.hint"), "dim")
            self._lines = [_Line(screen, n, item) for n, item in enumerate(self._items, 1)]
            self._told = text("", "hint").props("role=status")
            self._failed = text("", "hint wrong hidden").props("role=alert")
            self._buttons()
        self.draw()

    def _buttons(self) -> None:
        say = self._screen.say
        with box("row card-buttons"):
            self._send = text("", "act main-act", "button").on("click", self.send)
            self._send.mark("send-batch").props("data-send")
            self._discard = text("", "act", "button").on("click", self.discard)
            self._discard.mark("discard")
        self._send.say(say("batch.send", count=len(self._items)))

    @property
    def open(self) -> bool:
        """True until the card is closed."""
        return not self.panel.is_deleted

    def discard(self) -> None:
        """Close the card: what was given goes on, what was not stays ungiven."""
        self._running = False
        self.panel.delete()

    def send(self) -> None:
        """Begin, or go on after the store was away."""
        if self._may_begin():
            self._running = True
            mark(self._failed, hidden=True)
        self.draw()

    def draw(self) -> None:
        """Bring every line up to date, and give the next command once it is its turn."""
        for number, line in enumerate(self._lines):
            line.draw(handed=number < self._handed)
        now = batch.turn(self._items, self._handed, self._screen.model.commands)
        if self._running and not self._giving and now == "next":
            self._go_on()
        self._draw_state(now)

    def _draw_state(self, now: batch.Turn) -> None:
        say, why = self._screen.say, self._blocked()
        counted = {"handed": self._handed, "count": len(self._items)}
        words = say(f"batch.{now}", **counted) if self._handed else ""
        waits = self._running and now == "next" and why is not None
        self._told.say(say("batch.patient", why=why) if waits else words)
        mark(self._told, wrong=now == "stopped")
        over = now in {"stopped", "done"}
        mark(self._send, hidden=self._running or over, off=not self._may_begin())
        attribute(self._send, "aria-disabled", str(not self._may_begin()).lower())
        self._discard.say(
            say("close" if over else "batch.leave" if self._running else "command.discard")
        )

    def _may_begin(self) -> bool:
        return self._handed < len(self._items) and (
            self._blocked() is None or self._items[self._handed].wish.patient
        )

    def _blocked(self) -> str | None:
        """What stands against the command whose turn it is."""
        if self._handed == len(self._items):
            return None
        return self._lines[self._handed].obstacle()

    def _go_on(self) -> None:
        if why := self._blocked():
            if self._items[self._handed].wish.patient:
                return
            self._halt(self._screen.say("batch.blocked", number=self._handed + 1, why=why))
            return
        self._giving = True
        background_tasks.create(self._give(self._items[self._handed]))

    async def _give(self, item: Item) -> None:
        screen, (kind, given, _) = self._screen, item.wish
        counted = {"number": self._handed + 1, "count": len(self._items), "name": self._name}
        try:
            plan = asking.planned(screen, kind, given, item.id, screen.model.now)
            note = screen.say("batch.note", **counted)
            await asking.ask(screen, kind, plan.parameters, item.id, note)
            self._handed += 1
        except (StoreError, CommandError) as error:
            self._halt(screen.say("command.send_failed", detail=str(error)))
        # Not after an error nobody thought of: then nothing more goes out.
        self._giving = False
        if self.open:
            self.draw()

    def _halt(self, why: str) -> None:
        """The same ids are kept: going on cannot make a second command of one."""
        self._running = False
        self._failed.say(why)
        mark(self._failed, hidden=False)


class _Line:
    """One command: what it is, what stands against it, its message, and how far it has come."""

    def __init__(self, screen: Screen, number: int, item: Item) -> None:
        self._screen, self._item = screen, item
        plan = self._plan()
        with box("batch-line"):
            title = plan.steps[0].title if plan else KINDS[item.wish.kind].title
            text(f"{number}. {screen.say.either(title)}", "batch-what")
            self._why = text("", "hint wrong hidden")
            self._stage = link("", f"{screen.path('commands')}?command={item.id}", "batch-stage")
            if plan:
                self._preview(plan)

    def _plan(self) -> Plan | None:
        """The command as it would go out now; what nobody types becomes final when it is given."""
        screen, (kind, given, _) = self._screen, self._item.wish
        with suppress(CommandError):
            return asking.planned(screen, kind, given, self._item.id, screen.model.now)
        return None

    def _preview(self, plan: Plan) -> None:
        with ui.element("details"):
            text(" · ".join(dict.fromkeys(step.topic for step in plan.steps)), "mono", "summary")
            for step in plan.steps:
                text(command_view.pretty(step.payload), "payload", "pre")

    def draw(self, *, handed: bool) -> None:
        """Bring obstacle and stage up to date."""
        reason = None if handed else self.obstacle()
        self._why.say(reason or "")
        mark(self._why, hidden=reason is None)
        record = self._screen.model.commands.get(self._item.id)
        mark(self._stage, hidden=record is None)
        if record:
            self._draw_stage(record)

    def _draw_stage(self, record: CommandRecord) -> None:
        say, last = self._screen.say, record.events[-1] if record.events else None
        stage = last.stage if last else Stage.REQUESTED
        at = formats.moment(changed_at(record), self._screen.visitor.clock)
        why = command_view.last_reason(record, say)
        told = (f"{say(f'stage.{stage}')} {at}", why)
        self._stage.say(" · ".join(part for part in told if part))
        mark(self._stage, wrong=stage in command_view.FAILURES)

    def obstacle(self) -> str | None:
        """What stands against this command now, in words."""
        screen, (kind, given, _) = self._screen, self._item.wish
        return command_view.obstacle(kind, given, screen.model, screen.visitor)
