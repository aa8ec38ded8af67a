"""Planned against actual: which stations worked on a piece, and what waited beyond the usual."""

from collections import Counter
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from omf.constants import CCU_ANSWER_S
from omf.durations import BETWEEN_MODULES, USUAL_DURATIONS, Span
from omf.workpieces.life import LifeEvent, OrderTrace, StepTrace, WorkpieceLife

STATION_OF: Mapping[str, str] = MappingProxyType(
    {"drilled": "DRILL", "milled": "MILL", "fired": "OVEN", "checked": "AIQS"}
)
"""Type of the module that works on a piece, by what the piece is then (PROTOCOL A.2)."""


class Deviation(NamedTuple):
    """One way in which an order went otherwise than planned or usual."""

    kind: str
    """`skipped`, `repeated`, `unplanned`, `wrong_order`, `waited`."""
    order_id: str
    what: str
    """Type of the station, or name of the step."""
    at: float | None
    evidence: tuple[str, ...]
    seconds: float | None = None
    usual: Span | None = None


def actual(life: WorkpieceLife, order_id: str) -> list[LifeEvent]:
    """What was done to a piece for an order, in the order of time."""
    return [one for one in life.events if one.what in STATION_OF and one.order_id == order_id]


def deviations(life: WorkpieceLife) -> list[Deviation]:
    """All of them, by order and in this order: stations, then waits."""
    found: list[Deviation] = []
    for trace in life.orders:
        if trace.type == "PRODUCTION" and trace.planned:
            found += _stations(trace, actual(life, trace.order_id))
        found += _waits(trace)
    return found


def _stations(trace: OrderTrace, done: list[LifeEvent]) -> Iterator[Deviation]:
    planned, visits = trace.planned, [STATION_OF[one.what] for one in done]
    wanted, had = Counter(planned), Counter(visits)
    for place, station in enumerate(planned):
        later = any(one in had for one in planned[place + 1 :] if one != station)
        if station not in had and (later or trace.state == "FINISHED"):
            evidence = (trace.planned_by, trace.ended_by if not later else done[-1].message_id)
            yield _station("skipped", trace, station, trace.ended_at, evidence)
    for station, times in had.items():
        events = [one for one in done if STATION_OF[one.what] == station]
        named = tuple(one.message_id for one in events)
        if station not in wanted:
            yield _station("unplanned", trace, station, events[0].at, named)
        elif times > wanted[station]:
            yield _station("repeated", trace, station, events[wanted[station]].at, named)
    firsts = list(dict.fromkeys(one for one in visits if one in wanted))
    should = [one for one in dict.fromkeys(planned) if one in had]
    for went, meant in zip(firsts, should, strict=True):
        if went != meant:
            event = next(one for one in done if STATION_OF[one.what] == went)
            evidence = (trace.planned_by, event.message_id)
            yield _station("wrong_order", trace, went, event.at, evidence)
            return


def _station(
    kind: str,
    trace: OrderTrace,
    station: str,
    at: float | None,
    evidence: tuple[str | None, ...],
) -> Deviation:
    named = tuple(one for one in evidence if one)
    return Deviation(kind, trace.order_id, station, at, named)


def _waits(trace: OrderTrace) -> Iterator[Deviation]:
    """Steps that ended later than usual, counted from the end of the one before."""
    before: StepTrace | None = None
    for step in trace.steps:
        since = before.ended_at if before else trace.seen_at
        usual = USUAL_DURATIONS.get(step.name, BETWEEN_MODULES if " > " in step.name else None)
        if None not in (since, step.ended_at) and usual is not None and step.state == "FINISHED":
            seconds = (step.ended_at or 0.0) - (since or 0.0)
            if seconds > usual.most + CCU_ANSWER_S:
                by = before.ended_by if before else trace.seen_by
                evidence = tuple(one for one in (by, step.sent_by, step.ended_by) if one)
                yield Deviation(
                    "waited", trace.order_id, step.name, step.ended_at, evidence, seconds, usual
                )
        before = step
