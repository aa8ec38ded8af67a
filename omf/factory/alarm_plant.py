"""Alarm rules on the factory as a whole: orders, stock, links, messages."""

from collections.abc import Iterator

from omf.factory.alarms import Finding
from omf.factory.modules import Module
from omf.factory.orders import Order
from omf.factory.state import Factory
from omf.factory.stock import Piece
from omf.factory.take_devices import BRIDGE, CCU
from omf.factory.traffic import MAX_TOPICS
from omf.factory.vehicles import Vehicle

CCU_SILENCE_S = 60.0
"""Pairing follows the heartbeats, so every 15 s; a restart of the CCU stays below this."""
STOCK_CONFLICT_S = 10.0
"""The tellers report one change up to a second apart; what lasts longer is a conflict."""
ORDER_STUCK_S = 5.0
"""Sign of the CCU's race (PROTOCOL F.36)."""
ORDER_STANDSTILL_S = 300.0
"""The longest step recorded took 71 s; in traffic a step waits for the steps of others."""
ANSWER_S = 5.0
"""The slowest answer recorded took 0.2 s (PROTOCOL G.4)."""
REFUSAL_S = 600.0
"""A refusal is worth a notice for ten minutes."""
REJECTED_S = 300.0
"""An unreadable message is worth a notice for five minutes."""

MOST_NAMED, MOST_CHARS = 3, 40
"""Modules named in one alarm, and characters of each of their words."""


def order_stuck(state: Factory, now: float) -> Iterator[Finding]:
    """A storage order that stays at its first step although vehicle and DPS are ready (F.36)."""
    vehicles = [_ready_since(one) for one in state.vehicles.values()]
    docks = [_ready_since(one) for one in state.modules.values() if one.type == "DPS"]
    ready = [since for since in vehicles if since is not None]
    free = [since for since in docks if since is not None]
    if not ready or not free:
        return
    for order in _active(state):
        untouched = all(step.state == "ENQUEUED" for step in order.steps)
        since = max(order.still_since, min(ready), min(free)) + ORDER_STUCK_S
        if order.type == "STORAGE" and untouched and now > since:
            yield Finding("order-stuck", order.id, since, (("order", _name(order)),))


def _ready_since(device: Module | Vehicle) -> float | None:
    since = device.available_since or device.heard_at or 0.0
    return since if device.available == "READY" else None


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
    link = state.links.get(BRIDGE)
    if link is not None and link.connection not in (None, "ONLINE"):
        yield Finding("bridge-down", BRIDGE, link.since, (("state", link.connection or "?"),))


def ccu_silent(state: Factory, now: float) -> Iterator[Finding]:
    """No word of the CCU, which has no connection message of its own (A.1)."""
    link = state.links.get(CCU)
    heard = (link.at or link.heard_at) if link else None
    if heard is not None and now - heard > CCU_SILENCE_S:
        yield Finding("ccu-silent", CCU, heard + CCU_SILENCE_S)


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


def overflow(state: Factory, _now: float) -> Iterator[Finding]:
    """More topics than the state counts one by one."""
    if state.traffic.overflow:
        yield Finding("topics-overflow", "topics", None, (("limit", str(MAX_TOPICS)),))


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
