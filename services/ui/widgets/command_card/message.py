"""The message of a command on its card, folded away: topic, payload, bytes, what was edited."""

from collections.abc import Callable

from omf.commands import Plan
from services.ui.live import json_diff
from services.ui.live.screen import Screen
from services.ui.widgets.command_card import parts
from services.ui.widgets.elements import div, fold, set_classes
from services.ui.widgets.tabs import Tabs

VIEWS = ("pretty", "exact", "diff")


class CardMessage:
    """Opened by choice; what is shown is what would go out, except what sending fills in."""

    def __init__(
        self, screen: Screen, first: Plan | None, again: Callable[[], Plan | None]
    ) -> None:
        """`first` is the plan the card opened with, `again` makes it with other ids, times."""
        self._screen = screen
        self._first = first
        self._again = again
        self._plan: Plan | None = None
        with fold(screen.say("command.message"), "card-message") as self._whole:
            self._where = div("card-part")
            names = {view: screen.say(f"command.view.{view}") for view in VIEWS}
            self._view = Tabs(names, VIEWS[0], lambda _: self._fill())
            self._payload = div("card-part")

    def draw(self, plan: Plan | None) -> None:
        """Show this plan; hidden without one."""
        set_classes(self._whole, hidden=plan is None)
        self._plan = plan
        if plan:
            self._where.clear()
            with self._where:
                parts.where(self._screen, plan)
            self._fill()

    def _fill(self) -> None:
        if self._plan is None:
            return
        self._payload.clear()
        with self._payload:
            if self._view.chosen == "diff":
                self._edited(self._plan)
            else:
                self._sent(self._plan)

    def _edited(self, plan: Plan) -> None:
        first = self._first
        pairs = zip(first.steps if first else (), plan.steps, strict=False)
        found = [
            one
            for old, new in pairs
            for one in json_diff.between(
                json_diff.parsed(old.payload), json_diff.parsed(new.payload)
            )
        ]
        parts.changes(self._screen, None if first is None else found)

    def _sent(self, plan: Plan) -> None:
        parts.payload(self._screen, plan, exact=self._view.chosen == "exact")
        if other := self._again():
            parts.protected(self._screen, parts.made_by_us(plan, other))
