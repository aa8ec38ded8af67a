"""What a factory reset left behind, until it is done or somebody says so."""

from collections.abc import Callable, Mapping
from typing import Any

from omf.commands import KINDS, Kind
from omf.state.device_names import device_name
from services.common.store.bus import StoreError
from services.common.store.keys import Role
from services.ui.live.model import ViewModel
from services.ui.live.reader import clear_reset
from services.ui.live.screen import Screen
from services.ui.widgets.elements import attribute, div, panel, set_classes, text
from services.ui.widgets.keyed_list import Draw, KeyedList

DOCK = KINDS["fts-dock"]

Open = Callable[[Kind, Mapping[str, Any]], None]


def after_reset(screen: Screen, open_card: Open) -> None:
    """Pieces to take away by hand, vehicles to dock, each with its prepared command."""
    say = screen.say
    with panel(say("after_reset.title"), "after-reset") as section:
        since, pieces = text("", "hint"), text("", "")
        empty = text("", "hidden")
        docks = KeyedList(div("row"), lambda serial: _dock(screen, serial, open_card), empty)
        may_be_done = _done(screen)

    def draw() -> None:
        model = screen.model
        left, lost = _left(screen), _lost(model)
        told = model.factory.requests.reset_at
        set_classes(
            section, hidden=told is None or told <= model.reset_cleared or not (left or lost)
        )
        since.say(say("after_reset.since", at=screen.when(told)))
        pieces.say(say("after_reset.pieces", pieces=left))
        set_classes(pieces, hidden=not left)
        may_be_done()
        docks.show(lost)

    screen.live(draw)


def _done(screen: Screen) -> Draw:
    """The button that puts it away, for everybody: whoever cleared the plant did it for all."""
    say = screen.say
    done = text(say("after_reset.done"), "act small", "button").mark("after-reset-done")
    attribute(done, "title", say("after_reset.done.is"))
    wrong = text("", "hint wrong hidden").props("role=alert")

    async def put_away() -> None:
        told = screen.model.factory.requests.reset_at
        bus = screen.bus
        if told is None or bus is None or not screen.user.may(Role.OPERATOR):
            return
        try:
            await clear_reset(bus, told)
        except StoreError:
            wrong.say(say("after_reset.away"))
            set_classes(wrong, hidden=False)
        else:
            screen.model.reset_cleared = told
            screen.model.changed()

    done.on("click", put_away)
    return lambda: set_classes(
        done, hidden=screen.bus is None or not screen.user.may(Role.OPERATOR)
    )


def _left(screen: Screen) -> str:
    found = screen.model.factory.requests.reset_left
    return ", ".join(f"{where} {screen.say.known('colour', colour)}" for where, colour in found)


def _lost(model: ViewModel) -> list[str]:
    """Vehicles that do not know where they stand."""
    return sorted(s for s, one in model.factory.vehicles.items() if not one.position_known)


def _dock(screen: Screen, serial: str, open_card: Open) -> Draw:
    words = screen.say("after_reset.dock", vehicle=device_name(screen.model.factory, serial))
    button = text(words, "act small", "button").mark(f"after-reset-dock-{serial}")
    button.on("click", lambda: open_card(DOCK, {"serial": serial}))
    return lambda: None
