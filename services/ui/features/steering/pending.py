"""Previews that wait: commands somebody prepares, on whichever page and whoever it is."""

from collections.abc import Callable, Collection
from contextlib import suppress
from functools import partial

from omf.commands import KINDS
from services.common.store import pending_previews
from services.common.store.bus import StoreError
from services.common.store.pending_previews import PendingPreview
from services.ui.live.screen import Screen
from services.ui.views import command_view
from services.ui.widgets.elements import attribute, div, panel, set_classes, text
from services.ui.widgets.keyed_list import Draw, KeyedList

MAX_SAID = 100
"""Of the parameters on one line; the card has them whole."""

OpenPreview = Callable[[PendingPreview], None]


def pending_panel(
    screen: Screen, open_preview: OpenPreview, shown: Callable[[], Collection[str]]
) -> Draw:
    """The list, hidden while it is empty; `shown` are those whose card stands on this page."""
    with panel(screen.say("previews.title"), "pending-previews many") as section:
        text(screen.say("previews.hint"), "hint")
        empty = text("", "hidden")
        listing = KeyedList(div("lines"), lambda key: _line(screen, key, open_preview), empty)

    def draw() -> None:
        here = shown()
        found = [one.id for one in _known(screen) if one.id not in here]
        set_classes(section, hidden=not found)
        listing.show(found)

    return draw


def find_preview(screen: Screen, preview_id: str) -> PendingPreview | None:
    """The one of that id, if it still waits."""
    return next((one for one in _known(screen) if one.id == preview_id), None)


def _known(screen: Screen) -> list[PendingPreview]:
    return [one for one in screen.model.previews if one.kind in KINDS]


def _line(screen: Screen, preview_id: str, open_preview: OpenPreview) -> Draw:
    say = screen.say

    def opening() -> None:
        if found := find_preview(screen, preview_id):
            open_preview(found)

    with div("pending-preview"):
        what = text("", "grow")
        with div("row"):
            who = text("", "hint grow")
            go_on = text(say("previews.open"), "act small", "button").on("click", opening)
            go_on.mark(f"preview-open-{preview_id[:8]}")
            gone = text(say("command.discard"), "act small", "button")
            gone.on("click", partial(_discard, screen, preview_id))
            gone.mark(f"preview-discard-{preview_id[:8]}")

    def draw() -> None:
        found = find_preview(screen, preview_id)
        if found is None:
            return
        kind = command_view.kind_name(found.kind, say)
        said = {name: value for name, value in found.parameters.items() if value}
        given = command_view.values_words(found.kind, said, say)[:MAX_SAID]
        what.say(f"{kind} · {given}" if given else kind)
        name = say.known("user", found.operator)
        who.say(say("previews.since", who=name, since=screen.when(found.since)))
        for button in (go_on, gone):
            set_classes(button, off=not screen.user.may(KINDS[found.kind].role))
            attribute(button, "aria-label", f"{button.text}: {what.text}")

    return draw


async def _discard(screen: Screen, preview_id: str) -> None:
    """Take it off; whoever may send it may discard it. Rights are asked again here."""
    found = find_preview(screen, preview_id)
    if screen.bus is None or found is None or not screen.user.may(KINDS[found.kind].role):
        return
    with suppress(StoreError):
        await pending_previews.drop_preview(screen.bus, preview_id)
        screen.model.prepared(await pending_previews.pending_previews(screen.bus))
