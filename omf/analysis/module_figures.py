"""Of each module: where its planned time went, its OEE by ISO 22400, and what disturbed it.

Definitions are in docs/shift-report.md.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import NamedTuple, Protocol

from omf.analysis.figure import Figure, Sources, named, product
from omf.analysis.shift_clock import CONDITIONS, TimeSlice
from omf.analysis.time_spans import PlannedTime, Span, common, merged
from omf.constants import CCU_ANSWER_S
from omf.durations import BETWEEN_MODULES

FASTEST_SHARE = 0.75
"""No action recorded took less than 0.79 of its usual time (PROTOCOL D.2)."""
LEAST_DISTURBANCE_S = 10.0
"""Shorter stops end by themselves before anybody could have come."""


class Disturbance(NamedTuple):
    """A module that could not do what was planned, and what it cost."""

    kind: str
    """`failed`, `blocked`, `waiting_for_vehicle`."""
    subject: str
    begin: float
    end: float
    cost_s: float
    """Of planned time."""
    order_id: str | None
    evidence: tuple[str, ...]


class ModuleTimes(Protocol):
    """What each module did with its time: a clock, or kept facts."""

    @property
    def slices(self) -> Mapping[str, Sequence[TimeSlice]]:
        """By serial, in order of time."""


class WorkTime:
    """The time that counts: what is planned, and of it when nobody of the factory was heard."""

    def __init__(self, planned: Sequence[Span], unheard: Sequence[Span], *, own_pace: bool) -> None:
        """`own_pace`: usual durations are those of this factory (`at_usual_pace`)."""
        self.planned, self.own_pace = PlannedTime(planned), own_pace
        self._quiet = PlannedTime(common(planned, unheard))
        self._unheard = PlannedTime(merged(unheard))

    @property
    def unknown_s(self) -> float:
        """Planned seconds of which nothing is known of anybody."""
        return self._quiet.seconds

    def worked(self, begin: float, end: float) -> float:
        """Planned seconds of [begin, end) in which somebody was heard."""
        return self.planned.within(begin, end) - self._quiet.within(begin, end)

    def heard_whole(self, begin: float, end: float) -> bool:
        """True if nothing of [begin, end) went unheard."""
        return not self._unheard.within(begin, end)


def at_usual_pace(times: ModuleTimes) -> bool:
    """False if most actions were quicker than the fastest ever measured.

    It is a simulation at a speed of its own then, and its usual times were measured by nobody.
    """
    shares = [
        (one.end - one.begin) / one.usual_s
        for slices in times.slices.values()
        for one in slices
        if one.condition == "busy" and one.result == "FINISHED" and one.usual_s
    ]
    return not shares or median(shares) >= FASTEST_SHARE


def module_figures(times: ModuleTimes, serial: str, work: WorkTime) -> Iterator[Figure]:
    """Where the planned time of a module went, and its OEE."""
    slices = times.slices.get(serial, [])
    whole = work.planned.seconds
    spent: dict[str, float] = dict.fromkeys(CONDITIONS, 0.0)
    told: dict[str, list[str]] = defaultdict(list)
    for one in slices:
        # That an action began and ended is no word on the time between when nobody was heard.
        within = work.worked if one.condition == "busy" else work.planned.within
        seconds = within(one.begin, one.end)
        spent[one.condition] += seconds
        if seconds:
            told[one.condition] += [one.began_by, one.ended_by]
    spent["unknown"] += max(0.0, whole - sum(spent.values()))
    known_s = whole - spent["unknown"]
    for condition, seconds in spent.items():
        yield Figure("module", serial, condition, seconds, "s", *named("message", told[condition]))
    known = named("message", (one for ids in told.values() for one in ids))
    share = spent["busy"] / known_s if known_s else None
    yield Figure("module", serial, "utilisation", share, "share", *known)
    busy = named("message", told["busy"]) if spent["busy"] else known
    availability = spent["busy"] / whole if known_s else None
    yield from _oee(serial, slices, (availability, busy), work)


def _oee(
    serial: str, slices: Sequence[TimeSlice], busy: tuple[float | None, Sources], work: WorkTime
) -> Iterator[Figure]:
    availability, busy_by = busy
    done = [
        one for one in slices if one.condition == "busy" and one.result in ("FINISHED", "FAILED")
    ]
    good = [one for one in done if one.result == "FINISHED"]
    effectiveness = _effectiveness(good, work)
    quality = len(good) / len(done) if done else None
    told = named("message", (one.ended_by for one in done))
    yield Figure("module", serial, "actions", len(done), "count", *told)
    yield Figure("module", serial, "availability", availability, "share", *busy_by)
    yield Figure("module", serial, "effectiveness", effectiveness, "share", *told)
    yield Figure("module", serial, "quality", quality, "share", *told)
    oee = product(availability, effectiveness, quality)
    yield Figure("module", serial, "oee", oee, "share", *told)


def _effectiveness(good: Sequence[TimeSlice], work: WorkTime) -> float | None:
    measured = [
        (one, one.usual_s)
        for one in good
        if one.usual_s is not None and work.own_pace and work.heard_whole(one.begin, one.end)
    ]
    took = sum(one.end - one.begin for one, _ in measured)
    return sum(usual for _, usual in measured) / took if took else None


def disturbances(times: ModuleTimes, planned: Sequence[Span]) -> Iterator[Disturbance]:
    """Dearest first."""
    work = PlannedTime(planned)
    found = [
        Disturbance(
            part.condition,
            serial,
            part.begin,
            part.end,
            cost_s,
            part.order_id,
            tuple(one for one in (part.began_by, part.ended_by) if one),
        )
        for serial, slices in times.slices.items()
        for part in slices
        if (least := _LEAST_S.get(part.condition)) is not None
        and (cost_s := work.within(part.begin, part.end)) >= least
    ]
    yield from sorted(found, key=lambda one: (-one.cost_s, one.begin, one.subject))


_LEAST_S: Mapping[str, float] = {
    "failed": LEAST_DISTURBANCE_S,
    "blocked": LEAST_DISTURBANCE_S,
    "waiting_for_vehicle": BETWEEN_MODULES.most + CCU_ANSWER_S,
}
"""From so long on a condition is a disturbance; a vehicle needs its time to come."""
