"""Orders: order a piece, and every order there was, running and queued ones first."""

from nicegui import ui

from omf.state.orders import Order
from services.common.store.environments import is_replay
from services.ui import formats
from services.ui.features.orders.basket import OrderBasket
from services.ui.features.orders.order_steps import OrderSteps
from services.ui.features.orders.plan_panel import plan_panel
from services.ui.live.screen import Screen
from services.ui.types import Address, Page, Row, Value
from services.ui.views import order_rows, order_times, order_view, urls
from services.ui.views.floor_plan import SMALL
from services.ui.views.order_rows import COMMAND, LISTS, REQUEST
from services.ui.views.order_view import ListName
from services.ui.widgets.after_reset import after_reset
from services.ui.widgets.command_card.command_entries import CommandCardSlot
from services.ui.widgets.elements import (
    Label,
    attribute,
    div,
    linked_panel,
    panel,
    set_classes,
    text,
)
from services.ui.widgets.floor_map.map import FloorMap
from services.ui.widgets.order_tiles import order_tiles
from services.ui.widgets.properties_panel import properties_panel
from services.ui.widgets.rack import stock_panel
from services.ui.widgets.sequence_runs import run_panel
from services.ui.widgets.stale_overlay import stale_overlay
from services.ui.widgets.table import WRAPPED, Table, column

ALL = "all"
TODAY: tuple[ListName, ...] = ("finished", "failed", "cancelled", "unanswered")
"""The lists whose orders of today are counted."""


def build(screen: Screen, address: Address) -> None:
    """Fill the page; `list` in the address chooses one of the lists."""
    with div("orders"):
        with div("orders-left"):
            top, slot = div(), CommandCardSlot(screen)
            after_reset(screen, slot.open)
            # A replayed factory takes no orders: where its pieces are is seen instead.
            if not is_replay(screen.environment):
                with top, panel(screen.say("orders.order")):
                    order_tiles(screen, slot.open)
                    if screen.bus is not None:
                        OrderBasket(screen, slot.put)
            else:
                floor = screen.path("floor")
                with top, linked_panel(screen.say("page.floor"), floor, "overview-map"):
                    FloorMap(screen, SMALL)
            if not is_replay(screen.environment) and screen.bus is not None:
                screen.live(run_panel(screen, slot.open))
                plan_panel(screen, slot.open)
            stock_panel(screen)
            _today(screen)
        with div("orders-right"):
            with panel(screen.say("page.orders"), "fill") as lists:
                _advice(screen)
                shown = _Lists(screen, address.get("list", ALL))
            OrderSteps(screen, shown.holds)
    stale_overlay(screen, lists)


def _advice(screen: Screen) -> None:
    """In which sequence the orders that wait would be done sooner; nothing where in none."""
    words = text("", "hint")

    def draw() -> None:
        told = order_times.advice(screen.model)
        set_classes(words, hidden=told is None)
        if told is not None:
            orders, say = screen.model.factory.orders, screen.say
            named = [order_view.title(orders[one], say) for one in told.sequence]
            seconds = formats.number(round(told.sooner_s), say.language)
            words.say(say("order.advice", seconds=seconds, sequence=" → ".join(named)))

    screen.live(draw)


def _today(screen: Screen) -> None:
    """How many orders ended today and how, and how many requests were let lie."""

    def read() -> dict[str, Value]:
        model, user = screen.model, screen.user
        found = model.shared(("today", user.clock), lambda: order_rows.today(model, user.clock))
        known = model.factory.book.active_known
        return {
            name: (
                formats.number(found[name] if known or found[name] else None, user.language),
                screen.path(f"orders/{name}"),
            )
            for name in TODAY
        }

    with panel(screen.say("orders.today"), "orders-today") as made:
        screen.live(properties_panel(screen, TODAY, read))
    stale_overlay(screen, made)


class _Lists:
    """The table of all orders, seen through one of the lists."""

    def __init__(self, screen: Screen, chosen: str) -> None:
        self._screen = screen
        self._chosen = chosen if chosen in LISTS else ALL
        self._entries: dict[str, Label] = {}
        with div("lists"):
            for name in (ALL, *LISTS):
                entry = text("", "list-entry", "button").mark(f"list-{name}")
                entry.on("click", lambda name=name: self._choose(name))
                self._entries[name] = entry
        self._table = Table(_columns(screen), self._shown(), empty="", on_pick=self._open)
        screen.live(self._draw)

    def holds(self, order: Order) -> bool:
        """True if the order stands in the list that is looked at."""
        return self._chosen in {ALL, order_view.list_of(order)}

    def _rows(self) -> list[Row]:
        model, user = self._screen.model, self._screen.user
        key = ("order-rows", user.language, user.clock)
        return model.shared(key, lambda: order_rows.rows(model, user))

    def _shown(self) -> list[Row]:
        return [row for row in self._rows() if self._chosen in {ALL, row["list"]}]

    def _draw(self) -> None:
        say, found = self._screen.say, self._rows()
        counts = {ALL: len(found), **order_rows.counts(found)}
        for name, entry in self._entries.items():
            entry.say(say(f"orders.list.{name}", count=counts.get(name, 0)))
            set_classes(entry, current=name == self._chosen)
            attribute(entry, "aria-pressed", str(name == self._chosen).lower())
        self._table.show(self._shown())
        known = self._screen.model.factory.book.active_known
        self._table.empty.say(say(f"orders.empty.{self._chosen}" if known else "orders.untold"))

    def _choose(self, name: str) -> None:
        self._chosen = name
        ui.navigate.history.replace(self._screen.path(f"orders/{name}"))
        self._screen.refresh()

    def _open(self, picked: str) -> None:
        screen = self._screen
        if picked.startswith(COMMAND):
            ui.navigate.to(urls.to_command(screen, picked.removeprefix(COMMAND)))
        elif picked.startswith(REQUEST):
            ui.navigate.to(urls.to_message(screen, picked.removeprefix(REQUEST)))
        else:
            ui.navigate.to(urls.to_order(screen, picked))


def _columns(screen: Screen) -> list[dict[str, object]]:
    say = screen.say
    bad = {"cell-warn": "data.bad", "cell-bad": "data.failed"}
    return [
        column("piece", say("column.piece"), 54),
        column("type", say("column.type"), 84),
        column("order", say("column.order"), 74, cellClass="cell-mono"),
        column("state", say("column.state"), 112, cellClassRules=bad, **WRAPPED),
        column("step", say("column.step"), 0, minWidth=112, **WRAPPED),
        column("began", say("column.began"), 100),
        column("ended", say("column.ended"), 108, cellClassRules={"cell-dim": "data.expected"}),
        column("lead", say("column.lead"), 92, type="rightAligned"),
        column("rank", "", 1, hide=True, sort="desc"),
    ]


PAGE = Page("orders", "overview", "o", build, paths=("orders", "orders/{list}"))
