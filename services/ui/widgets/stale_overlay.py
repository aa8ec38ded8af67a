"""Last known values stay on the screen, hatched while they may no longer be so."""

from collections.abc import Callable

from nicegui import ui

from omf.state.modules import Module
from omf.state.vehicles import Vehicle
from services.ui.live import connection_health
from services.ui.live.screen import Screen
from services.ui.views.device_status import status_of
from services.ui.widgets.elements import set_classes


def stale_overlay(
    screen: Screen,
    holder: ui.element,
    device: Callable[[], Module | Vehicle | None] = lambda: None,
) -> None:
    """Hatch a panel, or the panels in a column, while they show only what was last known.

    What belongs to one `device` grows old with it, the rest with the word of the factory.
    """

    def draw() -> None:
        found = device()
        silent = connection_health.unheard(screen.model)
        old = status_of(found, screen.model, screen.say).old if found else silent
        set_classes(holder, aged=old)

    screen.live(draw)
