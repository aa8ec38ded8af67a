"""Alarm rules on orders: what holds them up, what became of them."""

from collections import defaultdict
from collections.abc import Iterator

from omf.alarms.alarm import Finding, listed
from omf.alarms.rule_data import Severity
from omf.constants import CCU_ANSWER_S, COLOURS
from omf.durations import order_alone
from omf.state import dps_conflict
from omf.state.assignments import DOCK_TYPE, active_orders, next_step
from omf.state.deadlock import deadlocked
from omf.state.device_names import order_name, station_name
from omf.state.links import BRIDGE, CCU
from omf.state.model import Factory
from omf.state.orders import Order
from omf.state.waiting import Wait, root_cause, why_waits
from omf.state.waiting_texts import WaitCause
from omf.terms import term
from omf.texts import Text, joined, text, verbatim

ALARMED: frozenset[WaitCause] = frozenset(
    {
        "ccu-silent",
        "bridge-down",
        "module-unpaired",
        "module-lost",
        "module-silent",
        "module-plc",
        "module-fatal",
        "module-failed",
        "module-blocked",
        "module-race",
        "vehicle-unlisted",
        "vehicle-lost",
        "vehicle-silent",
        "vehicle-fatal",
        "vehicle-failed",
        "vehicle-position",
        "vehicle-obstacle",
        "vehicle-blocked",
    }
)
"""Causes with an alarm of their own: it names the orders, which have no second one."""


def held_up(state: Factory, now: float) -> dict[str, list[Text]]:
    """Return the orders that stand still, by the subject of the alarm that is the cause."""
    found: dict[str, list[Text]] = defaultdict(list)
    for order in active_orders(state):
        wait = root_cause(state, order, now)
        if wait is not None and wait.cause in ALARMED and not wait.ordinary:
            found[_subject(wait)].append(order_name(order))
    return found


def subjects_of(state: Factory, order: Order, now: float) -> tuple[str, ...]:
    """Return the subjects whose alarms are about an order: itself, and what holds it up."""
    wait = root_cause(state, order, now)
    found = [order.id]
    if wait is not None and wait.cause in ALARMED and not wait.ordinary:
        found.append(_subject(wait))
    # One alarm for several orders is about the first of them.
    several = (_stuck(state, now)[1], list(deadlocked(state, now)))
    found += [orders[0] for orders in several if order.id in orders]
    return tuple(dict.fromkeys(found))


def _subject(wait: Wait) -> str:
    if wait.cause == "ccu-silent":
        return CCU
    return BRIDGE if wait.cause == "bridge-down" else wait.device or ""


def order_stuck(state: Factory, now: float) -> Iterator[Finding]:
    """The CCU's race (PROTOCOL F.36): one cause, however many orders hang by it."""
    since, stuck = _stuck(state, now)
    if since is not None:
        names = listed([order_name(state.orders[one]) for one in stuck])
        yield Finding("order-stuck", stuck[0], since, (("device", DOCK_TYPE), ("orders", names)))


def _stuck(state: Factory, now: float) -> tuple[float | None, list[str]]:
    """Since when the race holds orders up, and which: that which hangs longest comes first."""
    waits = ((order, why_waits(state, order, now)) for order in active_orders(state))
    hang = [order for order, wait in waits if wait is not None and wait.cause == "module-race"]
    known = [(dps_conflict.stuck_since(state, order, now), order.id) for order in hang]
    since = [(at, order_id) for at, order_id in known if at is not None]
    if not since:
        return None, []
    began, first = min(since)
    return began, [first, *(order.id for order in hang if order.id != first)]


def order_held_up(state: Factory, now: float) -> Iterator[Finding]:
    """An order that waits for what does not end by itself and has no alarm of its own."""
    limit_s = state.alarm_rules.number("order-held-up", "limit_s")
    for order in active_orders(state):
        wait = why_waits(state, order, now)
        if wait is None or wait.ordinary or wait.cause in ALARMED:
            continue
        since = wait.since + limit_s
        if now > since:
            yield Finding("order-held-up", order.id, since, _words(order, wait))


