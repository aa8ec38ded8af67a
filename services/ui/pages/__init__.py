"""One file per page; the order here is the order of the menu."""

from services.ui.page import Page
from services.ui.pages import (
    commands,
    floor,
    messages,
    module,
    order,
    orders,
    overview,
    sessions,
    steering,
    stock,
    system,
    users,
    vehicle,
)

GROUPS = ("overview", "steering", "messages", "system")
PAGES: tuple[Page, ...] = (
    overview.PAGE,
    floor.PAGE,
    module.PAGE,
    vehicle.PAGE,
    stock.PAGE,
    orders.PAGE,
    order.PAGE,
    steering.PAGE,
    commands.PAGE,
    messages.PAGE,
    sessions.PAGE,
    system.PAGE,
    users.PAGE,
)
