"""One order: its steps against time, what may still be done about it, and its messages."""

from collections.abc import Mapping
from urllib.parse import quote

from nicegui import ui

from omf.alarms.order_rules import subjects_of
from omf.state.orders import Order
from services.ui import formats
from services.ui.features.orders.gantt import Gantt
from services.ui.features.orders.message_list import MessageList
from services.ui.live import connection_health
from services.ui.live.screen import Screen
from services.ui.types import Address, Page, Value
from services.ui.views import alarm_commands, available_commands, order_times, order_view, urls
from services.ui.views.floor_plan import SMALL
from services.ui.widgets.account_panel import account_panel
from services.ui.widgets.command_card.command_entries import CommandCardSlot, suggestion_list
from services.ui.widgets.elements import attribute, div, link, panel, set_classes, text
from services.ui.widgets.floor_map.map import FloorMap
from services.ui.widgets.moment_link import MomentLink
from services.ui.widgets.properties_panel import absent, properties_panel
from services.ui.widgets.rack import disc, paint
from services.ui.widgets.remedy_panel import remedy_panel
from services.ui.widgets.stale_overlay import stale_overlay
from services.ui.widgets.subject_alarms import subject_alarms

FACTS = (
    "piece",
    "workpiece",
    "requested",
    "began",
    "ended",
    "lead",
    "waits",
    "expected",
    "request",
)
PERCENT = 100


def build(screen: Screen, address: Address) -> None:
    """Fill the page of the order the address names; it may still come."""
    order_id = address.get("order", "")
    if not order_id:
        ui.navigate.to(screen.path("orders"))
        return
    with div("detail-page"):
        missing = absent(screen, "order", order_id)
        with div("detail-wide") as body:
            _head(screen, order_id)
            screen.live(subject_alarms(screen, lambda: _subjects(screen, order_id)))
            with div("detail-row"):
                _know(screen, order_id)
                with div("detail-column"):
                    _act(screen, order_id)
                    account_panel(screen, lambda: order_id)
            with panel(screen.say("gantt.title")) as steps:
                _steps(screen, order_id)
            _where(screen, order_id)
            with panel(screen.say("order.messages")):
                MessageList(screen, order_id)
    stale_overlay(screen, steps)

    def draw() -> None:
        known = order_id in screen.model.factory.orders
        set_classes(missing, hidden=known)
        set_classes(body, hidden=not known)

    screen.live(draw)


def _subjects(screen: Screen, order_id: str) -> tuple[str, ...]:
    model = screen.model
    order = model.factory.orders.get(order_id)
    return () if order is None else subjects_of(model.factory, order, model.factory_now)


def _head(screen: Screen, order_id: str) -> None:
    with div("detail-head"):
        piece = disc(None)
        title = text("", "detail-title", "h2")
        state = text("", "detail-state")
        text(order_id, "mono dim")
        link(screen.say("page.orders"), screen.path("orders"), "way-in head-end")
        floor_link = link(screen.say("page.floor"), "", "way-in")
        began, ended = MomentLink(screen), MomentLink(screen)

    def draw() -> None:
        if order := screen.model.factory.orders.get(order_id):
            paint(piece, order.colour)
            title.say(order_view.title(order, screen.say))
            state.say(order_view.state_word(order, screen.model, screen.say))
            stands = order_view.phase(order, screen.model)
            set_classes(state, warn=stands in {"stuck", "lost"}, bad=stands == "failed")
            page = f"order/{quote(order_id, safe='')}"
            began.lead(page, order_times.began_at(order))
            ended.lead(page, order_times.ended_at(order))
            step = order_view.current(order)
            attribute(floor_link, "href", urls.to_floor(screen, step.serial if step else None))

    screen.live(draw)


def _know(screen: Screen, order_id: str) -> None:
    with panel(screen.say("order.facts"), "detail-column") as known:
        draw = properties_panel(screen, FACTS, lambda: _facts(screen, order_id))
    screen.live(draw)
    stale_overlay(screen, known)


