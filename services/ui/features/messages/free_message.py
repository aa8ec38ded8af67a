"""The test area of the message centre: a free message on a command card, in the detail's place."""

from collections.abc import Callable

from omf.commands import KINDS
from services.ui.live.screen import Screen
from services.ui.widgets.command_card.card import CommandCard
from services.ui.widgets.command_card.parts import FREE
from services.ui.widgets.elements import div, set_classes


class FreeArea:
    """Keeps one card until it is closed, also while a message stands in its place."""

    def __init__(self, screen: Screen, on_close: Callable[[], None]) -> None:
        self._screen = screen
        self._on_close = on_close
        self._card: FreeCard | None = None
        self._holder = div("test-area hidden", "aside").mark("test-area-holder")

    @property
    def open(self) -> bool:
        """True while there is a card."""
        return self._card is not None and self._card.open

    def begin(self) -> None:
        """A card, unless one is being filled already."""
        if self.open:
            return
        with self._holder:
            self._card = FreeCard(self._screen, self._on_close)

    def show(self, *, wanted: bool) -> None:
        """Show the card or keep it out of sight."""
        set_classes(self._holder, hidden=not wanted)

    def draw(self) -> None:
        """Keep checks and stages true."""
        if self._card is not None and self._card.open:
            self._card.draw()


class FreeCard(CommandCard):
    """The card of a free message; whoever opened it learns that it was closed."""

    def __init__(self, screen: Screen, on_close: Callable[[], None]) -> None:
        self._on_close = on_close
        super().__init__(screen, KINDS[FREE], {})

    def discard(self) -> None:
        """Close the card; a message that was sent goes on."""
        super().discard()
        self._on_close()
