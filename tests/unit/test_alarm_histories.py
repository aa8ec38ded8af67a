"""The judge of an alarm's history: what one owner could show passes, what none could is caught."""

from random import Random

import pytest

from omf.alarms.alarm import Alarm
from omf.alarms.changes import carry_out, step
from omf.alarms.life import AlarmAct, AlarmLife
from omf.alarms.lifecycle import AlarmEvent
from omf.texts import verbatim
from tests.support.alarm_model import (
    ALARM,
    LATCHING_ALARM,
    ActOutcome,
    SeenAlarm,
    act_outcome,
    seen_alarm,
)
from tests.support.alarm_mutants import ALARM_MUTATIONS
from tests.support.linearizability import (
    UNKNOWN,
    Listing,
    ObjectModel,
    Operation,
    linearizable,
    seen_between,
)
from tests.support.mutants import mutants

WORDS = verbatim("words")
PEOPLE = [f"p{number}" for number in range(10)]
RAISED = Operation("owner", "raised", (), ("normal", "unacknowledged"), 0, 1)
OVER = Operation("owner", "returned", (), ("acknowledged", "latched"), 4, 5)


def acted(name: str, who: str, stage: str, words: str, called: float) -> Operation:
    told = UNKNOWN if stage == UNKNOWN else ActOutcome(stage, words)
    return Operation(who, f"alarm-{name}", (f"{who}-1",), told, called, called + 1)


def looked(seen: SeenAlarm, called: float) -> Operation:
    return Operation("r", "read", (), seen, called, called + 1)


BY_ANNA = acted("acknowledge", "a", "effect", "acknowledged", 2)
SHELVED = SeenAlarm("shelved", stands=True, hidden="a-1")
STANDS = SeenAlarm("unacknowledged", stands=True)
CASES: dict[str, tuple[ObjectModel, list[Operation], bool]] = {
    "the second is told who was faster": (
        ALARM,
        [RAISED, BY_ANNA, acted("acknowledge", "b", "refused", "a", 2)],
        True,
    ),
    "the second is told that it was somebody else": (
        ALARM,
        [RAISED, BY_ANNA, acted("acknowledge", "b", "refused", "c", 2)],
        False,
    ),
    "it is acknowledged twice": (
        ALARM,
        [RAISED, BY_ANNA, acted("acknowledge", "b", "effect", "acknowledged", 3)],
        False,
    ),
    "nobody was told and it happened": (
        ALARM,
        [RAISED, acted("shelve", "a", UNKNOWN, "", 2), looked(SHELVED, 4)],
        True,
    ),
    "nobody was told and it did not happen": (
        ALARM,
        [RAISED, acted("shelve", "a", UNKNOWN, "", 2), looked(STANDS, 4)],
        True,
    ),
    "nobody was told, it happened, and then it did not": (
        ALARM,
        [RAISED, acted("shelve", "a", UNKNOWN, "", 2), looked(SHELVED, 4), looked(STANDS, 6)],
        False,
    ),
    "fire is over and stays until somebody has looked": (
        LATCHING_ALARM,
        [RAISED, BY_ANNA, OVER, acted("reset", "b", "effect", "normal", 6)],
        True,
    ),
    "any other alarm ends with its cause": (ALARM, [RAISED, BY_ANNA, OVER], False),
}


@pytest.mark.parametrize("case", CASES)
def test_a_history_of_an_alarm_is_judged(case: str) -> None:
    model, history, right = CASES[case]
    assert linearizable(history, model) is right


def test_an_alarm_is_seen_as_its_owner_keeps_it() -> None:
    life = AlarmLife.of(Alarm("x:y", "x", "warning", "y", None, WORDS, WORDS))
    assert seen_alarm(None) == SeenAlarm() == seen_alarm(life)


