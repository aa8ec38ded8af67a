"""Stock: the rack with every piece, what is missing, and who tells what."""

from omf.constants import COLOURS
from omf.state.modules import Module
from services.common.store.environments import is_replay
from services.ui import formats
from services.ui.features.stock.bay_history import BayHistory
from services.ui.features.stock.history_chart import StockCourse
from services.ui.features.stock.purchase_panel import purchase_panel
from services.ui.features.stock.rack_table import stock_rack
from services.ui.live.screen import Screen
from services.ui.types import Address, Page
from services.ui.views import available_commands, stock_view, urls
from services.ui.views.available_commands import CommandSuggestion
from services.ui.widgets.command_card.command_entries import CommandCardSlot, suggestion_list
from services.ui.widgets.elements import attribute, div, link, panel, set_classes, text
from services.ui.widgets.keyed_list import Draw, KeyedList
from services.ui.widgets.order_tiles import order_tiles
from services.ui.widgets.rack import disc, paint
from services.ui.widgets.stale_overlay import stale_overlay


def build(screen: Screen, _: Address) -> None:
    """Fill the page."""
    with div("stock-page"):
        with div("detail-column") as rack:
            with panel(screen.say("page.stock")):
                _notice(screen)
                stock_rack(screen)
            with panel(screen.say("stock.bays")):
                BayHistory(screen)
            with panel(screen.say("stock.tellers")):
                _tellers(screen)
            with panel(screen.say("stock.conflicts")):
                _conflicts(screen)
        with div("detail-column"):
            with panel(screen.say("stock.counts")) as counts:
                _counts(screen)
            with panel(screen.say("stock.course")) as course:
                StockCourse(screen)
            top, slot = div(), CommandCardSlot(screen)
            purchase_panel(screen, slot.open)
            # A replayed factory takes no orders: what is seen there has happened.
            if not is_replay(screen.environment):
                with top, panel(screen.say("orders.order")):
                    order_tiles(screen, slot.open)
            with panel(screen.say("device.commands")):
                _commands(screen, slot)
    for told in (rack, counts, course):
        stale_overlay(screen, told)


def _notice(screen: Screen) -> None:
    """Why the rack is empty, or empty of knowledge."""
    words = text("", "dim")

    def draw() -> None:
        stock, say = screen.model.factory.stock, screen.say
        if not stock.known:
            words.say(say("stock.never_why"))
        elif stock.empty_bays == len(stock.bays):
            words.say(say("stock.all_empty"))
        else:
            words.say("")
        set_classes(words, hidden=not words.text)

    screen.live(draw)


def _counts(screen: Screen) -> None:
    say = screen.say
    with div("count-lines"):
        for colour in COLOURS:
            _count(screen, colour)
    room, demand = text("", ""), text("", "hint")

    def draw() -> None:
        stock = screen.model.factory.stock
        set_classes(room, hidden=not stock.known)
        set_classes(demand, hidden=not stock.known)
        room.say(say("stock.room", empty=stock.empty_bays, all=len(stock.bays)))
        demand.say(_demand(screen))

    screen.live(draw)


def _demand(screen: Screen) -> str:
    factory, say = screen.model.factory, screen.say
    if any(factory.store_capacity(colour) is None for colour in COLOURS):
        return say("stock.capacity_untold")
    wanted = ", ".join(stock_view.demand(factory, say))
    return say("stock.demand", pieces=wanted) if wanted else say("stock.full")


def _count(screen: Screen, colour: str) -> None:
    say = screen.say
    with div("count-line"):
        paint(disc(None), colour)
        text(say(f"colour.{colour}"))
        figure, words = text("", "count-figure"), text("", "hint")

    def draw() -> None:
        factory = screen.model.factory
        stock = factory.stock
        if not stock.known:
            figure.say(stock_view.of_capacity(None, factory, colour))
            words.say(say("stock.never"))
            return
        count, free = stock.counts().get(colour, 0), stock.free(colour)
        figure.say(stock_view.of_capacity(count, factory, colour))
        missing = formats.number(stock_view.missing(factory, colour), screen.say.language)
        words.say(say("stock.count", free=free, reserved=count - free, missing=missing))

    screen.live(draw)


def _tellers(screen: Screen) -> None:
    empty = text("", "hidden")
    listing = KeyedList(div("past-lines"), lambda name: _teller(screen, name), empty)

    def draw() -> None:
        listing.show([teller.name for teller in stock_view.tellers(screen.model.factory.stock)])

    screen.live(draw)


def _teller(screen: Screen, name: str) -> Draw:
    say = screen.say
    with div("teller-line"):
        title = link(stock_view.teller_name(name, screen.model.factory, say), "")
        words, disagrees = text(""), text("")
    if name in screen.model.factory.modules:
        attribute(title, "href", urls.to_device(screen, name))
        set_classes(title, way_in=True)

    def draw() -> None:
        found = {one.name: one for one in stock_view.tellers(screen.model.factory.stock)}
        teller = found.get(name)
        if teller is None:
            return
        words.say(stock_view.told_words(teller, screen.model.now, say))
        set_classes(words, dim=not teller.source.known)
        apart = teller.conflicts and name != "ccu"
        disagrees.say(say("stock.disagrees", count=teller.conflicts) if apart else "")
        set_classes(disagrees, warn=bool(apart))

    return draw


def _conflicts(screen: Screen) -> None:
    empty = text(screen.say("stock.no_conflicts"), "empty")
    listing = KeyedList(div("lines"), lambda key: _conflict(screen, key), empty)

    def draw() -> None:
        found = screen.model.factory.stock.conflicts
        listing.show([f"{one.bay} {one.other}" for one in found])

    screen.live(draw)


def _conflict(screen: Screen, key: str) -> Draw:
    with div("alarm"):
        div("alarm-shape warning")
        words, since = text("", "note-text"), text("", "line-age")

    def draw() -> None:
        found = screen.model.factory.stock.conflicts
        conflict = next((one for one in found if f"{one.bay} {one.other}" == key), None)
        if conflict:
            words.say(stock_view.conflict_words(conflict, screen.model.factory, screen.say))
            since.say(formats.age(screen.model.now - conflict.since, screen.say.language))

    return draw


def _commands(screen: Screen, slot: CommandCardSlot) -> None:
    def stores() -> list[Module]:
        return [m for m in screen.model.factory.modules.values() if m.type == "HBW"]

    def wanted() -> list[CommandSuggestion]:
        found = [
            suggestion for store in stores() for suggestion in available_commands.for_module(store)
        ]
        return [suggestion for suggestion in found if suggestion.kind == "set-storage"]

    screen.live(suggestion_list(screen, slot, wanted))


PAGE = Page("stock", "overview", "l", build)
