"""The band at the top: environment, name of the factory, what is played, broker, the other ones."""

from contextlib import suppress
from functools import partial
from typing import Literal

from services.common.sessions import station
from services.common.sessions.station import STATION_ROLE, ReplayControl
from services.common.store.bus import StoreError
from services.common.store.environments import is_replay, kind_of
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.shell.factory_switch import factory_switch
from services.ui.shell.past_band import look_back, past_moment
from services.ui.shell.past_transport import PastTransport
from services.ui.views.factory_view import factory_title
from services.ui.widgets.drawn_from import drawn_from
from services.ui.widgets.elements import Label, attribute, div, set_classes, text


def band(screen: Screen) -> None:
    """Build it."""
    say = screen.say
    with div("band", "header").props("role=banner"):
        with div("band-now"):
            text("OMF", "brand")
            div(f"env-shape env-shape-{kind_of(screen.environment)}")
            text(factory_title(say, screen.environment), "band-word")
            _factory_name(screen)
            if screen.past is not None:
                past_moment(screen)
            else:
                text(say(f"environment.{kind_of(screen.environment)}.is"), "band-is")
                if is_replay(screen.environment):
                    _played(screen)
                look_back(screen)
                _instance(screen)
        factory_switch(screen)
        if screen.past is not None:
            PastTransport(screen)


def _factory_name(screen: Screen) -> None:
    """What the site calls its factory; nothing where it gives no name."""
    shown = text("", "band-factory cut").mark("band-factory")

    def draw() -> None:
        name = screen.model.factory.site.content.name
        shown.say(name)
        attribute(shown, "title", name)
        set_classes(shown, hidden=not name)

    screen.live(draw)


def _instance(screen: Screen) -> None:
    """At which broker the factory is read, and by which instance of this dashboard."""
    shown = text("", "band-instance cut").mark("band-instance")

    def words() -> tuple[str, str]:
        read, send = screen.model.links.ingest, screen.model.links.gateway
        say = screen.say
        named = {
            "broker": read.broker if read else say("unknown"),
            "instance": (read and read.client_id) or say("unknown"),
        }
        gateway = (send and send.client_id) or say("unknown")
        return say("band.link", **named), say("band.link.title", gateway=gateway, **named)

    def paint(told: tuple[str, str]) -> None:
        shown.say(told[0])
        attribute(shown, "title", told[1])

    screen.live(drawn_from(partial(screen.shared, "instance", words), paint))


def _played(screen: Screen) -> None:
    """Which session is played, at what recorded time, how fast, and whether it goes on."""
    say, clock, language = screen.say, screen.user.clock, screen.user.language
    played = text("", "band-played cut").mark("played")
    go, stand = _turn(screen, "resume"), _turn(screen, "pause")

    def draw() -> None:
        now, may = screen.model.station, screen.user.may(STATION_ROLE)
        set_classes(go, hidden=not (may and now and now.state == "paused"))
        set_classes(stand, hidden=not (may and now and now.state == "playing"))
        newest = screen.model.times.newest if screen.model.times else None
        if now is None or not now.session:
            # Played from the command line: nobody says which session it is.
            at = screen.model.now if newest else None
            played.say(formats.date_and_time(at, clock, language) if newest else "")
            return
        # The same moment as everywhere on the page; the station says where it is twice a second.
        told = None if now.begin_at is None else now.begin_at + now.position_s
        at = screen.model.now if newest else told
        recorded = formats.date_and_time(at, clock, language)
        pace = "max" if now.speed is None else f"{now.speed:g} ×"
        state = say(f"replay.state.{now.state}")
        played.say(say("band.played", session=now.session, at=recorded, pace=pace, state=state))

    screen.live(draw)


def _turn(screen: Screen, action: Literal["resume", "pause"]) -> Label:
    """A button that lets the replay go on or stand, from whichever page."""

    async def press() -> None:
        # A browser can press what is hidden: the right is asked here too.
        if screen.bus is None or not screen.user.may(STATION_ROLE):
            return
        wish = ReplayControl(action=action, operator=screen.user.name)
        # A store that is away is told of in the bar; the station obeys none of this then.
        with suppress(StoreError):
            await station.control(screen.bus, wish)

    button = text(screen.say(f"replay.{action}"), "band-link hidden", "button")
    return button.on("click", press).mark(f"band-{action}")
