"""Alarm rules on the factory as a whole: orders, stock, links, messages."""

from collections.abc import Iterator

from omf.constants import ANSWER_S
from omf.factory import race
from omf.factory.alarms import Finding
from omf.factory.freshness import bridge_away, ccu_silent_since
from omf.factory.links import BRIDGE, CCU
from omf.factory.orders import Order
from omf.factory.state import Factory
from omf.factory.stock import Piece
from omf.factory.traffic import MAX_TOPICS, crowded
from omf.factory.values import MAX_TEXT_CHARS

STOCK_CONFLICT_S = 10.0
"""The tellers report one change up to a second apart; what lasts longer is a conflict."""
ORDER_STANDSTILL_S = 300.0
"""The longest step recorded took 71 s; in traffic a step waits for the steps of others."""
REFUSAL_S = 600.0
"""A refusal is worth a notice for ten minutes."""
REJECTED_S = 300.0
"""An unreadable message is worth a notice for five minutes."""
TOPICS_S = 600.0
"""A limit on topics is worth a notice for ten minutes after it was last met."""

MOST_NAMED, MOST_CHARS = 3, 40
"""Modules named in one alarm, and characters of each of their words."""


def order_stuck(state: Factory, now: float) -> Iterator[Finding]:
    """An order the CCU's race holds (PROTOCOL F.36)."""
    for order in _active(state):
        since = race.stuck_since(state, order, now)
        if since is not None:
            yield Finding("order-stuck", order.id, since, (("order", _name(order)),))


def order_standstill(state: Factory, now: float) -> Iterator[Finding]:
    """A running order nothing of which has changed for long."""
    for order in _active(state):
        since = order.still_since + ORDER_STANDSTILL_S
        if order.state == "IN_PROGRESS" and now > since:
            words = (
                ("order", _name(order)),
                ("minutes", f"{ORDER_STANDSTILL_S / 60:g}"),
                ("step", _step(order)),
            )
            yield Finding("order-standstill", order.id, since, words)


def request_unanswered(state: Factory, now: float) -> Iterator[Finding]:
    """A request the CCU let lie: its silence is a refusal (PROTOCOL C)."""
    for request in state.requests.orders:
        age_s = now - request.at
        if request.order_id is None and ANSWER_S < age_s <= REFUSAL_S:
            words = (("request", f"{request.type or '?'} {request.colour or '?'}"),)
            yield Finding("request-unanswered", request.message_id, request.at + ANSWER_S, words)


def stock_conflict(state: Factory, now: float) -> Iterator[Finding]:
    """A bay of which the CCU and another teller say different things for long."""
    for conflict in state.stock.conflicts:
        if now - conflict.since <= STOCK_CONFLICT_S:
            continue
        words = (
            ("bay", conflict.bay),
            ("ccu", _piece(conflict.ccu)),
            ("teller", conflict.other),
            ("told", _piece(conflict.told)),
        )
        subject = f"{conflict.bay}/{conflict.other}"
        yield Finding("stock-conflict", subject, conflict.since, words)


def bridge_down(state: Factory, _now: float) -> Iterator[Finding]:
    """Node-RED gone: the modules' retained ONLINE stays and means nothing (D.6)."""
    if bridge_away(state):
        link = state.links[BRIDGE]
        yield Finding("bridge-down", BRIDGE, link.since, (("state", link.connection or "?"),))


def ccu_silent(state: Factory, now: float) -> Iterator[Finding]:
    """No word of the CCU, which has no connection message of its own (A.1)."""
    since = ccu_silent_since(state, now)
    if since is not None:
        yield Finding("ccu-silent", CCU, since)


def retained_command(state: Factory, _now: float) -> Iterator[Finding]:
    """A command the broker keeps: the receiver runs it again at each reconnect (F.34)."""
    for topic, at in state.traffic.retained_commands.items():
        yield Finding("retained-command", topic, at, (("topic", topic),))


def version_mismatch(state: Factory, _now: float) -> Iterator[Finding]:
    """Modules of a version the CCU does not expect."""
    versions = state.plant.versions
    if versions is not None and versions.mismatched_modules:
        odd = versions.mismatched_modules
        named = [_odd(state, entry) for entry in odd[:MOST_NAMED]]
        more = ["…"] if len(odd) > MOST_NAMED else []
        words = (
            ("version", versions.ccu_version or "?"),
            ("modules", ", ".join([*named, *more])),
        )
        yield Finding("version-mismatch", CCU, state.plant.versions_at, words)


def _odd(state: Factory, entry: object) -> str:
    """A module with the version it has and the one it should have, as far as that is told."""
    told = entry if isinstance(entry, dict) else {}
    serial = str(told.get("serialNumber") or "?")
    known = state.modules.get(serial)
    version = told.get("version") or (known.version if known else None) or "?"
    kind = told.get("moduleType") or (known.type if known else None)
    required = told.get("requiredVersion")
    words = [kind, serial, version, *(("≠", required) if required else ())]
    return " ".join(str(word)[:MOST_CHARS] for word in words if word)


def layout_unusable(state: Factory, _now: float) -> Iterator[Finding]:
    """A layout that is no graph."""
    if state.plant.layout_fault is not None:
        words = (("fault", state.plant.layout_fault),)
        yield Finding("layout-unusable", "layout", state.plant.layout_at, words)


def rejected(state: Factory, now: float) -> Iterator[Finding]:
    """Messages of late that did not fit their model."""
    traffic = state.traffic
    at = traffic.rejected_at
    if at is not None and now - at <= REJECTED_S:
        yield Finding("messages-rejected", "messages", at, (("topic", traffic.rejects[-1].topic),))


def partly_read(state: Factory, now: float) -> Iterator[Finding]:
    """Messages of late of which a field could not be read."""
    for topic, last in state.traffic.partly_read.items():
        if last.reason == "partly" and now - last.at <= REJECTED_S:
            words = (("topic", topic), ("fault", (last.detail_de, last.detail)))
            yield Finding("message-partly-read", topic, last.at, words)


def overflow(state: Factory, now: float) -> Iterator[Finding]:
    """More topics than are listed, or one with a name that cannot be."""
    traffic = state.traffic
    if _lately(traffic.left_at, now) and crowded(traffic):
        yield Finding("topics-overflow", "topics", traffic.left_at, (("limit", str(MAX_TOPICS)),))
    if _lately(traffic.unlisted_at, now):
        values = (("limit", str(MAX_TEXT_CHARS)), ("topic", traffic.unlisted[:MOST_CHARS]))
        yield Finding("topic-unlisted", "topics", traffic.unlisted_at, values)


def _lately(at: float | None, now: float) -> bool:
    return at is not None and now - at < TOPICS_S


def _active(state: Factory) -> Iterator[Order]:
    for order_id in state.active_orders:
        if (order := state.orders.get(order_id)) is not None:
            yield order


def _name(order: Order) -> str:
    return f"{order.type or '?'} {order.colour or '?'} {order.id[:8]}"


def _step(order: Order) -> str:
    waiting = [step for step in order.steps if step.state in ("IN_PROGRESS", "ENQUEUED")]
    if not waiting:
        return "?"
    step = next((one for one in waiting if one.state == "IN_PROGRESS"), waiting[0])
    where = step.module_type or f"{step.source} → {step.target}"
    return f"{where} {step.command or ''} {step.state}".replace("  ", " ")


def _piece(piece: Piece) -> str:
    colour, tag = piece
    return " ".join(part for part in (colour, tag) if part) or "–"
