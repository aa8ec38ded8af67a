"""Histories that no correct object could show, made of one that is: what a judge must catch."""

from collections.abc import Callable, Sequence
from random import Random

from tests.support.linearizability import Operation

Mutation = Callable[[list[Operation], Random], list[Operation] | None]
"""None where the history has nothing to do it to."""


RELEASES = ("control-release", "control-hand-over")


def mutants(history: Sequence[Operation], count: int, seed: int) -> list[list[Operation]]:
    """That many changed histories, by turns of each kind; the same seed, the same mutants."""
    dice = Random(seed)  # noqa: S311 - to be repeated by its seed
    made: list[list[Operation]] = []
    for number in range(50 * count):
        changed = MUTATIONS[number % len(MUTATIONS)](list(history), dice)
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
    """What was given up is given up once more after everything else."""
    found = _changes(history)
    if not found:
        return None
    one, end = history[dice.choice(found)], max(each.returned for each in history)
    return [*history, one._replace(called=end + 1, returned=end + 2)]


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
