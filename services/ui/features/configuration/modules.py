"""The modules as the factory tells them, and what the site says of each: name, symbol, use."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from omf.commands import Kind, kind_of
from omf.commands.site_changes import SITE_MODULE, site_present
from omf.site.settings import SiteModule
from omf.state.device_names import device_name
from services.common.store.keys import Role
from services.ui.live.screen import Screen
from services.ui.views import urls
from services.ui.views.device_status import MODULE_SIGNS, place_in_lists
from services.ui.widgets.elements import attribute, div, link, set_classes, text
from services.ui.widgets.keyed_list import Draw, KeyedList

OpenCard = Callable[[Kind, Mapping[str, Any]], None]


def modules(screen: Screen, open_card: OpenCard) -> None:
    """Every module that is heard of, in the layout, or named by the site."""
    empty = text(screen.say("unknown"), "empty")
    holder = div("config-lines")
    listing = KeyedList(holder, lambda serial: _module(screen, serial, open_card), empty)
    screen.live(lambda: listing.show(_serials(screen)))


def _serials(screen: Screen) -> list[str]:
    factory = screen.model.factory
    placed = factory.layout.modules if factory.layout else {}
    known = {*factory.modules, *placed, *factory.site.content.modules}
    return sorted(known, key=lambda one: place_in_lists(factory, one, _type(screen, one)))


def _module(screen: Screen, serial: str, open_card: OpenCard) -> Draw:
    say = screen.say
    with div("config-line wide"):
        name = link("", urls.to_device(screen, serial), "way-in")
        called, number, state = text(""), text(serial, "mono"), text("")
        with div("config-change"):
            use = text("", "hint")
            if screen.user.may(Role.ADMIN) and screen.past is None:
                change = text(say("configuration.module.change"), "act small", "button")
                change.on("click", partial(_change, screen, serial, open_card))
                attribute(change, "aria-label", f"{say('configuration.module.change')}: {serial}")
                change.mark(f"name-{serial}")
    attribute(number, "title", serial)

    def draw() -> None:
        factory = screen.model.factory
        site = factory.site.content.modules.get(serial, SiteModule())
        kind = _type(screen, serial)
        sign = MODULE_SIGNS.get(site.icon, "")
        name.say(f"{sign} {say.either(device_name(factory, serial))}".strip())
        called.say(say.known("module", kind) if kind else say("unknown"))
        state.say(_state(screen, serial))
        use.say("" if site.enabled else say("site.taken_out"))
        set_classes(use, warn=not site.enabled, hidden=site.enabled)

    return draw


def _type(screen: Screen, serial: str) -> str | None:
    factory = screen.model.factory
    module, layout = factory.modules.get(serial), factory.layout
    return (module and module.type) or (layout.modules.get(serial) if layout else None)


def _state(screen: Screen, serial: str) -> str:
    """By the control unit: paired or listed, and how long a work lasts."""
    say, factory = screen.say, screen.model.factory
    module, layout = factory.modules.get(serial), factory.layout
    placed = layout is not None and serial in layout.modules
    key = "paired" if module and module.paired_since else "listed" if placed else "strange"
    told = module.production_duration if module else None
    lasts = "" if told is None else say("configuration.module.lasts", seconds=int(told))
    return ", ".join(part for part in (say(f"configuration.module.{key}"), lasts) if part)


def _change(screen: Screen, serial: str, open_card: OpenCard) -> None:
    """The card, filled with what is said of the module now."""
    given = {"serial": serial}
    now = site_present(SITE_MODULE, given, screen.model.factory)
    open_card(kind_of(SITE_MODULE), {**given, **now})
