"""A way from something that happened to the moment it happened."""

from services.common.process import clock
from services.ui.live.screen import Screen, past_address
from services.ui.widgets.elements import Label, attribute, link, set_classes


class MomentLink:
    """`Show 21:22:05`: a page as it was then. Hidden while no moment is known."""

    def __init__(self, screen: Screen, classes: str = "way-in") -> None:
        self._screen = screen
        self._link: Label = link("", "", f"{classes} hidden").mark("show-then")
        # While the past is played other links lead to the moment reached; this one to its own.
        attribute(self._link, "data-then", "")

    def lead(self, page: str, at: float | None) -> None:
        """Lead to a page, with its query, at a moment; None hides it."""
        set_classes(self._link, hidden=at is None)
        if at is None:
            return
        screen = self._screen
        when = screen.when(at)
        self._link.say(screen.say("past.show", at=when))
        attribute(self._link, "title", screen.say("past.show.is", at=clock.iso(at)))
        # What is dated to the millisecond is in the picture of that millisecond.
        attribute(self._link, "href", past_address(f"/{screen.environment}/{page}", at))

    def say(self, words: str) -> None:
        """Other words for it, where there is no room."""
        self._link.say(words)