def order_deadlock(state: Factory, now: float) -> Iterator[Finding]:
    """Orders that wait for each other: each has what another one needs, and none goes on."""
    waits = deadlocked(state, now)
    if not waits:
        return
    since = max(wait.since for wait in waits.values())
    since += state.alarm_rules.number("order-deadlock", "limit_s")
    if now > since:
        said = [_who_waits(state.orders[name], wait) for name, wait in waits.items()]
        yield Finding("order-deadlock", next(iter(waits)), since, (("waits", listed(said)),))


def _who_waits(order: Order, wait: Wait) -> Text:
    return joined(" ", [order_name(order), wait.text])


def order_standstill(state: Factory, now: float) -> Iterator[Finding]:
    """A running order nothing of which has changed for long, for no reason with an alarm."""
    limit_s = state.alarm_rules.number("order-standstill", "limit_s")
    waiting_for_each_other = deadlocked(state, now)
    for order in active_orders(state):
        since = order.still_since + limit_s
        if order.state != "IN_PROGRESS" or now <= since or order.id in waiting_for_each_other:
            continue
        wait, root = why_waits(state, order, now), root_cause(state, order, now)
        step = next_step(order)
        # 1. its next step has just been sent, 2. the list of orders does not say so yet
        goes_on = wait is None and step is not None and step.state == "ENQUEUED"
        if goes_on or (root is not None and not root.ordinary):
            continue
        words = (*_words(order, wait), ("minutes", f"{limit_s / 60:g}"))
        # Traffic ends by itself: worth knowing, nothing to be done.
        severity: Severity | None = "advisory" if wait is not None and wait.ordinary else None
        yield Finding("order-standstill", order.id, since, words, severity)


def _words(order: Order, wait: Wait | None) -> tuple[tuple[str, Text | str], ...]:
    said = wait.text if wait else text("wait.under_way")
    action = wait.action if wait else text("wait.look")
    return (("order", order_name(order)), ("wait", said), ("action", action))


def module_unpaired(state: Factory, now: float) -> Iterator[Finding]:
    """A module type that orders wait for and the CCU has not paired (PROTOCOL H)."""
    limit_s = state.alarm_rules.number("module-unpaired", "limit_s")
    waiting: dict[str, list[Order]] = defaultdict(list)
    for order in active_orders(state):
        wait = why_waits(state, order, now)
        if wait is not None and wait.cause == "module-unpaired" and now > wait.since + limit_s:
            waiting[wait.missing or "?"].append(order)
    for kind, orders in waiting.items():
        since = min(order.still_since for order in orders) + limit_s
        named = listed([order_name(one) for one in orders])
        words = (("device", station_name(state, kind)), ("orders", named))
        yield Finding("module-unpaired", kind, since, words)


def request_unanswered(state: Factory, now: float) -> Iterator[Finding]:
    """A request the CCU let lie: its silence is a refusal (PROTOCOL C)."""
    notice_s = state.alarm_rules.number("request-unanswered", "notice_s")
    for request in state.requests.orders:
        age_s = now - request.at
        if request.order_id is None and CCU_ANSWER_S < age_s <= notice_s:
            kind, colour = term("order.type", request.type), term("colour", request.colour)
            words = (("request", joined(" ", [kind, colour])),)
            yield Finding(
                "request-unanswered", request.message_id, request.at + CCU_ANSWER_S, words
            )


def order_overdue(state: Factory, now: float) -> Iterator[Finding]:
    """A running order that takes far longer than its kind does, for no reason with an alarm."""
    factor = state.alarm_rules.number("order-overdue", "factor")
    for order in active_orders(state):
        usual = order_alone(order.type, order.colour)
        begun = [one.at for one in order.sightings if one.state == "IN_PROGRESS"]
        if usual is None or not begun or order.state != "IN_PROGRESS":
            continue
        since = begun[0] + factor * usual.most
        root = root_cause(state, order, now) if now > since else None
        if now > since and (root is None or root.ordinary):
            words = (("order", order_name(order)), ("minutes", f"{usual.most / 60:.0f}"))
            yield Finding("order-overdue", order.id, since, words)


