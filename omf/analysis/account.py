"""Why is it as it is? A short account of an order, a piece, a module, a vehicle or an alarm.

Facts only: each clause follows from the messages it names, or from what the factory's state says
now of the thing it names. What was not heard is said to be unknown; nothing is concluded.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from omf import terms
from omf.alarms.alarm import Alarm
from omf.alarms.life import AlarmLife
from omf.alarms.lifecycle import AlarmState
from omf.alarms.plant_rules import DRIFT_RULE
from omf.payload_shapes.wording import drift_words
from omf.state.device_names import device_name, order_name, short, station_name, step_name
from omf.state.factory_state import FactoryState
from omf.state.modules import Module
from omf.state.orders import Order
from omf.state.staleness import stale
from omf.state.vehicles import Vehicle
from omf.state.waiting import why_waits
from omf.texts import Text, figure, joined, text, verbatim
from omf.workpieces.collect import matching
from omf.workpieces.deviations import Deviation, deviations
from omf.workpieces.life import LifeEvent, OrderTrace, WorkpieceLife
from omf.workpieces.record import status


class Clause(NamedTuple):
    """One fact."""

    text: Text
    evidence: tuple[str, ...] = ()
    """Ids of the messages it follows from."""
    subject: str = ""
    """Serial, order, alarm or tag the state of which says so, where no single message does."""
    at: float | None = None
    """When it happened, Unix s; None: it is so now."""


class FactAccount(NamedTuple):
    """What is known of a thing, in order of time."""

    kind: str
    """`order`, `piece`, `module`, `vehicle`, `alarm`, `command`."""
    name: Text
    clauses: tuple[Clause, ...]


def account_of(
    state: FactoryState, wanted: str, now: float, lives: Iterable[WorkpieceLife] = ()
) -> FactAccount | None:
    """The account of a tag, an order, a serial or an alarm at `now`; None if nobody knows it.

    `lives` are those of the archive, beside the ones the state has.
    """
    pieces = state.workpieces
    known = {life.id: life for life in (*lives, *pieces.ended, *pieces.open.values())}
    if (order := state.orders.get(wanted)) is not None:
        return FactAccount(
            "order", order_name(order), tuple(_order(state, order, known.values(), now))
        )
    if (module := state.modules.get(wanted)) is not None:
        name = device_name(state, wanted)
        return FactAccount("module", name, tuple(_module(state, module, now)))
    if (vehicle := state.vehicles.get(wanted)) is not None:
        name = device_name(state, wanted)
        return FactAccount("vehicle", name, tuple(_vehicle(state, vehicle, now)))
    if (alarm := _alarm_named(state, wanted, now)) is not None:
        return FactAccount("alarm", alarm.text, tuple(_alarm(state, alarm)))
    found = matching(known.values(), wanted)
    if not found:
        return None
    life = max(found, key=lambda one: one.begun_at)
    return FactAccount("piece", _piece_name(life), tuple(_piece(state, life, now)))


def _alarm_named(state: FactoryState, wanted: str, now: float) -> Alarm | AlarmLife | None:
    """As it is found now, or, of one that is over and not settled, as its owner keeps it."""
    if (life := (state.lives or {}).get(wanted)) is not None and not life.stands:
        return life
    return next((one for one in state.found_alarms(now) if one.id == wanted), life)


def _piece_name(life: WorkpieceLife) -> Text:
    tag = verbatim(life.tag) if life.tag else text("workpieces.no_tag")
    return joined(" ", [terms.term("colour", life.colour or "UNKNOWN"), tag])


def _piece(state: FactoryState, life: WorkpieceLife, now: float) -> Iterator[Clause]:
    yield from sorted(_happened(state, life), key=lambda one: one.at or 0.0)
    if life.end is None:
        yield Clause(text(f"workpiece.status.{status(life)}"), _claims(life), life.name)
        for trace in life.orders:
            order = state.orders.get(trace.order_id)
            yield from _waits(state, order, now) if order is not None else ()
    elif life.end == "rejected":
        yield _ordered_again(state, life)


def _happened(state: FactoryState, life: WorkpieceLife) -> Iterator[Clause]:
    began = text(f"why.origin.{life.origin}")
    yield Clause(began, (life.begun_by,), at=life.begun_at)
    for event in life.events:
        if (said := _told_by(state, event)) is not None:
            yield Clause(said, (event.message_id, *event.evidence), at=event.at)
    for trace in life.orders:
        yield from _asked(trace)
    for found in deviations(life):
        yield _deviation(state, found)
    for one in life.contradictions:
        words = text("why.contradiction", one=one.said[0], other=one.said[1])
        yield Clause(words, one.evidence, at=one.at)


def _told_by(state: FactoryState, event: LifeEvent) -> Text | None:
    """The events that explain something: failures, checks, and how it ended."""
    device = device_name(state, event.device) if event.device else ""
    if event.what == "failed":
        kind = state.modules[event.device].type if event.device in state.modules else None
        return terms.after(device, terms.spoken(event.result, kind, "failed"))
    if event.what == "checked":
        return text("why.checked", device=device, result=terms.term("result", event.result))
    ends = text(f"workpiece.event.{event.what}")
    return ends if event.what in _ENDS else None


_ENDS = frozenset(
    {
        *("delivered", "rejected", "turned_away", "left_without_tag", "taken_back", "reentered"),
        *("lost_at_reset", "removed_from_stock", "forgotten", "gone"),
    }
)


def _asked(trace: OrderTrace) -> Iterator[Clause]:
    kind, order = terms.term("order.type", trace.type), short(trace.order_id)
    if trace.requested_by is None:
        yield Clause(text("why.not_asked", kind=kind, order=order), subject=trace.order_id)
    else:
        words = text("why.asked", kind=kind, order=order)
        yield Clause(words, (trace.requested_by,), at=trace.requested_at)
    if trace.ended_by is not None:
        words = text("why.ended", order=order, state=terms.term("order.state", trace.state))
        yield Clause(words, (trace.ended_by,), at=trace.ended_at)


def _deviation(state: FactoryState, found: Deviation) -> Clause:
    if found.kind != "waited" or found.usual is None or found.seconds is None:
        words = text(f"workpiece.deviation.{found.kind}", station=station_name(state, found.what))
        return Clause(words, found.evidence, at=found.at)
    step = step_name(state, found.what)
    took, usual = figure(found.seconds, 0), figure(found.usual.usual, 0)
    words = text("why.waited", step=step, took=took, usual=usual)
    return Clause(words, found.evidence, at=found.at)


def _claims(life: WorkpieceLife) -> tuple[str, ...]:
    return tuple(one.message_id for one in life.claims)


def _ordered_again(state: FactoryState, life: WorkpieceLife) -> Clause:
    """Whether a production of its colour was asked for after it was rejected."""
    since = life.ended_at or life.begun_at
    later = [
        one
        for one in state.orders.values()
        if one.type == "PRODUCTION" and one.colour == life.colour and one.first_seen > since
    ]
    if later:
        return Clause(text("why.ordered_again", order=short(later[0].id)), subject=later[0].id)
    colour = terms.term("colour", life.colour or "UNKNOWN")
    return Clause(text("why.not_ordered_again", colour=colour), subject=life.name)


def _order(
    state: FactoryState, order: Order, lives: Iterable[WorkpieceLife], now: float
) -> Iterator[Clause]:
    about = [life for life in lives if any(one.order_id == order.id for one in life.orders)]
    traces = [one for life in about for one in life.orders if one.order_id == order.id]
    waiting = state.workpieces.waiting_orders.get(order.id)
    traces = traces or ([waiting] if waiting is not None else [])
    clauses = [clause for trace in traces[:1] for clause in _asked(trace)]
    for life in about[:1]:
        clauses += [_deviation(state, one) for one in deviations(life) if one.order_id == order.id]
        clauses += [
            Clause(said, (event.message_id, *event.evidence), at=event.at)
            for event in life.events
            if event.order_id == order.id and (said := _told_by(state, event)) is not None
        ]
    yield from sorted(clauses, key=lambda one: one.at or 0.0)
    if not about:
        yield Clause(text("why.no_piece"), subject=order.id)
    yield from _waits(state, order, now)


def _waits(state: FactoryState, order: Order, now: float) -> Iterator[Clause]:
    wait = why_waits(state, order, now)
    if wait is not None:
        told = joined(" ", [order_name(order), wait.text])
        yield Clause(told, subject=wait.device or wait.order_id or order.id)


def _device(device: Module | Vehicle, now: float) -> Iterator[Clause]:
    """What is the same of modules and vehicles: silence, connection, errors, pause."""
    if device.last_message is None:
        yield Clause(text("why.never_heard"), subject=device.serial)
    elif stale(device, now):
        seconds = figure(now - device.last_message, 0)
        yield Clause(text("why.silent", seconds=seconds), subject=device.serial)
    if device.connection not in (None, "ONLINE"):
        words = text("why.connection", state=terms.term("connection", device.connection))
        yield Clause(words, subject=device.serial, at=device.connection_at)
    for one in device.errors:
        level = "why.fatal" if one.fatal else "why.error"
        yield Clause(text(level, error=terms.fault(one.type)), subject=device.serial, at=one.since)
    if device.paused:
        yield Clause(text("why.paused"), subject=device.serial)


def _acted(state: FactoryState, device: Module) -> Iterator[Clause]:
    action = device.action or device.last_action
    if action is None or action.command is None:
        yield Clause(text("why.no_action"), subject=device.serial)
        return
    words = terms.act(action.command, action.state, device.type)
    judged = terms.judged(action.command, action.result, device.type)
    yield Clause(judged or words, subject=device.serial, at=action.since)
    if (order := state.orders.get(device.order_id)) is not None and order.open:
        words = text("why.works_for", order=order_name(order))
        yield Clause(words, subject=device.order_id)


def _module(state: FactoryState, module: Module, now: float) -> Iterator[Clause]:
    yield from _device(module, now)
    yield from _acted(state, module)
    for life in state.workpieces.on(module.serial):
        yield Clause(text("why.holds", piece=_piece_name(life)), _claims(life), life.name)
    yield from _waiting_for(state, module.serial, now)


def _vehicle(state: FactoryState, vehicle: Vehicle, now: float) -> Iterator[Clause]:
    yield from _device(vehicle, now)
    if not vehicle.position_known:
        yield Clause(text("why.lost"), subject=vehicle.serial, at=vehicle.last_node_since)
    elif vehicle.last_node is not None:
        key = "why.driving" if vehicle.driving else "why.stands"
        place = device_name(state, vehicle.last_node)
        yield Clause(text(key, place=place), subject=vehicle.serial, at=vehicle.last_node_since)
    if vehicle.charging:
        yield Clause(text("why.charging"), subject=vehicle.serial)
    if (order := state.orders.get(vehicle.order_id)) is not None and order.open:
        words = text("why.works_for", order=order_name(order))
        yield Clause(words, subject=vehicle.order_id)
    for life in state.workpieces.on(vehicle.serial):
        yield Clause(text("why.holds", piece=_piece_name(life)), _claims(life), life.name)
    yield from _waiting_for(state, vehicle.serial, now)


def _waiting_for(state: FactoryState, serial: str, now: float) -> Iterator[Clause]:
    """The orders that wait for a device, each with what it waits for."""
    for order_id in state.active_orders:
        order = state.orders.get(order_id)
        wait = why_waits(state, order, now) if order is not None else None
        if order is not None and wait is not None and wait.device == serial:
            yield Clause(joined(" ", [order_name(order), wait.text]), subject=order.id)


def _alarm(state: FactoryState, alarm: Alarm | AlarmLife) -> Iterator[Clause]:
    yield Clause(alarm.text, subject=alarm.subject, at=alarm.since)
    if alarm.since is None:
        yield Clause(text("why.since_unknown"), subject=alarm.subject)
    for drift in state.payload_drifts if alarm.rule == DRIFT_RULE else ():
        if drift.filter == alarm.subject:
            yield Clause(drift_words(drift), (drift.message_id,), at=drift.at)
    life = (state.lives or {}).get(alarm.id)
    if life is not None and not life.stands and life.state is not AlarmState.NORMAL:
        yield Clause(text("why.alarm_over"), subject=alarm.id, at=life.gone_at or life.changed_at)
    if alarm.cause:
        cause = (state.lives or {}).get(alarm.cause)
        words = cause.text if cause is not None else verbatim(alarm.cause)
        yield Clause(text("why.caused_by", cause=words), subject=alarm.cause)
    if life is not None and life.acknowledged_by:
        words = text("why.acknowledged", who=life.acknowledged_by)
        yield Clause(words, subject=alarm.id, at=life.acknowledged_at)
    elif life is not None and life.asks:
        yield Clause(text("why.not_acknowledged"), subject=alarm.id)
    yield Clause(alarm.action, subject=alarm.subject)
