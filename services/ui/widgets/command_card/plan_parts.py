"""The parts of a card that say what a plan does: what, losses, changes, checks and effect."""

from collections.abc import Callable, Sequence

from nicegui import ui

from omf.commands import Plan, PlanPart
from services.ui.live.screen import Screen
from services.ui.views.command_view import CheckVerdict
from services.ui.widgets.command_card import parts
from services.ui.widgets.elements import div, set_classes


class PlanParts:
    """Two places: what it does above the parameters, checks and effect below them."""

    def __init__(self, screen: Screen) -> None:
        """Build the upper place; `columns` builds the lower one."""
        self._screen = screen
        self._shown: object = None
        self._what, self._losses = div("card-part"), div("card-part losses")
        self._settings = div("card-part").mark("against-now")

    def columns(self) -> None:
        """Build the place of checks and effect."""
        with div("card-columns") as self._columns:
            self._checks, self._effect = div("card-part"), div("card-part")
        self._part_of: dict[PlanPart, ui.element] = {
            "messages": self._what,
            "losses": self._losses,
            "checks": self._checks,
            "effect": self._effect,
        }

    def sent(self, *, locked: bool) -> None:
        """Once it was sent, several steps are told with their stages instead."""
        for part in (self._what, self._settings, self._columns):
            set_classes(part, hidden=locked)

    def draw(
        self, plan: Plan | None, found: Sequence[CheckVerdict], changed: Sequence[PlanPart]
    ) -> bool:
        """Rebuild the parts only when what they say has changed; True if they were."""
        for part in (self._what, self._losses, self._settings, self._columns):
            set_classes(part, hidden=plan is None)
        for name, part in self._part_of.items():
            set_classes(part, changed=name in changed)
        shown = (plan and (plan.steps, plan.losses, plan.changes), found)
        if shown == self._shown:
            return False
        self._shown = shown
        if plan is not None:
            self._fill(plan, found)
        return True

    def _fill(self, plan: Plan, found: Sequence[CheckVerdict]) -> None:
        screen = self._screen
        filled: list[tuple[ui.element, Callable[[], None]]] = [
            (self._what, lambda: parts.what(screen, plan)),
            (self._losses, lambda: parts.losses(screen, plan)),
            (self._settings, lambda: parts.settings(screen, plan)),
            (self._checks, lambda: parts.checks(screen, found)),
            (self._effect, lambda: parts.effects(screen, plan)),
        ]
        for holder, fill in filled:
            holder.clear()
            with holder:
                fill()
