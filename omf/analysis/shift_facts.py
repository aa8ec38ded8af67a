"""What was heard in a part of a range, and parts that follow each other put together.

A part holds values and not what follows from them: planned time, medians and rates are made of the
whole (`shift_figures`), so a month of kept hours tells the same as one reading of all its messages,
and a changed shift calendar holds for kept hours as well.
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

from pydantic import TypeAdapter

from omf.analysis.order_clock import OrderTimes
from omf.analysis.shift_clock import SHIFT_ENTRIES, HeardMessage, ShiftClock, TimeSlice
from omf.analysis.time_spans import Span
from omf.analysis.vehicle_clock import VehicleTimes
from omf.constants import HOUR_S, MODULE_SILENCE_S, VEHICLE_SILENCE_S
from omf.durations import USUAL_DURATIONS
from omf.layout.default import default_layout
from omf.messages.message import Message
from omf.state.factory_state import SNAPSHOT_VERSION
from omf.workpieces.life import WorkpieceLife

FACTS_VERSION = 1
"""Raised when the same messages make other facts: kept ones are then made anew."""


class FirstCheck(NamedTuple):
    """The first check of a piece."""

    at: float
    result: str | None


@dataclass(frozen=True, slots=True)
class ShiftFacts:
    """What was heard in [since, until), Unix s."""

    since: float
    until: float
    slices: dict[str, list[TimeSlice]]
    """By serial of the module, in order."""
    vehicles: dict[str, VehicleTimes]
    """By serial."""
    orders: dict[str, OrderTimes]
    """By id: those in work at the beginning, and those that began later."""
    checks: dict[str, FirstCheck]
    """By message."""
    first: HeardMessage | None
    last: HeardMessage | None
    quiet: list[tuple[HeardMessage, HeardMessage]]
    """Messages between which nobody said anything for too long."""
    types: dict[str, str | None]
    """Of the modules, by serial."""
    layout_known: bool

    @property
    def unheard(self) -> list[tuple[Span, tuple[str, ...]]]:
        """When nobody said anything, in order; with the messages before and behind."""
        whole = self.since, self.until
        parts: list[tuple[Span, tuple[str, ...]]] = [(whole, ())]
        if self.first is not None and self.last is not None:
            head = ((self.since, self.first.at), (self.first.by,))
            tail = ((self.last.at, self.until), (self.last.by,))
            parts = [head, *(((a.at, b.at), (a.by, b.by)) for a, b in self.quiet), tail]
        return [one for one in parts if one[0][1] - one[0][0] > MODULE_SILENCE_S]


def facts_of(clock: ShiftClock, span: Span) -> ShiftFacts:
    """What a clock heard in [since, until); it was closed at the end."""
    modules = clock.state.modules
    return ShiftFacts(
        *span,
        clock.slices,
        clock.vehicles.told,
        clock.orders.told,
        dict(_checks(clock.lives.values(), span[0])),
        clock.first,
        clock.last,
        clock.quiet,
        {serial: module.type for serial, module in modules.items()},
        clock.state.layout is not None,
    )


def _checks(lives: Iterable[WorkpieceLife], since: float) -> Iterator[tuple[str, FirstCheck]]:
    for life in lives:
        first = next((one for one in life.events if one.what == "checked"), None)
        # What a check of a moment ago found may be told only now.
        if first is not None and first.at >= since - HOUR_S:
            yield first.message_id, FirstCheck(first.at, first.result)


class FactsRecorder:
    """Hears messages in order; what was told between given moments is a part of its own. Pure."""

    def __init__(self, clock: ShiftClock, begin: float, ends: Sequence[float]) -> None:
        """`clock` was begun at `begin`; the first part ends at the first of `ends`, Unix s."""
        self._clock, self._begin, self._waiting = clock, begin, [*ends]
        self.parts: list[ShiftFacts] = []

    def take(self, message: Message) -> None:
        """Hear the next message; those behind the last end are none of it."""
        while self._waiting and message.received_at >= self._waiting[0]:
            self._cut()
        if self._waiting:
            self._clock.take(message)

    def close(self) -> list[ShiftFacts]:
        """All parts, once nothing more is said."""
        while self._waiting:
            self._cut()
        return self.parts

    def _cut(self) -> None:
        end = self._waiting.pop(0)
        self._clock.close(end)
        self.parts.append(facts_of(self._clock, (self._begin, end)))
        self._clock.go_on(end)
        self._begin = end


def joined(parts: Sequence[ShiftFacts]) -> ShiftFacts:
    """Parts that follow each other, oldest first, as one; there is at least one."""
    quiet = [*parts[0].quiet]
    slices: dict[str, list[TimeSlice]] = {}
    vehicles: dict[str, VehicleTimes] = {}
    orders: dict[str, OrderTimes] = {}
    last = parts[0].last
    for part in parts:
        _follow(slices, part.slices)
        for serial, times in part.vehicles.items():
            vehicles.setdefault(serial, VehicleTimes()).add(times)
        for name, order in part.orders.items():
            orders[name] = _later(orders.get(name), order)
    for part in parts[1:]:
        if last is not None and part.first is not None:
            silence = part.first.at - last.at > MODULE_SILENCE_S
            quiet += [(last, part.first)] if silence else []
        quiet += part.quiet
        last = part.last or last
    return ShiftFacts(
        parts[0].since,
        parts[-1].until,
        slices,
        vehicles,
        orders,
        {name: check for part in parts for name, check in part.checks.items()},
        next((part.first for part in parts if part.first is not None), None),
        last,
        quiet,
        {serial: kind for part in parts for serial, kind in part.types.items()},
        parts[-1].layout_known,
    )


def _follow(known: dict[str, list[TimeSlice]], more: Mapping[str, Sequence[TimeSlice]]) -> None:
    for serial, found in more.items():
        told = known.setdefault(serial, [])
        for one in found:
            if told and _goes_on(told[-1], one):
                by = told[-1].began_by or one.began_by
                told[-1] = replace(one, begin=told[-1].begin, began_by=by)
            else:
                told.append(replace(one))


def _goes_on(before: TimeSlice, one: TimeSlice) -> bool:
    """Whether both are one slice that was cut where a part ends."""
    same = (before.condition, before.command, before.order_id)
    return (
        before.end == one.begin
        and not before.ended_by
        and same == (one.condition, one.command, one.order_id)
    )


def _later(before: OrderTimes | None, one: OrderTimes) -> OrderTimes:
    if before is None or one.began_by:
        return replace(one)
    return replace(before, state=one.state, ended_at=one.ended_at, ended_by=one.ended_by)


_ADAPTER = TypeAdapter(ShiftFacts)


def facts_json(facts: ShiftFacts) -> str:
    """As it is kept."""
    return _ADAPTER.dump_json(facts).decode()


def facts_from(data: str | bytes) -> ShiftFacts:
    """What was kept; ValueError if that is something else."""
    return _ADAPTER.validate_json(data)


@cache
def facts_version() -> int:
    """Another number once kept facts must be made anew: of form, rules, and usual durations."""
    made_by = (
        (FACTS_VERSION, SNAPSHOT_VERSION, MODULE_SILENCE_S, VEHICLE_SILENCE_S),
        sorted(SHIFT_ENTRIES),
        sorted(USUAL_DURATIONS.items()),
        default_layout(),
        _ADAPTER.json_schema(),
    )
    return zlib.crc32(repr(made_by).encode())
