"""What may free an order that stands still: prepared cards in their order, each tried before.

The simulation is asked beside the page, which never waits (`services/common/foresight/reader.py`).
"""

from collections.abc import Callable
from uuid import uuid4

from nicegui import background_tasks

from omf.commands import KINDS
from omf.recovery.remedies import Remedy
from omf.recovery.trial import Standstill, TriedRemedy, named
from omf.state.orders import Order
from services.common.foresight.reader import NoForesightError
from services.ui.live.screen import Screen
from services.ui.views import order_view
from services.ui.widgets.command_card.command_entries import CommandCardSlot
from services.ui.widgets.elements import div, panel, set_classes, text
from services.ui.widgets.keyed_list import Draw

ASK_AGAIN_S = 30.0
"""Somebody may have put things right at the machine meanwhile."""


def remedy_panel(screen: Screen, slot: CommandCardSlot, wanted: Callable[[], Order | None]) -> Draw:
    """The panel of the order that `wanted` gives; hidden while it goes on or traffic holds it."""
    with panel(screen.say("recovery.title"), "remedies") as whole:
        whole.props("aria-live=polite")
        part = _Remedies(screen, slot)

    def draw() -> None:
        order = wanted()
        stuck = order is not None and order_view.phase(order, screen.model) == "stuck"
        set_classes(whole, hidden=not stuck or screen.impacts is None)
        if stuck and order is not None:
            part.follow(order)

    return draw


class _Remedies:
    """Asks when an order begins to stand still, and now and then while it does."""

    def __init__(self, screen: Screen, slot: CommandCardSlot) -> None:
        self._screen, self._slot = screen, slot
        self._who = uuid4().hex
        self._asked: tuple[str, str] | None = None
        self._asked_at = 0.0
        self._holder = div("lines")

    def follow(self, order: Order) -> None:
        """Ask where it stands for another reason than before, or long ago."""
        model = self._screen.model
        wait = order_view.wait_of(order, model)
        about = (order.id, f"{wait.cause} {wait.device}" if wait else "")
        if about == self._asked and model.now - self._asked_at < ASK_AGAIN_S:
            return
        if about != self._asked:
            self._say(self._screen.say("recovery.pending"))
        self._asked, self._asked_at = about, model.now
        background_tasks.create(self._ask(order.id), name="remedies of a standstill")

    async def _ask(self, order_id: str) -> None:
        screen = self._screen
        if screen.impacts is None:
            return
        try:
            found = await screen.impacts.standstills(self._who, screen.environment)
        except NoForesightError as error:
            if not self._holder.is_deleted:
                self._say(screen.say("impact.unavailable", why=str(error)))
            return
        mine = next((one for one in found or () if order_id in one.orders), None)
        if mine is not None and not self._holder.is_deleted:
            self._show(mine)

    def _say(self, words: str) -> None:
        self._holder.clear()
        with self._holder:
            text(words, "hint")

    def _show(self, found: Standstill) -> None:
        say = self._screen.say
        self._holder.clear()
        with self._holder:
            text(say.either(found.action))
            for number, one in enumerate(found.tried, 1):
                self._tried(number, one)
            if not any(one.helps for one in found.tried):
                text(say("recovery.none"), "wrong")
            for line in found.assumed:
                text(say.either(line), "hint")

    def _tried(self, number: int, one: TriedRemedy) -> None:
        say = self._screen.say
        with div("remedy").mark(f"remedy-{number}"):
            with div("row"):
                text(say(f"recovery.fate.{one.fate}"), "grow" if one.helps else "grow dim")
            text(say.either(one.told), "" if one.helps else "dim")
            with div("row card-buttons"):
                for place, command in enumerate(one.commands, 1):
                    self._button(f"remedy-{number}-{place}", place, command)

    def _button(self, mark: str, place: int, command: Remedy) -> None:
        title = self._screen.say.either(named(command, self._screen.model.factory))
        button = text(f"{place}. {title} …", "act small", "button").mark(mark)
        button.on("click", lambda: self._slot.open(KINDS[command.kind], command.parameters))
