"""The way from one factory to another, in the band of every page."""

from services.ui.live.screen import Screen
from services.ui.shell.site_page import SITE
from services.ui.views.factory_view import factory_title
from services.ui.widgets.elements import attribute, div, link, set_classes, text

LISTED = 3
"""So many factories stand side by side; more have a page of their own."""


def factory_switch(screen: Screen) -> None:
    """A link to the same page of each factory; of many, one to the page that shows them all."""
    say, names = screen.say, screen.settings.environments
    with div("band-switch", "nav") as switch:
        attribute(switch, "aria-label", say("environment.switch"))
        text(say("environment.switch"), "band-label")
        if len(names) > LISTED:
            link(say("site.all", factories=str(len(names))), SITE, "band-link")
            return
        for name in names:
            target = link(factory_title(say, name), screen.path(screen.page, name), "band-link")
            set_classes(target, current=name == screen.environment)
