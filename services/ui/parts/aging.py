"""Last known values stay on the screen, hatched while they may no longer be so."""

from collections.abc import Callable

from nicegui import ui

from omf.factory.modules import Module
from omf.factory.vehicles import Vehicle
from services.ui import links
from services.ui.device_rows import condition_of
from services.ui.parts.build import mark
from services.ui.screen import Screen


def aging(
    screen: Screen,
    holder: ui.element,
    device: Callable[[], Module | Vehicle | None] = lambda: None,
) -> None:
    """Hatch a panel, or the panels in a column, while they show only what was last known.

    What belongs to one `device` grows old with it, the rest with the word of the factory.
    """

    def draw() -> None:
        found = device()
        silent = links.unheard(screen.model)
        old = condition_of(found, screen.model, screen.say).old if found else silent
        mark(holder, aged=old)

    screen.live(draw)
