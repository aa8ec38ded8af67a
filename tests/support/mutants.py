"""Histories that no correct object could show, made of one that is: what a judge must catch."""

from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

from tests.support.linearizability import Append, Listing, Operation

Mutation = Callable[[list[Operation], Random], list[Operation] | None]
"""None where the history has nothing to do it to."""


RELEASES = ("control-release", "control-hand-over")


def mutants(
    history: Sequence[Operation],
    count: int,
    seed: int,
    mutations: Sequence[Mutation] | None = None,
) -> list[list[Operation]]:
    """That many changed histories, by turns of each kind; the same seed, the same mutants.

    The kinds are those of a lease or a lock, unless `mutations` are given.
    """
    kinds = mutations or MUTATIONS
    dice = Random(seed)  # noqa: S311 - to be repeated by its seed
    made: list[list[Operation]] = []
    for number in range(50 * count):
        changed = kinds[number % len(kinds)](list(history), dice)
        if changed is not None and changed != list(history):
            made.append(changed)
        if len(made) == count:
            break
    return made


def _effects(history: list[Operation]) -> list[int]:
    return [n for n, one in enumerate(history) if one.outcome in ("effect", "accepted")]


def _changes(history: list[Operation]) -> list[int]:
    """What ended that somebody holds it; a lease taken by its holder again changes nothing."""
    released = {n for n in _effects(history) if history[n].name in RELEASES}
    return [n for n, one in enumerate(history) if one.name == "end" or n in released]


def second_winner(history: list[Operation], dice: Random) -> list[Operation] | None:
    """A refusal that was told as an effect: two people hold the same."""
    effect = {"ask": "accepted"}
    refused = [
        n
        for n, one in enumerate(history)
        if one.name not in ("read", "end") and n not in _effects(history)
    ]
    if not refused:
        return None
    n = dice.choice(refused)
    told = effect.get(history[n].name, "effect")
    return [*history[:n], history[n]._replace(outcome=told), *history[n + 1 :]]


def lost_effect(history: list[Operation], dice: Random) -> list[Operation] | None:
    """What had an effect was told as refused: by nobody, or by who was never there."""
    found = _effects(history)
    if not found:
        return None
    n = dice.choice(found)
    return [*history[:n], history[n]._replace(outcome="nobody"), *history[n + 1 :]]


def stale_read(history: list[Operation], dice: Random) -> list[Operation] | None:
    """A reader is told of a holder who never was."""
    reads = [n for n, one in enumerate(history) if one.name == "read"]
    if not reads:
        return None
    n = dice.choice(reads)
    return [*history[:n], history[n]._replace(outcome=("nobody", "")), *history[n + 1 :]]


def doubled_effect(history: list[Operation], dice: Random) -> list[Operation] | None:
    """What was given up is given up twice more after everything else: once may be right."""
    found = _changes(history)
    if not found:
        return None
    one, end = history[dice.choice(found)], max(each.returned for each in history)
    again = (one._replace(called=end + n, returned=end + n + 1) for n in (1, 3))
    return [*history, *again]


def forgotten(history: list[Operation], dice: Random) -> list[Operation] | None:
    """That it was given up is in nobody's history, and yet another one has it."""
    found = _changes(history)
    if not found:
        return None
    n = dice.choice(found)
    return [*history[:n], *history[n + 1 :]]


MUTATIONS: tuple[Mutation, ...] = (
    second_winner,
    lost_effect,
    stale_read,
    doubled_effect,
    forgotten,
)


class StreamHistory(NamedTuple):
    """What lies in a stream at the end, who was told to have written, and who saw what of it."""

    final: tuple[str, ...]
    appended: tuple[Append, ...]
    listings: tuple[Listing, ...]


def stream_mutants(history: StreamHistory, count: int, seed: int) -> list[StreamHistory]:
    """That many histories that no list that only grows could show, by turns of each kind."""
    dice = Random(seed)  # noqa: S311 - to be repeated by its seed
    return [STREAM_MUTATIONS[n % len(STREAM_MUTATIONS)](history, dice) for n in range(count)]


def _lost(history: StreamHistory, dice: Random) -> StreamHistory:
    gone = dice.choice(history.appended).entry
    left = tuple(one for one in history.final if one != gone)
    seen = (
        one._replace(entries=tuple(entry for entry in one.entries if entry != gone))
        for one in history.listings
    )
    return history._replace(final=left, listings=tuple(seen))


def _stands_twice(history: StreamHistory, dice: Random) -> StreamHistory:
    return history._replace(final=(*history.final, dice.choice(history.final)))


def _moved(history: StreamHistory, dice: Random) -> StreamHistory:
    """The first is the last, though it was there before the last was written."""
    del dice
    first, *rest = history.final
    return history._replace(final=(*rest, first), listings=())


def _seen_too_late(history: StreamHistory, dice: Random) -> StreamHistory:
    n = dice.choice([n for n, one in enumerate(history.listings) if one.entries])
    seen = history.listings[n]
    return _told(history, n, seen._replace(entries=seen.entries[: len(seen.entries) // 2]))


def _seen_too_early(history: StreamHistory, dice: Random) -> StreamHistory:
    short = [n for n, one in enumerate(history.listings) if len(one.entries) < len(history.final)]
    n = dice.choice(short)
    return _told(history, n, history.listings[n]._replace(entries=history.final))


def _told(history: StreamHistory, n: int, listing: Listing) -> StreamHistory:
    listings = (*history.listings[:n], listing, *history.listings[n + 1 :])
    return history._replace(listings=listings)


STREAM_MUTATIONS = (_lost, _stands_twice, _moved, _seen_too_late, _seen_too_early)
