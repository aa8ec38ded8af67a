"""The figures of a shift, or of any range: each with its unit and what it was counted from.

OEE follows ISO 22400; every definition is in docs/shift-report.md. What cannot be told is None.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median, quantiles
from types import MappingProxyType
from typing import NamedTuple

from omf.alarms import kpis
from omf.alarms.life import AlarmEntry
from omf.analysis.figure import Figure, FigureGroup, Sources, Unit, named, product
from omf.analysis.module_figures import (
    Disturbance,
    WorkTime,
    at_usual_pace,
    disturbances,
    module_figures,
)
from omf.analysis.order_clock import OrderTimes
from omf.analysis.shift_clock import ShiftClock
from omf.analysis.shift_facts import FirstCheck, ShiftFacts, facts_of
from omf.analysis.time_spans import Span, merged, without
from omf.analysis.vehicle_clock import VehicleTimes
from omf.constants import HOUR_S
from omf.durations import order_alone
from omf.texts import Text


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
    names: Mapping[str, Text] = MappingProxyType({})
    """What the site calls its modules, by serial; without those that have no name of their own."""


class ShiftRecords(NamedTuple):
    """What is known beside the messages; None: nobody keeps it."""

    alarms: Sequence[AlarmEntry] | None = None
    commands: Sequence[CommandDone] | None = None


def shift_figures(
    heard: ShiftClock | ShiftFacts,
    span: Span,
    planned: Sequence[Span],
    records: ShiftRecords = ShiftRecords(),  # noqa: B008 - a constant
) -> RangeFigures:
    """The figures of [since, until), Unix s; a clock was closed at its end."""
    facts = heard if isinstance(heard, ShiftFacts) else facts_of(heard, span)
    checks = within(facts.checks, span)
    unheard = [one for one, _ in facts.unheard]
    work = WorkTime(planned, unheard, own_pace=at_usual_pace(facts))
    figures = [
        *_time(span, planned),
        *_orders(facts.orders.values(), span, planned),
        *_quality(checks),
        *_factory(facts, checks, span, work),
        *(one for serial in sorted(facts.types) for one in module_figures(facts, serial, work)),
        *(one for serial, told in sorted(facts.vehicles.items()) for one in _vehicle(serial, told)),
        *_alarms(records.alarms, span),
        *_commands(records.commands),
    ]
    if _nothing_heard(facts, span):
        figures = [one._replace(value=None) if _of_messages(one) else one for one in figures]
    return RangeFigures(
        *span,
        tuple(planned),
        tuple(figures),
        tuple(disturbances(facts, planned)),
        facts.types,
        {one.alarm: one.text for one in records.alarms or ()},
        facts.layout_known,
    )


def _nothing_heard(facts: ShiftFacts, span: Span) -> bool:
    """Whether nobody said anything in the whole range, and no order was known before."""
    unheard = [one for one, _ in facts.unheard]
    return span[0] < span[1] and not (facts.orders or without(span, unheard))


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
        yield Figure("orders", "", name, len(found), "count", *_of_orders(found))
    hours = sum(end - begin for begin, end in planned) / HOUR_S
    rate = len(finished) / hours if hours else None
    yield Figure("orders", "", "per_hour", rate, "per_hour", *_of_orders(finished))
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
        yield Figure("orders", kind, name, value, "s", *_of_orders(orders))


def _of_orders(orders: Iterable[OrderTimes]) -> Sources:
    return named("order", (one.id for one in orders))


def within(checks: Mapping[str, FirstCheck], span: Span) -> dict[str, FirstCheck]:
    """The first checks, by message, that lie in the range."""
    return {by: one for by, one in checks.items() if span[0] <= one.at < span[1]}


def _quality(checks: Mapping[str, FirstCheck]) -> Iterator[Figure]:
    for name, result in (("passed_first", "PASSED"), ("failed_first", "FAILED")):
        found = [by for by, one in checks.items() if one.result == result]
        yield Figure("quality", "", name, len(found), "count", *named("message", found))
    share, told = _pass_rate(checks)
    yield Figure("quality", "", "first_pass_yield", share, "share", *told)


def _pass_rate(checks: Mapping[str, FirstCheck]) -> tuple[float | None, Sources]:
    told = [by for by, one in checks.items() if one.result in ("PASSED", "FAILED")]
    good = sum(checks[by].result == "PASSED" for by in told)
    return (good / len(told) if told else None), named("message", told)


def _factory(
    facts: ShiftFacts, checks: Mapping[str, FirstCheck], span: Span, work: WorkTime
) -> Iterator[Figure]:
    every, whole = list(facts.orders.values()), work.planned.seconds
    in_work = merged(_in_work(one, span) for one in every)
    working = sum(work.worked(begin, end) for begin, end in in_work)
    quality, checked = _pass_rate(checks)
    told = _of_orders(every)
    availability = working / whole if whole > work.unknown_s else None
    effectiveness, finished = _effectiveness(every, span, work)
    yield Figure("factory", "", "availability", availability, "share", *told)
    yield Figure("factory", "", "effectiveness", effectiveness, "share", *_of_orders(finished))
    yield Figure("factory", "", "quality", quality, "share", *checked)
    oee = product(availability, effectiveness, quality)
    yield Figure("factory", "", "oee", oee, "share", *(told | checked))
    quiet = [ids for one, ids in facts.unheard if work.planned.within(*one)]
    edges = named("message", (one for ids in quiet for one in ids))
    idle = whole - working - work.unknown_s
    yield Figure("factory", "", "no_order", idle, "s", *(told | edges))
    yield Figure("factory", "", "unknown", work.unknown_s, "s", *edges)


def _in_work(order: OrderTimes, span: Span) -> Span:
    return max(span[0], order.known_at), span[1] if order.ended_at is None else order.ended_at


def _effectiveness(
    orders: Iterable[OrderTimes], span: Span, work: WorkTime
) -> tuple[float | None, list[OrderTimes]]:
    """Usual time of the finished orders over the time in work, and the finished orders.

    Orders during which nobody was heard count on neither side.
    """
    heard = [one for one in orders if work.heard_whole(*_in_work(one, span))]
    finished = [
        one
        for one in heard
        if one.state == "FINISHED" and one.ended_at is not None and one.began_at is not None
    ]
    usual = [order_alone(one.type, one.colour) for one in finished]
    needed = sum(one.usual for one in usual if one is not None)
    spans = merged(_in_work(one, span) for one in heard)
    working = sum(work.planned.within(begin, end) for begin, end in spans)
    known = work.own_pace and working and any(usual)
    return (needed / working if known else None), finished


def _vehicle(serial: str, told: VehicleTimes) -> Iterator[Figure]:
    moves = named("message", told.moves)
    yield Figure("vehicle", serial, "driven", told.metres, "m", *moves)
    yield Figure("vehicle", serial, "driven_loaded", told.loaded_metres, "m", *moves)
    yield Figure("vehicle", serial, "driven_inferred", told.inferred_metres, "m", *moves)
    yield Figure("vehicle", serial, "unknown_moves", told.unknown_moves, "count", *moves)
    driving = named("message", told.driving_by)
    yield Figure("vehicle", serial, "driving", told.driving_s, "s", *driving)
    charges = named("message", told.charges)
    yield Figure("vehicle", serial, "charges", len(told.charges), "count", *charges)
    charging = named("message", told.charging_by)
    yield Figure("vehicle", serial, "charging", told.charging_s, "s", *charging)
    silent = named("message", told.unknown_by)
    yield Figure("vehicle", serial, "unknown", told.unknown_s, "s", *silent)


def _alarms(entries: Sequence[AlarmEntry] | None, span: Span) -> Iterator[Figure]:
    if entries is None:
        yield Figure("alarms", "", "raised", None, "count")
        return
    inside = [one for one in entries if span[0] <= one.at < span[1]]
    raised = [one.alarm for one in inside if kpis.announced(one)]
    waited = kpis.acknowledged(inside)
    seen = named("alarm", (alarm for alarm, _ in waited))
    middle = median(seconds for _, seconds in waited) if waited else None
    yield Figure("alarms", "", "raised", len(raised), "count", *named("alarm", raised))
    yield Figure("alarms", "", "acknowledged", len(waited), "count", *seen)
    yield Figure("alarms", "", "acknowledge_time", middle, "s", *seen)
    for alarm, count in Counter(raised).most_common():
        yield Figure("alarms", alarm, "raised", count, "count", *named("alarm", (alarm,)))


def _commands(commands: Sequence[CommandDone] | None) -> Iterator[Figure]:
    if commands is None:
        yield Figure("commands", "", "asked", None, "count")
        return
    every = named("command", (one.id for one in commands))
    yield Figure("commands", "", "asked", len(commands), "count", *every)
    by_person: dict[str, list[CommandDone]] = defaultdict(list)
    for one in commands:
        by_person[one.operator].append(one)
    for person, found in sorted(by_person.items()):
        ids = named("command", (one.id for one in found))
        yield Figure("commands", person, "asked", len(found), "count", *ids)
        for outcome, count in sorted(Counter(one.outcome for one in found).items()):
            told = named("command", (one.id for one in found if one.outcome == outcome))
            yield Figure("commands", person, outcome, count, "count", *told)


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
