"""Values of messages that a limit of the alarm rules watches, on whichever side of it they are."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from omf.alarms.limits import LimitRule, PathStep
from omf.messages import exact_json
from omf.messages.units import in_unit, names_unit, told_units
from omf.state.values import MAX_TEXT_CHARS, Arrival

MAX_WATCHED = 256
"""Values watched at a time; beyond, the one that was silent longest leaves."""


@dataclass(slots=True)
class WatchedValue:
    """The last value of one limit on one topic."""

    value: float
    beyond: bool
    """It passed the limit and has not come back by the hysteresis since."""
    since: float | None
    """When it passed, or came back, Unix s; None is longer than we know."""


def watch(
    known: dict[str, WatchedValue],
    limits: Mapping[str, LimitRule],
    topic: str,
    body: Any,
    arrival: Arrival,
) -> None:
    """Take the watched values of a message over.

    `limits` are those that this topic is watched for, by name. Where a path leads to several
    values, as `loads[*].weight` does, the one furthest beyond counts.
    """
    for name, limit in limits.items():
        found = [*_numbers(body, limit)]
        if found and len(topic) <= MAX_TEXT_CHARS:
            worst = max(found) if limit.above is not None else min(found)
            _keep(known, watched(name, topic), limit, worst, arrival)


def watched(name: str, topic: str) -> str:
    """Under which key the value of a limit on a topic is kept."""
    return f"{name} {topic}"


def _keep(
    known: dict[str, WatchedValue],
    key: str,
    limit: LimitRule,
    value: float,
    arrival: Arrival,
) -> None:
    before = known.pop(key, None)
    beyond = limit.beyond(value, was=before is not None and before.beyond)
    same = before is not None and before.beyond == beyond
    since = before.since if before is not None and same else arrival.news_at
    known[key] = WatchedValue(value, beyond, since)
    if len(known) > MAX_WATCHED:
        del known[next(iter(known))]


def _numbers(body: Any, limit: LimitRule) -> Iterator[float]:
    """The numbers its path leads to, in the unit of the limit; truth values are none."""
    told = told_unit(body, limit.steps)
    for found in values_at(body, limit.steps):
        if exact_json.is_number(found) and abs(found) <= sys.float_info.max:
            value = in_unit(float(found), told, limit.unit)
            if value is not None:
                yield value


def told_unit(body: Any, steps: tuple[PathStep, ...]) -> str | None:
    """The unit that a message tells of the field a path leads to; None where it tells none."""
    holder, name = next(values_at(body, steps[:-1]), None), steps[-1]
    if not isinstance(holder, dict) or not isinstance(name, str):
        return None
    return told_units(holder, [one for one in holder if not names_unit(one)]).get(name)


def values_at(body: Any, steps: tuple[PathStep, ...]) -> Iterator[Any]:
    """Whatever a path leads to."""
    if not steps:
        yield body
        return
    step, rest = steps[0], steps[1:]
    if isinstance(body, dict) and isinstance(step, str) and step in body:
        yield from values_at(body[step], rest)
    elif isinstance(body, list) and step is None:
        for one in body:
            yield from values_at(one, rest)
    elif isinstance(body, list) and isinstance(step, int) and step < len(body):
        yield from values_at(body[step], rest)
