"""The judge of histories: what one object could show passes, what none could is caught."""

from random import Random
from typing import Any

import pytest

from tests.support.linearizability import (
    LEASE,
    LEASE_FREE,
    LOCK,
    Append,
    Listing,
    ObjectModel,
    Operation,
    append_faults,
    lease_step,
    linearizable,
)
from tests.support.mutants import StreamHistory, mutants, stream_mutants


def took(client: str, outcome: Any, called: float, returned: float) -> Operation:
    return Operation(client, "control-take", (client,), outcome, called, returned)


def asked(command: str, outcome: str, called: float, returned: float) -> Operation:
    return Operation("x", "ask", (command,), outcome, called, returned)


def ended(command: str, called: float, returned: float) -> Operation:
    return Operation("x", "end", (command,), "", called, returned)


def looked(outcome: tuple[str, str], called: float) -> Operation:
    return Operation("r", "read", (), outcome, called, called + 1)


AFTER = (asked("3", "accepted", 6, 7), ended("3", 6, 8))
CASES: dict[str, tuple[ObjectModel, list[Operation], bool]] = {
    "of two at once one wins": (
        LEASE,
        [took("a", "refused", 0, 9), took("b", "effect", 0, 9)],
        True,
    ),
    "of two at once both win": (
        LEASE,
        [took("a", "effect", 0, 9), took("b", "effect", 0, 9)],
        False,
    ),
    "refused before anybody had it": (
        LEASE,
        [took("a", "refused", 0, 1), took("b", "effect", 2, 3)],
        False,
    ),
    "a reader sees what is under way": (
        LEASE,
        [took("a", "effect", 0, 9), looked(("a", ""), 3), looked(("a", ""), 5)],
        True,
    ),
    "a reader sees it, and the next one does not any more": (
        LEASE,
        [took("a", "effect", 0, 9), looked(("a", ""), 3), looked(LEASE_FREE, 5)],
        False,
    ),
    "a lock goes from one command to the next": (
        LOCK,
        [asked("1", "accepted", 0, 1), asked("2", "1", 1, 2), ended("1", 0, 5), *AFTER],
        True,
    ),
    "a lock has two commands": (
        LOCK,
        [asked("1", "accepted", 0, 1), asked("2", "accepted", 2, 3)],
        False,
    ),
    "who was faster was not": (
        LOCK,
        [asked("1", "accepted", 0, 1), ended("1", 0, 2), asked("2", "9", 3, 4)],
        False,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_history_is_judged(case: str) -> None:
    model, history, right = CASES[case]
    assert linearizable(history, model) is right


FINAL = ("1", "2", "3")


@pytest.mark.parametrize(
    ("final", "appended", "listed", "said"),
    [
        (FINAL, [Append("1", 0, 1), Append("3", 2, 3)], [(("1", "2"), 1, 2)], ""),
        (FINAL, [Append("4", 0, 1)], [], "4 was lost"),
        (("1", "2", "1"), [], [], "twice"),
        (FINAL, [Append("3", 0, 1), Append("1", 2, 3)], [], "before what was there"),
        (FINAL, [], [(("1", "3"), 0, 1)], "no beginning"),
        (FINAL, [Append("2", 0, 1)], [(("1",), 2, 3)], "was not seen"),
        (FINAL, [Append("2", 2, 3)], [(("1", "2"), 0, 1)], "before it was written"),
    ],
)
def test_a_stream_is_a_list_that_only_grows(
    final: tuple[str, ...], appended: list[Append], listed: list[Any], said: str
) -> None:
    found = append_faults(final, appended, [Listing(*one) for one in listed])
    assert (found == []) if not said else any(said in one for one in found)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_ninety_five_of_a_hundred_changed_histories_are_caught(seed: int) -> None:
    history = lease_history(300, seed)
    assert linearizable(history, LEASE)
    caught = [not linearizable(one, LEASE) for one in mutants(history, 100, seed + 1)]
    assert len(caught) == 100
    assert sum(caught) >= 95


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_changed_stream_is_caught(seed: int) -> None:
    history = stream_history(40, seed)
    assert append_faults(*history) == []
    changed = stream_mutants(history, 100, seed)
    assert [one for one in changed if not append_faults(*one)] == []


def stream_history(count: int, seed: int) -> StreamHistory:
    """A writer of each third of a second, and readers beside."""
    dice = Random(seed)  # noqa: S311 - to be repeated
    final = tuple(str(n) for n in range(count))
    appended = tuple(Append(one, at / 3, at / 3 + 0.2) for at, one in enumerate(final))
    seen = (round(dice.uniform(0, count / 3), 3) for _ in range(20))
    listings = (Listing(final[: sum(one.returned < at for one in appended)], at, at) for at in seen)
    return StreamHistory(final, appended, tuple(listings))


def lease_history(count: int, seed: int) -> list[Operation]:
    """What ten people see of one lease, each operation within a time around its moment."""
    dice, state, moment = Random(seed), LEASE_FREE, 0.0  # noqa: S311 - to be repeated
    free_at = dict.fromkeys((f"p{n}" for n in range(10)), 0.0)
    made: list[Operation] = []
    for _ in range(count):
        moment += dice.uniform(0.02, 0.1)
        who = dice.choice([one for one, at in free_at.items() if at <= moment])
        called = max(free_at[who], moment - dice.uniform(0, 0.15))
        free_at[who] = returned = moment + dice.uniform(0, 0.15)
        name = dice.choice(["take", "release", "request", "hand-over", "read"])
        if name == "read":
            made.append(Operation(who, "read", (), state, called, returned))
            continue
        after = lease_step(state, f"control-{name}", (who,), "effect")
        outcome = "refused" if after is None else "effect"
        state = state if after is None else after  # type: ignore[assignment]
        made.append(Operation(who, f"control-{name}", (who,), outcome, called, returned))
    return made