def test_when_an_entry_came_is_known_by_who_saw_it() -> None:
    listings = [Listing((), 1, 2), Listing(("1",), 3, 4), Listing(("1", "2"), 5, 6)]
    assert seen_between(0, listings) == (1, 4)
    assert seen_between(1, listings) == (3, 6)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("rule", ["connection-lost", "danger"])
def test_ninety_five_of_a_hundred_changed_histories_of_an_alarm_are_caught(
    rule: str, seed: int
) -> None:
    model = LATCHING_ALARM if rule == "danger" else ALARM
    history = KeptAlarm(rule, seed).history(400)
    assert linearizable(history, model)
    changed = mutants(history, 100, seed + 1, ALARM_MUTATIONS)
    caught = [not linearizable(one, model) for one in changed]
    assert len(caught) == 100
    assert sum(caught) >= 95


ACT_EVENTS = {
    "alarm-acknowledge": AlarmEvent.ACKNOWLEDGED,
    "alarm-comment": AlarmEvent.COMMENTED,
    "alarm-shelve": AlarmEvent.SHELVED,
    "alarm-unshelve": AlarmEvent.UNSHELVED,
    "alarm-reset": AlarmEvent.RESET,
    "alarm-out-of-service": AlarmEvent.TAKEN_OUT,
    "alarm-return-to-service": AlarmEvent.PUT_BACK,
}


class KeptAlarm:
    """One alarm as the code of its owner keeps it, with ten people and its cause at it."""

    def __init__(self, rule: str, seed: int) -> None:
        self._dice = Random(seed)  # noqa: S311 - to be repeated
        self._new = AlarmLife.of(Alarm(f"{rule}:1", rule, "warning", "1", None, WORDS, WORDS))
        self._lives: dict[str, AlarmLife] = {}
        self._moment = 0.0
        self._free_at = dict.fromkeys([*PEOPLE, "owner"], 0.0)
        self._made: list[Operation] = []

    def history(self, count: int) -> list[Operation]:
        """So many operations, each within a time around its moment."""
        things = (self._act, self._act, self._read, self._read, self._passage)
        while len(self._made) < count:
            self._moment += self._dice.uniform(0.02, 0.1)
            self._dice.choice(things)()
        return self._made

    def _note(self, client: str, name: str, given: tuple[str, ...], outcome: object) -> None:
        called = max(self._free_at[client], self._moment - self._dice.uniform(0, 0.15))
        self._free_at[client] = returned = self._moment + self._dice.uniform(0, 0.15)
        self._made.append(Operation(client, name, given, outcome, called, returned))

    def _person(self) -> str:
        return self._dice.choice([who for who in PEOPLE if self._free_at[who] <= self._moment])

    def _read(self) -> None:
        self._note(self._person(), "read", (), seen_alarm(self._lives.get(self._new.id)))

    def _act(self) -> None:
        who, name = self._person(), self._dice.choice(list(ACT_EVENTS))
        command = f"{who}-{len(self._made)}"
        act = AlarmAct(self._moment, who, reason=command)
        self._lives, entry = carry_out(self._lives, self._new.id, ACT_EVENTS[name], act)
        if entry.event is AlarmEvent.REFUSED:
            told = act_outcome("failed", entry.why.en if entry.why else "")
        else:
            told = ActOutcome("effect", entry.after.value)
        unknown = self._dice.random() < 0.03
        self._note(who, name, (command,), UNKNOWN if unknown else told)

    def _passage(self) -> None:
        if self._free_at["owner"] > self._moment:
            return
        life = self._lives.get(self._new.id, self._new)
        cause = AlarmEvent.RETURNED if life.stands else AlarmEvent.RAISED
        events = (cause, AlarmEvent.SUPPRESSED, AlarmEvent.UNSUPPRESSED)
        event = self._dice.choices(events, (4, 1, 4))[0]
        if done := step(life, event, AlarmAct(self._moment)):
            self._lives = {} if done[0].state == "normal" else {life.id: done[0]}
            self._note("owner", event.value, (), (life.state.value, done[0].state.value))
