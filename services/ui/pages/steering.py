"""Steering: order a workpiece, and every other command, each through the command card."""

from functools import partial

from nicegui import ui

from omf.commands import KINDS, Kind, prepare
from services.ui import command_view, order_view
from services.ui.command_view import ORDER
from services.ui.page import Address, Page
from services.ui.parts.build import attribute, box, mark, panel, text
from services.ui.parts.command_card import CommandCard
from services.ui.parts.rack import disc, paint
from services.ui.screen import Screen


def build(screen: Screen, address: Address) -> None:
    """Fill the page; `kind` in the address opens the card of that command at once."""
    desk = Steering(screen)
    desk.build()
    if (kind := KINDS.get(address.get("kind", ""))) is not None:
        desk.open(kind, {})


class Steering:
    """The page's one open card."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._card: CommandCard | None = None

    def build(self) -> None:
        """Order tiles, the other commands, and the place of the card."""
        say = self._screen.say
        with box("steering"):
            with box("steering-left"):
                with panel(say("steering.orders")), box("tiles"):
                    for colour in order_view.COLOURS:
                        self._tile(colour)
                with panel(say("steering.others"), "fill"):
                    self._others()
            with box("steering-right"):
                self._holder = box("card-holder")
                self._hint = text(say("steering.hint"), "panel dim")
        self._screen.live(self._draw)

    def _tile(self, colour: str) -> None:
        say, model = self._screen.say, self._screen.model
        with box("tile"):
            with box("row"):
                paint(disc(None), colour)
                text(say(f"colour.{colour}"), "tile-name")
            stock = text("", "hint")
            why = text("", "hint wrong")
            button = text(say("steering.order"), "act", "button")
            button.on("click", partial(self.open, KINDS[ORDER], {"colour": colour}))
            button.mark(f"order-{colour}").props(f"data-order={colour}")

        def draw() -> None:
            stock.say(order_view.stock_words(colour, model, say))
            reason = model.shared(
                ("blocked", colour, self._screen.visitor), lambda: self._blocked(colour)
            )
            why.say(reason or "")
            mark(why, hidden=reason is None)

        self._screen.live(draw)

    def _blocked(self, colour: str) -> str | None:
        model, visitor = self._screen.model, self._screen.visitor
        plan = prepare(
            ORDER, {"colour": colour}, model.factory, now=model.now, new_id=lambda: "preview"
        )
        found = command_view.verdicts(plan, KINDS[ORDER].role, model, visitor)
        return command_view.reason_against(found)

    def _others(self) -> None:
        with box("kinds"):
            for group, names in command_view.groups().items():
                text(self._screen.say(f"kinds.{group}"), "kind-group", "h3")
                with box("kind-grid"):
                    for name in names:
                        self._kind(KINDS[name])

    def _kind(self, kind: Kind) -> None:
        say = self._screen.say
        with box("kind", "button").on("click", partial(self.open, kind, {})) as entry:
            text(say.either(kind.title), "cut")
        attribute(entry, "title", say.either(kind.summary))
        mark(entry, off=not self._screen.visitor.may(kind.role))

    def open(self, kind: Kind, given: dict[str, str]) -> None:
        """Open a fresh card for this command; one that was sent goes on without it."""
        if self._card is not None and self._card.open:
            self._card.discard()
        with self._holder:
            self._card = CommandCard(self._screen, kind, given)
        ui.navigate.history.replace(f"{self._screen.path('steering')}?kind={kind.name}")
        self._draw()

    def _draw(self) -> None:
        is_open = self._card is not None and self._card.open
        mark(self._hint, hidden=is_open)
        if is_open and self._card is not None:
            self._card.draw()


PAGE = Page("steering", "steering", "s", build)
