"""Shop floor: the map of the factory, drawn from its own layout message."""

from services.ui.page import Address, Page
from services.ui.parts.build import panel
from services.ui.parts.floor_map import floor_map
from services.ui.screen import Screen


def build(screen: Screen, _: Address) -> None:
    """Fill the page."""
    with panel(screen.say("page.floor"), "fill"):
        floor_map(screen)


PAGE = Page("floor", "overview", "f", build)
