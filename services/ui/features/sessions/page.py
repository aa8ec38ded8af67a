"""Sessions: name what was recorded, take it away, play it again, have it analysed."""

from services.ui.features.sessions.golden_panel import GoldenSessions
from services.ui.features.sessions.named_ranges import Ranges
from services.ui.features.sessions.transport_bar import Transport
from services.ui.live.screen import Screen
from services.ui.types import Address, Page
from services.ui.widgets.elements import div, panel, text


def build(screen: Screen, address: Address) -> None:
    """Fill the page; `session` in the address chooses that one at once."""
    with div("sessions"):
        with div("sessions-left"):
            ranges = Ranges(screen, address.get("session", ""))
            if screen.golden is not None:
                ranges.on_keep = GoldenSessions(screen, screen.golden).keep
        with div("sessions-right"):
            if screen.replay is None:
                with panel(screen.say("replay.title")):
                    text(screen.say("replay.none"), "dim")
            else:
                Transport(screen, screen.replay)


PAGE = Page("sessions", "messages", "w", build, past=False)
