"""Sequences under way: commands of several steps under way, each with what it waits for."""

from collections.abc import Callable, Mapping
from typing import Any

from omf.commands import CONTROLS, Kind
from omf.state.device_names import device_name, short
from services.common.store.brackets import OpenBracket
from services.ui import formats
from services.ui.live.screen import Screen
from services.ui.views import command_view
from services.ui.widgets.command_card.step_release import NEXT
from services.ui.widgets.elements import attribute, div, panel, set_classes, text
from services.ui.widgets.keyed_list import Draw, KeyedList

CANCEL = CONTROLS["bracket-cancel"]

Open = Callable[[Kind, Mapping[str, Any]], None]


def bracket_panel(screen: Screen, open_card: Open, shown: Callable[[], set[str]]) -> Draw:
    """The list, hidden while it is empty; returns how to draw it again.

    `shown` are the commands whose own card stands below and releases their steps.
    """
    with panel(screen.say("brackets.title"), "brackets") as section:
        empty = text("", "hidden")
        listing = KeyedList(div("lines"), lambda order: _bracket(screen, order, open_card), empty)

    def draw() -> None:
        own = shown()
        found = [one.order_id for one in screen.model.brackets if one.command_id not in own]
        set_classes(section, hidden=not found)
        listing.show(found)

    return draw


def _bracket(screen: Screen, order_id: str, open_card: Open) -> Draw:
    say = screen.say
    with div("bracket"):
        with div("row"):
            title, state = text("", "grow cut"), text("", "order-state")
        with div("row"):
            present = text("", "hint grow")
            release = text(say.either(NEXT.title), "act small", "button")
            release.on("click", lambda: open_card(NEXT, {"order_id": order_id})).mark("release")
            release.props("data-release")
            cancel = text(say.either(CANCEL.title), "act small", "button")
            cancel.on("click", lambda: open_card(CANCEL, {"order_id": order_id})).mark("cancel")

    def draw() -> None:
        bracket = next((b for b in screen.model.brackets if b.order_id == order_id), None)
        if bracket is None:
            return
        kind = command_view.kind_name(bracket.kind, say)
        device = say.either(device_name(screen.model.factory, bracket.device))
        title.say(f"{kind} · {device} · {short(order_id)}")
        attribute(title, "title", order_id)
        state.say(_state(screen, bracket))
        present.say(_present(screen, bracket))
        release.say(say("brackets.release", step=bracket.step + 1))
        for button in (release, cancel):
            attribute(button, "aria-label", f"{button.text}: {title.text}")
        set_classes(release, off=not bracket.waiting or bool(bracket.cancelled_by))
        set_classes(cancel, off=bool(bracket.cancelled_by))

    return draw


def _state(screen: Screen, bracket: OpenBracket) -> str:
    if bracket.cancelled_by:
        return screen.say(
            "brackets.cancelled", operator=screen.say.known("user", bracket.cancelled_by)
        )
    return screen.say("brackets.waits" if bracket.waiting else "brackets.runs")


def _present(screen: Screen, bracket: OpenBracket) -> str:
    return screen.say(
        "brackets.step",
        step=bracket.step + 1,
        steps=bracket.steps,
        what=screen.say.either(bracket),
        age=formats.age(screen.model.wall - bracket.since, screen.say.language),
        operator=screen.say.known("user", bracket.operator),
    )
