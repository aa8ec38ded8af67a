"""The figures of a shift, or of any range: each with its unit and what it was counted from.

OEE follows ISO 22400; every definition is in docs/shift-report.md. What cannot be told is None.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median, quantiles
from typing import NamedTuple

from omf.alarms import kpis
from omf.alarms.life import AlarmEntry
from omf.analysis.figure import Figure, FigureGroup, FigureSource, Unit, named, product
from omf.analysis.module_figures import Disturbance, disturbances, module_figures
from omf.analysis.order_clock import OrderTimes
from omf.analysis.shift_clock import ShiftClock
from omf.analysis.time_spans import Span, merged, overlap, without
from omf.analysis.vehicle_clock import VehicleTimes
from omf.constants import HOUR_S
from omf.durations import order_alone
from omf.texts import Text
from omf.workpieces.life import LifeEvent, WorkpieceLife


class CommandDone(NamedTuple):
    """A command that was asked for."""

    id: str
    operator: str
    kind: str
    outcome: str


class RangeFigures(NamedTuple):
    """Everything told of a range."""

    since: float
    until: float
    planned: tuple[Span, ...]
    figures: tuple[Figure, ...]
    disturbances: tuple[Disturbance, ...]
    types: Mapping[str, str | None]
    """Type of each module by its serial."""
    alarms: Mapping[str, Text]
    """What each alarm said last, by its id."""
    layout_known: bool
    """Whether ways are measured on the layout the factory told; else on the one it is sold with."""


class ShiftRecords(NamedTuple):
    """What is known beside the messages; None: nobody keeps it."""

    alarms: Sequence[AlarmEntry] | None = None
    commands: Sequence[CommandDone] | None = None


def shift_figures(
    clock: ShiftClock,
    span: Span,
    planned: Sequence[Span],
    records: ShiftRecords = ShiftRecords(),  # noqa: B008 - a constant
) -> RangeFigures:
    """The figures of [since, until), Unix s; `clock` was closed at its end."""
    state = clock.state
    figures = [
        *_time(span, planned),
        *_orders(clock.orders.told.values(), span, planned),
        *_quality(clock.lives.values(), span),
        *_factory(clock, span, planned),
        *(
            one
            for serial in sorted(state.modules)
            for one in module_figures(clock, serial, planned)
        ),
        *(
            one
            for serial, told in sorted(clock.vehicles.told.items())
            for one in _vehicle(serial, told)
        ),
        *_alarms(records.alarms, span),
        *_commands(records.commands),
    ]
    if _nothing_heard(clock, span):
        figures = [one._replace(value=None) if _of_messages(one) else one for one in figures]
    return RangeFigures(
        *span,
        tuple(planned),
        tuple(figures),
        tuple(disturbances(clock, planned)),
        {serial: module.type for serial, module in state.modules.items()},
        {one.alarm: one.text for one in records.alarms or ()},
        state.layout is not None,
    )


def _nothing_heard(clock: ShiftClock, span: Span) -> bool:
    """Whether nobody said anything in the whole range, and no order was known before."""
    return span[0] < span[1] and not (clock.orders.told or without(span, clock.unheard))


def _of_messages(one: Figure) -> bool:
    return one.group in ("orders", "quality", "factory") and one.name != "unknown"


def _time(span: Span, planned: Sequence[Span]) -> Iterator[Figure]:
    yield Figure("time", "", "range", span[1] - span[0], "s")
    yield Figure("time", "", "planned", sum(end - begin for begin, end in planned), "s")


def _orders(orders: Iterable[OrderTimes], span: Span, planned: Sequence[Span]) -> Iterator[Figure]:
    since, until = span
    every = list(orders)
    begun = [one for one in every if one.began_by and one.began_at is not None]
    ended = [one for one in every if one.ended_at is not None and since <= one.ended_at < until]
    finished = [one for one in ended if one.state == "FINISHED"]
    lost = [one for one in ended if one.state != "FINISHED"]
    open_ = [one for one in every if one.ended_at is None]
    for name, found in (
        ("begun", begun),
        ("finished", finished),
        ("not_finished", lost),
        ("open", open_),
    ):
        yield Figure("orders", "", name, len(found), "count", _of_orders(found))
    hours = sum(end - begin for begin, end in planned) / HOUR_S
    rate = len(finished) / hours if hours else None
    yield Figure("orders", "", "per_hour", rate, "per_hour", _of_orders(finished))
    by_kind: dict[str, list[OrderTimes]] = defaultdict(list)
    for one in finished:
        if one.began_at is not None:
            by_kind[" ".join(filter(None, (one.type, one.colour)))].append(one)
    for kind, found in sorted(by_kind.items()):
        yield from _lead_times(kind, found)


def _lead_times(kind: str, orders: Sequence[OrderTimes]) -> Iterator[Figure]:
    times = sorted((one.ended_at or 0.0) - (one.began_at or 0.0) for one in orders)
    ninth = quantiles(times, n=10, method="inclusive")[-1] if len(times) > 1 else times[0]
    told = {
        "lead_least": times[0],
        "lead_median": median(times),
        "lead_90": ninth,
        "lead_most": times[-1],
    }
    for name, value in told.items():
        yield Figure("orders", kind, name, value, "s", _of_orders(orders))


def _of_orders(orders: Iterable[OrderTimes]) -> tuple[FigureSource, ...]:
    return named("order", (one.id for one in orders))


def first_checks(lives: Iterable[WorkpieceLife], span: Span) -> list[LifeEvent]:
    """The first check of each piece, where that lies in the range."""
    firsts = (next((e for e in life.events if e.what == "checked"), None) for life in lives)
    return [one for one in firsts if one is not None and span[0] <= one.at < span[1]]


def _quality(lives: Iterable[WorkpieceLife], span: Span) -> Iterator[Figure]:
    firsts = first_checks(lives, span)
    passed = [one for one in firsts if one.result == "PASSED"]
    failed = [one for one in firsts if one.result == "FAILED"]
    for name, found in (("passed_first", passed), ("failed_first", failed)):
        sources = named("message", (one.message_id for one in found))
        yield Figure("quality", "", name, len(found), "count", sources)
    yield Figure("quality", "", "first_pass_yield", *_pass_rate(firsts))


def _pass_rate(firsts: Sequence[LifeEvent]) -> tuple[float | None, Unit, tuple[FigureSource, ...]]:
    told = [one for one in firsts if one.result in ("PASSED", "FAILED")]
    good = sum(one.result == "PASSED" for one in told)
    share = good / len(told) if told else None
    return share, "share", named("message", (one.message_id for one in told))


def _factory(clock: ShiftClock, span: Span, planned: Sequence[Span]) -> Iterator[Figure]:
    whole = sum(end - begin for begin, end in planned)
    every = list(clock.orders.told.values())
    in_work = merged(
        (max(span[0], one.known_at), span[1] if one.ended_at is None else one.ended_at)
        for one in every
    )
    working = sum(overlap(planned, begin, end) for begin, end in in_work)
    finished = [
        one
        for one in every
        if one.state == "FINISHED" and one.ended_at is not None and one.began_at is not None
    ]
    usual = [order_alone(one.type, one.colour) for one in finished]
    needed = sum(one.usual for one in usual if one is not None)
    availability = working / whole if whole else None
    effectiveness = needed / working if working and any(usual) else None
    quality, _, checked = _pass_rate(first_checks(clock.lives.values(), span))
    told = _of_orders(every)
    yield Figure("factory", "", "availability", availability, "share", told)
    yield Figure("factory", "", "effectiveness", effectiveness, "share", _of_orders(finished))
    yield Figure("factory", "", "quality", quality, "share", checked)
    yield Figure("factory", "", "oee", product(availability, effectiveness, quality), "share")
    quiet = (part for span in clock.unheard for part in without(span, in_work))
    unknown = sum(overlap(planned, begin, end) for begin, end in quiet)
    yield Figure("factory", "", "no_order", whole - working - unknown, "s", told)
    yield Figure("factory", "", "unknown", unknown, "s")


def _vehicle(serial: str, told: VehicleTimes) -> Iterator[Figure]:
    moves = named("message", told.moves)
    yield Figure("vehicle", serial, "driven", told.metres, "m", moves)
    yield Figure("vehicle", serial, "driven_loaded", told.loaded_metres, "m", moves)
    yield Figure("vehicle", serial, "driven_inferred", told.inferred_metres, "m", moves)
    yield Figure("vehicle", serial, "unknown_moves", told.unknown_moves, "count", moves)
    yield Figure("vehicle", serial, "driving", told.driving_s, "s", moves)
    charges = named("message", told.charges)
    yield Figure("vehicle", serial, "charges", len(told.charges), "count", charges)
    yield Figure("vehicle", serial, "charging", told.charging_s, "s", charges)
    yield Figure("vehicle", serial, "unknown", told.unknown_s, "s")


def _alarms(entries: Sequence[AlarmEntry] | None, span: Span) -> Iterator[Figure]:
    if entries is None:
        yield Figure("alarms", "", "raised", None, "count")
        return
    within = [one for one in entries if span[0] <= one.at < span[1]]
    raised = [one for one in within if kpis.announced(one)]
    found = kpis.figures(within, {}, since=span[0], until=span[1])
    yield Figure(
        "alarms", "", "raised", len(raised), "count", named("alarm", (one.alarm for one in raised))
    )
    yield Figure("alarms", "", "acknowledged", found.acknowledged, "count")
    yield Figure("alarms", "", "acknowledge_time", found.acknowledge_s, "s")
    for alarm, count in Counter(one.alarm for one in raised).most_common():
        yield Figure("alarms", alarm, "raised", count, "count", named("alarm", (alarm,)))


def _commands(commands: Sequence[CommandDone] | None) -> Iterator[Figure]:
    if commands is None:
        yield Figure("commands", "", "asked", None, "count")
        return
    yield Figure(
        "commands", "", "asked", len(commands), "count", named("command", (c.id for c in commands))
    )
    by_person: dict[str, list[CommandDone]] = defaultdict(list)
    for one in commands:
        by_person[one.operator].append(one)
    for person, found in sorted(by_person.items()):
        ids = named("command", (one.id for one in found))
        yield Figure("commands", person, "asked", len(found), "count", ids)
        for outcome, count in sorted(Counter(one.outcome for one in found).items()):
            told = named("command", (one.id for one in found if one.outcome == outcome))
            yield Figure("commands", person, outcome, count, "count", told)


class ComparedFigure(NamedTuple):
    """The same figure in two ranges; None is unknown there, or not told."""

    group: FigureGroup
    subject: str
    name: str
    unit: Unit
    a: float | None
    b: float | None


def compare_shifts(a: RangeFigures, b: RangeFigures) -> list[ComparedFigure]:
    """Every figure that one of two ranges has, in the order of the first."""
    mine = {one[:3]: one for one in a.figures}
    other = {one[:3]: one for one in b.figures}
    found = []
    for key in dict.fromkeys((*mine, *other)):
        left, right = mine.get(key), other.get(key)
        unit = (left or right).unit  # type: ignore[union-attr]
        values = (left.value if left else None, right.value if right else None)
        found.append(ComparedFigure(*key, unit, *values))
    return found