def _facts(screen: Screen, order_id: str) -> Mapping[str, Value]:
    order = screen.model.factory.orders.get(order_id)
    if order is None:
        return {}
    say, user = screen.say, screen.user

    def moment(at: float | None) -> str:
        return formats.date_and_time(at, user.clock, user.language)

    known: dict[str, Value] = {
        "piece": say.known("colour", order.colour),
        "workpiece": say("order.workpiece.later"),
        "requested": moment(formats.stamp(order.requested_at)),
        "began": moment(order_times.began_at(order)),
    }
    if tag := order.workpiece_id:
        known["workpiece"] = (tag, urls.to_workpiece(screen, tag))
    if (ended := order_times.ended_at(order)) is not None:
        known["ended"] = moment(ended)
        known["lead"] = formats.took(order_times.lead_s(order), say.language)
    if order.open:
        known["expected"] = expected_words(screen, order)
        if (wait := order_view.wait_of(order, screen.model)) is not None:
            since = formats.took(screen.model.factory_now - wait.since, say.language)
            why = say("order.waits", why=say.either(wait), since=since)
            known["waits"] = f"{why} {say.either(wait.action)}"
    if order.request_id:
        target = urls.to_text(screen, order.request_id)
        known["request"] = (order.request_id, target)
    return known


def expected_words(screen: Screen, order: Order) -> str:
    """When the order may end, between when, and by which times that is reckoned."""
    say, clock = screen.say, screen.user.clock
    found = order_times.forecast_of(order, screen.model)
    if found is None:
        return say(f"order.expected.{_unforeseen(screen, order)}")
    times = (formats.moment(at, clock) for at in (found.usual, found.soonest, found.latest))
    usual, soonest, latest = times
    key = "measured" if found.measured else "recorded"
    words = say(f"order.expected.{key}", usual=usual, soonest=soonest, latest=latest)
    if not found.failing:
        return words
    return f"{words}. {say('order.expected.failing', share=round(PERCENT * found.failing))}"


def _unforeseen(screen: Screen, order: Order) -> str:
    """Why nobody can say when an order ends."""
    model = screen.model
    if connection_health.unheard(model):
        return "unheard"
    if order_times.stands_still(order, model):
        return "waits"
    late = any(bar.overdue(model.factory_now) for bar in order_times.bars(order, model))
    return "late" if late else "unknown"


def _act(screen: Screen, order_id: str) -> None:
    def wanted() -> list[available_commands.CommandSuggestion]:
        order = screen.model.factory.orders.get(order_id)
        if order is None:
            return []
        freed = alarm_commands.for_order(order, screen.model)
        return [*available_commands.for_order(order), *([freed] if freed else [])]

    with panel(screen.say("order.acts")):
        why = text("", "dim")
        spot = div()
    slot = CommandCardSlot(screen)
    with spot:
        listing = suggestion_list(screen, slot, wanted, explained=True)
        remedies = remedy_panel(screen, slot, lambda: screen.model.factory.orders.get(order_id))

    def draw() -> None:
        order = screen.model.factory.orders.get(order_id)
        why.say(screen.say(f"order.act.{_situation(screen, order)}") if order else "")
        listing()
        remedies()

    screen.live(draw)


def _situation(screen: Screen, order: Order) -> str:
    stands = order_view.phase(order, screen.model)
    # What the CCU calls running it does not cancel, whether or not a step of it has begun.
    return "runs" if order.state == "IN_PROGRESS" and stands != "lost" else stands


def _steps(screen: Screen, order_id: str) -> None:
    chart = Gantt(screen)

    def draw() -> None:
        if order := screen.model.factory.orders.get(order_id):
            chart.show(order)

    screen.live(draw)


def _where(screen: Screen, order_id: str) -> None:
    """The map with who does the present step marked on it, while the order is open."""
    with panel(screen.say("order.where"), "order-map") as where:
        doing = text("")
        floor = FloorMap(screen, SMALL)

    def draw() -> None:
        order = screen.model.factory.orders.get(order_id)
        set_classes(where, hidden=order is None or not order.open)
        if order is not None:
            doing.say(order_view.current_words(order, screen.model, screen.say))
            floor.choose(order_view.place_of(order, screen.model))

    screen.live(draw)


PAGE = Page("order", "overview", "", build, paths=("order/{order:path}", "order"), menu=False)
