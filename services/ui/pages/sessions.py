"""Sessions: name what was recorded, take it away, play it again, have it analysed."""

from services.ui.page import Address, Page
from services.ui.parts.build import box, panel, text
from services.ui.parts.ranges import Ranges
from services.ui.parts.transport import Transport
from services.ui.screen import Screen


def build(screen: Screen, address: Address) -> None:
    """Fill the page; `session` in the address chooses that one at once."""
    with box("sessions"):
        with box("sessions-left"):
            Ranges(screen, address.get("session", ""))
        with box("sessions-right"):
            if screen.stage is None:
                with panel(screen.say("replay.title")):
                    text(screen.say("replay.none"), "dim")
            else:
                Transport(screen, screen.stage)


PAGE = Page("sessions", "messages", "w", build)
