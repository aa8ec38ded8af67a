"""Histories of one alarm that no correct owner could show, made of one that is."""

from collections.abc import Sequence
from random import Random

from tests.support.alarm_model import ActOutcome
from tests.support.linearizability import Operation
from tests.support.mutants import Mutation

COMES_TO = {
    "alarm-acknowledge": "acknowledged",
    "alarm-reset": "normal",
    "alarm-shelve": "shelved",
    "alarm-unshelve": "unacknowledged",
    "alarm-out-of-service": "out_of_service",
    "alarm-return-to-service": "unacknowledged",
}
"""Where an act usually leads; a comment leads nowhere."""


def _acts(history: Sequence[Operation], stage: str) -> list[int]:
    """Acts that ended so, without comments, of which any number is right."""
    found = enumerate(history)
    return [n for n, one in found if one.name in COMES_TO and one.outcome[0] == stage]


def _told(history: list[Operation], n: int, outcome: object) -> list[Operation]:
    return [*history[:n], history[n]._replace(outcome=outcome), *history[n + 1 :]]


def refused_and_done(history: list[Operation], dice: Random) -> list[Operation] | None:
    """A refusal that was told as an effect: two people have done the same."""
    if not (found := _acts(history, "refused")):
        return None
    n = dice.choice(found)
    return _told(history, n, ActOutcome("effect", COMES_TO[history[n].name]))


def done_and_refused(history: list[Operation], dice: Random) -> list[Operation] | None:
    """An effect that was told as refused."""
    if not (found := _acts(history, "effect")):
        return None
    return _told(history, dice.choice(found), ActOutcome("refused", ""))


def seen_at_another_time(history: list[Operation], dice: Random) -> list[Operation] | None:
    """A reader sees what another one saw at another time."""
    reads = [n for n, one in enumerate(history) if one.name == "read"]
    if not reads:
        return None
    n, other = dice.choice(reads), dice.choice(reads)
    return _told(history, n, history[other].outcome)


def done_again(history: list[Operation], dice: Random) -> list[Operation] | None:
    """What had an effect has it twice more after everything else: once may be right."""
    if not (found := _acts(history, "effect")):
        return None
    one, end = history[dice.choice(found)], max(each.returned for each in history)
    again = (one._replace(called=end + n, returned=end + n + 1) for n in (1, 3))
    return [*history, *again]


def never_asked(history: list[Operation], dice: Random) -> list[Operation] | None:
    """What had an effect is in nobody's history."""
    if not (found := _acts(history, "effect")):
        return None
    n = dice.choice(found)
    return [*history[:n], *history[n + 1 :]]


ALARM_MUTATIONS: tuple[Mutation, ...] = (
    refused_and_done,
    done_and_refused,
    seen_at_another_time,
    done_again,
    never_asked,
)
