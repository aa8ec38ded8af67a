"""Links of the site to pages elsewhere: in the menu, and where they are set."""

from services.ui.live.screen import Screen
from services.ui.widgets.elements import attribute, div, link, set_classes, text


def site_links(screen: Screen, classes: str, *, head: str = "") -> None:
    """Each link by its name, drawn anew when one changes; nothing while there is none.

    `head`: classes of a heading above them. A page elsewhere gets a tab of its own and is told
    nothing of where it was opened from.
    """
    drawn: list[object] = [None]
    title = text(screen.say("configuration.links"), head) if head else None
    holder = div("places-outside")

    def draw() -> None:
        links = screen.model.factory.site.content.links
        if links == drawn[0]:
            return
        drawn[0] = links
        holder.clear()
        with holder:
            for one in links:
                made = link(one.name, one.url, classes)
                attribute(made, "target", "_blank")
                attribute(made, "rel", "noopener noreferrer")
                attribute(made, "title", one.url)
        for part in (holder, title):
            if part is not None:
                set_classes(part, hidden=not links)

    screen.live(draw)
