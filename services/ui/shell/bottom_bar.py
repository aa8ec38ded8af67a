"""What a thumb reaches on a phone: the four pages of the shift, and a button for all the others."""

from nicegui import ui

from omf.alarms.rule_data import SEVERITIES
from services.ui.live.screen import Screen
from services.ui.widgets.alarm_list import class_counts
from services.ui.widgets.elements import attribute, div, link, set_classes, text

NEAR_PAGES = ("alarms", "orders", "floor", "steering")
"""A phone has room for these; a wide window shows the whole menu instead of this bar."""


def bottom_bar(screen: Screen, menu: ui.element) -> None:
    """Build it; its last button shows `menu`, the list of all pages, and puts it away again."""
    say = screen.say
    attribute(menu, "id", "pages")
    with div("bottom-bar", "nav") as bar:
        attribute(bar, "aria-label", say("shell.near_pages"))
        for name in NEAR_PAGES:
            _entry(screen, name)
        more = text(say("shell.more"), "near-page", "button").mark("more-pages")
        attribute(more, "aria-expanded", "false")
        attribute(more, "aria-controls", "pages")
        set_classes(more, current=screen.page not in NEAR_PAGES)

    def turn() -> None:
        opened = "open" not in menu.classes
        set_classes(menu, open=opened)
        attribute(more, "aria-expanded", str(opened).lower())
        more.say(say("close") if opened else say("shell.more"))

    more.on("click", turn)


def _entry(screen: Screen, name: str) -> None:
    with link(screen.say(f"shell.near.{name}"), screen.path(name), "near-page") as entry:
        count = text("", "near-count") if name == "alarms" else None
    set_classes(entry, current=name == screen.page)
    if name == screen.page:
        attribute(entry, "aria-current", "page")
    if count is None:
        return

    def draw() -> None:
        found = class_counts(screen)
        count.say(str(sum(found.values())) if found else "")
        gravest = next(iter(found), "")
        set_classes(count, **{name: name == gravest for name in SEVERITIES})

    screen.live(draw)