def storage_unknown_colour(state: Factory, now: float) -> Iterator[Finding]:
    """A piece that is to be stored and whose colour the delivery station did not recognise."""
    notice_s = state.alarm_rules.number("storage-unknown-colour", "notice_s")
    for request in state.requests.orders:
        # The CCU stores whatever is not exactly PRODUCTION (PROTOCOL C.1).
        odd = request.type != "PRODUCTION" and request.colour not in COLOURS
        if odd and now - request.at <= notice_s:
            piece = (
                verbatim(request.workpiece_id)
                if request.workpiece_id
                else text("alarm_part.unknown_piece")
            )
            words = (("piece", piece), ("device", DOCK_TYPE))
            yield Finding("storage-unknown-colour", request.message_id, request.at, words)


def quality_failed(state: Factory, now: float) -> Iterator[Finding]:
    """An order that ended because its workpiece did not pass the check (PROTOCOL D.2)."""
    notice_s = state.alarm_rules.number("quality-failed", "notice_s")
    for order_id in state.completed_orders:
        order = state.orders.get(order_id)
        if order is None or order.state != "ERROR" or order.changed_at is None:
            continue
        checked = any(
            step.command == "CHECK_QUALITY" and step.state == "ERROR" for step in order.steps
        )
        # The list names orders of before our time as well: those are no news.
        watched = any(sighting.list == "active" for sighting in order.sightings)
        if checked and watched and now - order.changed_at <= notice_s:
            words = (("order", order_name(order)),)
            yield Finding("quality-failed", order.id, order.changed_at, words)


def orders_lost(state: Factory, now: float) -> Iterator[Finding]:
    """Orders that vanished with a reset, and that the CCU began anew, with those it forgot."""
    began = _began_anew(state, now)
    notice_s = state.alarm_rules.number("orders-lost", "notice_s")
    vanished = [one for one in state.orders.values() if one.left_at is not None]
    lost = [one for one in vanished if one.left_at is not None and now - one.left_at <= notice_s]
    forgotten = [one for one in lost if began is not None and _with(one.left_at, began)]
    reset = [order_name(one) for one in lost if one not in forgotten]
    if began is not None:
        names = listed([order_name(one) for one in forgotten]) if forgotten else _NONE
        yield Finding("ccu-restarted", CCU, began, (("orders", names),))
    if reset:
        since = max(one.left_at or 0.0 for one in lost if one not in forgotten)
        yield Finding("orders-lost", "orders", since, (("orders", listed(reset)),))


_NONE = text("alarm_part.no_order")
_TOGETHER_S = 5.0
"""A CCU that starts tells its settings and its empty lists within a second."""
_OWN_RESET_S = 45.0
"""It resets the factory 30 s after its start (PROTOCOL D.5)."""


def _with(left_at: float | None, began: float) -> bool:
    return left_at is not None and -_TOGETHER_S <= left_at - began <= _OWN_RESET_S


def _began_anew(state: Factory, now: float) -> float | None:
    """When the CCU told all its settings anew and no order of before is in its lists."""
    at, link, book = state.plant.ccu_started_at, state.links.get(CCU), state.book
    notice_s = state.alarm_rules.number("ccu-restarted", "notice_s")
    if at is None or now - at > notice_s or link is None or link.heard_at is None:
        return None
    listed_now = (state.orders.get(order_id) for order_id in (*book.active, *book.completed))
    older = any(one is not None and one.first_seen < at - _TOGETHER_S for one in listed_now)
    told = min(book.active_at or 0.0, book.completed_at or 0.0) >= at - _TOGETHER_S
    return at if told and not older and link.heard_at < at - _TOGETHER_S else None
