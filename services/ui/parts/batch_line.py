"""One command of a batch on its card."""

from contextlib import suppress

from nicegui import ui

from omf.commands import KINDS, CommandError, Plan
from services.common.streams import CommandRecord, Stage
from services.ui import asking, command_view, formats
from services.ui.batch import Item
from services.ui.command_log import changed_at
from services.ui.parts.build import box, link, mark, text
from services.ui.screen import Screen


class BatchLine:
    """What it is, what stands against it, its message, and how far it has come."""

    def __init__(self, screen: Screen, number: int, item: Item) -> None:
        self._screen, self._item = screen, item
        plan = self._plan()
        with box("batch-line"):
            title = plan.steps[0].title if plan else KINDS[item.wish.kind].title
            text(f"{number}. {screen.say.either(title)}", "batch-what")
            self._why = text("", "reason hidden")
            self._stage = link("", f"{screen.path('commands')}?command={item.id}", "batch-stage")
            if plan:
                self._preview(plan)

    @property
    def permitted(self) -> bool:
        """True if who looks has the right; no waiting would change it."""
        return self._screen.visitor.may(KINDS[self._item.wish.kind].role)

    def draw(self, *, handed: bool) -> None:
        """Bring obstacle and stage up to date."""
        reason = None if handed else self.obstacle()
        self._why.say(reason or "")
        mark(self._why, hidden=reason is None)
        record = self._screen.model.commands.get(self._item.id)
        mark(self._stage, hidden=record is None)
        if record:
            self._draw_stage(record)

    def obstacle(self) -> str | None:
        """What stands against this command now, in words."""
        screen, (kind, given, *_) = self._screen, self._item.wish
        return command_view.obstacle(kind, given, screen.model, screen.visitor)

    def _plan(self) -> Plan | None:
        """The command as it would go out now; what nobody types becomes final when it is given."""
        screen, (kind, given, *_) = self._screen, self._item.wish
        with suppress(CommandError):
            return asking.planned(screen, kind, given, self._item.id, screen.model.now)
        return None

    def _preview(self, plan: Plan) -> None:
        with ui.element("details"):
            text(" · ".join(dict.fromkeys(step.topic for step in plan.steps)), "mono", "summary")
            for step in plan.steps:
                text(command_view.pretty(step.payload), "payload", "pre")

    def _draw_stage(self, record: CommandRecord) -> None:
        say, last = self._screen.say, record.events[-1] if record.events else None
        stage = last.stage if last else Stage.REQUESTED
        at = formats.moment(changed_at(record), self._screen.visitor.clock)
        told = (f"{say(f'stage.{stage}')} {at}", command_view.last_reason(record, say))
        self._stage.say(" · ".join(part for part in told if part))
        mark(self._stage, wrong=stage in command_view.FAILURES)
