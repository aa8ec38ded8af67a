"""The band of a page of the past: which moment it shows, how long ago it was, the way back."""

from services.common.process import clock
from services.common.store.environments import is_replay
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.widgets.elements import attribute, div, link, panel, text

LOOK_BACK = "1m"
"""The first look: a moment ago, from where the bar leads further."""


def look_back(screen: Screen) -> None:
    """The one way in: the same page, a moment ago."""
    say, address = screen.say, screen.address
    target = f"{address}{'&' if '?' in address else '?'}at={LOOK_BACK}"
    entry = link(say("past.look_back"), target, "band-link").mark("look-back")
    attribute(entry, "data-moment", LOOK_BACK)
    attribute(entry, "title", say("past.look_back.is"))


def past_moment(screen: Screen) -> None:
    """Day and time of the moment, how long ago it was, and the way back to now."""
    say, user = screen.say, screen.user
    with div("past-now") as holder:
        div("past-shape")
        told = text("", "past-at").mark("past-at")
        since = text("", "past-ago")
    back = link(say("past.to_now"), screen.address, "band-link past-back").mark("to-now")
    attribute(back, "data-moment", "")

    def draw() -> None:
        at = screen.past
        if at is None:
            return
        # By these the browser keeps the moment in links that were drawn before it went on.
        attribute(holder, "data-at", clock.iso(at))
        playing = screen.player is not None and screen.player.playing
        attribute(
            holder, "data-pace", f"{screen.player.pace:g}" if playing and screen.player else ""
        )
        told.say(say("past.is", at=formats.past_moment(at, user.clock, user.language)))
        # In a replay the moment is of the recorded day, which has no distance to this one.
        replay = is_replay(screen.environment)
        since.say("" if replay else formats.ago(screen.model.wall - at, user.language))

    screen.live(draw)


def locked(screen: Screen) -> None:
    """In the place of who leads: nobody does, nothing can be sent from here."""
    with div("chip lead") as chip:
        div("chip-shape")
        text(screen.say("past.locked"), "chip-word")
    attribute(chip, "title", screen.say("check.past.unmet"))


def only_now(screen: Screen) -> None:
    """In the place of a page of which nothing was kept."""
    say = screen.say
    with panel(say(f"page.{screen.page}"), "past-none"):
        text(say("past.only_now"), "dim")
        back = link(say("past.to_now"), screen.address, "act main-act")
        attribute(back, "data-moment", "")
