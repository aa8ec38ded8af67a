"""The steps of one order below the list: who is done first, until another one is chosen."""

from collections.abc import Callable

from omf.state.orders import Order
from services.ui.features.orders.gantt import NARROW, Gantt
from services.ui.live.screen import Screen
from services.ui.views import order_view, urls
from services.ui.views.device_status import short
from services.ui.widgets.elements import attribute, div, link, panel, set_classes, text
from services.ui.widgets.keyed_list import Draw, KeyedList
from services.ui.widgets.stale_overlay import stale_overlay

OFFERED = 5
"""As many orders to choose from as stand on one line."""


class OrderSteps:
    """A chart, and a button for each of the next orders of the list that is looked at."""

    def __init__(self, screen: Screen, in_list: Callable[[Order], bool]) -> None:
        self._screen, self._in_list = screen, in_list
        self._chosen = self._shown = ""
        with panel(screen.say("gantt.title"), "order-steps") as self._panel:
            with div("lists"):
                orders = div("lists")
                self._whole = link(screen.say("orders.whole"), "", "way-in head-end")
            self._buttons = KeyedList(orders, self._button, text("", "hidden"))
            self._chart = Gantt(screen, NARROW)
        stale_overlay(screen, self._panel)
        screen.live(self.draw)

    def draw(self) -> None:
        """Show the chosen order; the first one where none is, or it left the list."""
        offered = self._offered()
        set_classes(self._panel, hidden=not offered)
        if not offered:
            return
        shown = next((one for one in offered if one.id == self._chosen), offered[0])
        self._chart.show(shown)
        attribute(self._whole, "href", urls.to_order(self._screen, shown.id))
        self._shown = shown.id
        self._buttons.show([order.id for order in offered])

    def _offered(self) -> list[Order]:
        """Orders of the list as they will be done; of all where the list has none."""
        found = order_view.in_working_order(self._screen.model)
        return ([order for order in found if self._in_list(order)] or found)[:OFFERED]

    def _button(self, order_id: str) -> Draw:
        button = text("", "list-entry", "button").on("click", lambda: self._choose(order_id))
        button.mark(f"steps-{order_id}")

        def draw() -> None:
            order, say = self._screen.model.factory.orders.get(order_id), self._screen.say
            if order is not None:
                button.say(f"{say.known('colour', order.colour)} {short(order_id)}")
            set_classes(button, current=order_id == self._shown)
            attribute(button, "aria-pressed", str(order_id == self._shown).lower())

        return draw

    def _choose(self, order_id: str) -> None:
        self._chosen = order_id
        self.draw()
