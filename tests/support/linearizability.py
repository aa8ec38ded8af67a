"""Judges what several clients saw: is there one order of all of it that a single one could see?

A history is linearizable when each operation can be given one moment between its call and its
return so that the operations, in the order of those moments, do what a model of the object does.
The search is that of Wing and Gong with the memory of Lowe: a set of operations done and the state
reached is looked at once. Histories of different objects are judged one by one.
"""

import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

Step = Callable[[Any, str, tuple[str, ...], Any], Hashable | None]
"""State, operation, arguments, outcome: the next state, or None where that outcome cannot be."""


UNKNOWN = "unknown"
"""The outcome of an operation that happened or did not: nobody was told."""


class Operation(NamedTuple):
    """One thing that a client asked an object for, and what it was told."""

    client: str
    name: str
    given: tuple[str, ...]
    outcome: Any
    called: float
    returned: float


@dataclass(frozen=True)
class ObjectModel:
    """What an object does when it is asked one thing after the other."""

    start: Hashable
    step: Step


def linearizable(history: Sequence[Operation], model: ObjectModel) -> bool:
    """True when some order of the operations, within their times, is one of the model."""
    ordered = sorted(history, key=lambda one: one.called)
    everything = (1 << len(ordered)) - 1
    waiting: list[tuple[int, Hashable]] = [(0, model.start)]
    looked_at = set(waiting)
    while waiting:
        done, state = waiting.pop()
        if done == everything:
            return True
        for number in _next(ordered, done):
            one = ordered[number]
            for after in _afterwards(model, state, one):
                reached = (done | 1 << number, after)
                if reached not in looked_at:
                    looked_at.add(reached)
                    waiting.append(reached)
    return False


def _afterwards(model: ObjectModel, state: Hashable, one: Operation) -> set[Hashable]:
    """States an operation may leave behind; none where its outcome cannot be."""
    after = model.step(state, one.name, one.given, one.outcome)
    reached = set() if after is None else {after}
    return reached | {state} if one.outcome == UNKNOWN else reached


def _next(ordered: Sequence[Operation], done: int) -> list[int]:
    """Operations that may come next: no other one that is left returned before they were called."""
    number = (~done & (done + 1)).bit_length() - 1
    first, left = math.inf, []
    while number < len(ordered) and ordered[number].called <= first:
        if not done >> number & 1:
            left.append(number)
            first = min(first, ordered[number].returned)
        number += 1
    return [number for number in left if ordered[number].called <= first]


LEASE_FREE = ("", "")
"""Holder and who asks for it."""


def lease_step(state: Any, name: str, given: tuple[str, ...], outcome: Any) -> Hashable | None:
    """The control lease: one holder, one who asks, refusals by their reason."""
    holder, asks = state
    if name == "read":
        return state if outcome == state else None
    (who,) = given
    allowed, after = {
        "control-take": (holder in ("", who), (who, asks if holder == who else "")),
        "control-release": (holder == who, LEASE_FREE),
        "control-request": (holder not in ("", who) and asks in ("", who), (holder, who)),
        "control-hand-over": (holder == who and asks != "", (asks, "")),
    }[name]
    if outcome == "effect":
        return after if allowed else None
    return None if allowed else state


LOCK_FREE = ("", False)
"""The command that had it last, and whether it still has."""


def lock_step(state: Any, name: str, given: tuple[str, ...], outcome: Any) -> Hashable | None:
    """The lock of a device or wish: one command at a time, who comes too late is told which."""
    last, held = state
    (command,) = given
    if name == "end":
        return (command, False) if state == (command, True) else None
    if outcome == "accepted":
        return None if held else (command, True)
    # Others wait a moment longer than the command that was faster.
    return state if outcome == last else None


LEASE = ObjectModel(LEASE_FREE, lease_step)
LOCK = ObjectModel(LOCK_FREE, lock_step)


class Append(NamedTuple):
    """An entry that a writer was told to be in a stream."""

    entry: str
    called: float
    returned: float


class Listing(NamedTuple):
    """What a reader found in the whole of a stream."""

    entries: tuple[str, ...]
    called: float
    returned: float


def seen_between(number: int, listings: Iterable[Listing]) -> tuple[float, float]:
    """Within which times the entry at a place of a stream came, by who saw it and who not yet."""
    after, before = -math.inf, math.inf
    for seen in listings:
        if len(seen.entries) > number:
            before = min(before, seen.returned)
        else:
            after = max(after, seen.called)
    return after, before


def append_faults(
    final: Sequence[str], appended: Iterable[Append], listings: Iterable[Listing]
) -> list[str]:
    """What shows that a stream was no list that only grows: lost, doubled, moved, late, early."""
    place = {entry: number for number, entry in enumerate(final)}
    faults = [] if len(place) == len(final) else ["an entry stands twice"]
    known = sorted(appended, key=lambda one: one.called)
    faults += [f"{one.entry} was lost" for one in known if one.entry not in place]
    there = [one for one in known if one.entry in place]
    for one in there:
        late = [two for two in there if two.returned < one.called]
        if any(place[two.entry] > place[one.entry] for two in late):
            faults.append(f"{one.entry} stands before what was there already")
    for seen in listings:
        length = len(seen.entries)
        if tuple(final[:length]) != seen.entries:
            faults.append("a reader saw what is no beginning of it")
        for one in there:
            if one.returned < seen.called and place[one.entry] >= length:
                faults.append(f"{one.entry} was not seen although it was there")
            if one.called > seen.returned and place[one.entry] < length:
                faults.append(f"{one.entry} was seen before it was written")
    return faults
