"""Several pieces ordered at once: how many of each colour, then one card for all of them."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from uuid import uuid4

from omf.commands import KINDS, CommandError
from omf.constants import COLOURS
from omf.sequences.written import SequenceStep
from omf.texts import text as catalogue_text
from services.ui.live.screen import Screen
from services.ui.views import command_submission, command_view
from services.ui.views.command_view import ORDER, CheckVerdict
from services.ui.widgets.command_card.batch_card import BatchCard, Called, Together
from services.ui.widgets.elements import attribute, div, set_classes, text
from services.ui.widgets.rack import disc, paint


class OrderBasket:
    """Counts per colour, and the button that puts them on a card."""

    def __init__(self, screen: Screen, put: Callable[[Callable[[], BatchCard]], None]) -> None:
        self._screen, self._put = screen, put
        self._wanted: Counter[str] = Counter()
        with div("basket"):
            self._counts = {colour: self._colour(colour) for colour in COLOURS}
            self._button = text("", "act", "button").on("click", self._compose)
            self._button.mark("basket-compose")
        self._draw()

    def _colour(self, colour: str) -> "Callable[[str], None]":
        name = self._screen.say(f"colour.{colour}")
        with div("basket-colour"):
            paint(disc(None), colour)
            self._step("−", colour, -1, self._screen.say("basket.less", colour=name))
            count = text("0", "basket-count").mark(f"basket-{colour}")
            self._step("+", colour, +1, self._screen.say("basket.more", colour=name))
        return count.say

    def _step(self, sign: str, colour: str, by: int, label: str) -> None:
        button = text(sign, "act small", "button").on("click", partial(self._add, colour, by))
        button.mark(f"basket-{'more' if by > 0 else 'less'}-{colour}")
        attribute(button, "aria-label", label)

    def _add(self, colour: str, by: int) -> None:
        # No more pieces than the warehouses have bays can be there at once.
        most = sum(len(names) for names in self._screen.model.factory.racks.values())
        if by < 0 or not most or self._wanted.total() + by <= most:
            self._wanted[colour] = max(0, self._wanted[colour] + by)
        self._draw()

    def _draw(self) -> None:
        for colour, say in self._counts.items():
            say(str(self._wanted[colour]))
        total = self._wanted.total()
        words = "basket.compose" if total else "basket.nothing"
        self._button.say(self._screen.say(words, count=total))
        set_classes(self._button, off=not total)
        attribute(self._button, "aria-disabled", str(not total).lower())

    def _compose(self) -> None:
        wishes = [
            SequenceStep(kind=ORDER, parameters={"colour": colour})
            for colour in COLOURS
            for _ in range(self._wanted[colour])
        ]
        if not wishes:
            return
        screen = self._screen
        self._put(
            lambda: BatchCard(
                screen,
                Called(catalogue_text("basket.title")),
                lambda: wishes,
                together=Together(partial(checks, screen), self._empty),
            )
        )

    def _empty(self) -> None:
        """What was sent is no longer in the basket: pressed again, it would be ordered twice."""
        self._wanted.clear()
        self._draw()


def checks(screen: Screen, wishes: Sequence[SequenceStep]) -> list[CheckVerdict]:
    """Every check of the orders still to go out, each once, and whether the stock is enough."""
    model, say = screen.model, screen.say
    wanted = Counter(str(wish.parameters["colour"]) for wish in wishes)
    found: list[CheckVerdict] = []
    for colour, count in wanted.items():
        if model.factory.stock.known:
            free = model.factory.stock.free(colour)
            words = say("basket.pieces", colour=say(f"colour.{colour}"), free=free, count=count)
            found.append(CheckVerdict(free >= count, free >= count, words))
        with suppress(CommandError):
            plan = command_submission.planned(
                screen, ORDER, {"colour": colour}, uuid4().hex, model.now
            )
            found += command_view.verdicts(plan, KINDS[ORDER].role, model, screen.user)
    return list(dict.fromkeys(found))
