"""Every life of an alarm keeps to the table, whatever the factory, the clock and people do."""

import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from omf.alarms.alarm import Alarm
from omf.alarms.changes import carry_out, observe, refusal
from omf.alarms.life import AlarmAct, AlarmEntry, AlarmLife
from omf.alarms.lifecycle import HIDDEN, LATCHING, PASSAGES, AlarmEvent, AlarmState
from omf.texts import verbatim
from tools.alarm_lifecycle import render

DOCUMENT = Path(__file__).parents[4] / "docs" / "alarms-lifecycle.md"
NAMES = ["danger:gas", "collision:5iO4", "device-silent:SVR3QA0022"]
BY_PEOPLE = (
    AlarmEvent.ACKNOWLEDGED,
    AlarmEvent.RESET,
    AlarmEvent.COMMENTED,
    AlarmEvent.SHELVED,
    AlarmEvent.UNSHELVED,
    AlarmEvent.TAKEN_OUT,
    AlarmEvent.PUT_BACK,
)
ENDING = (AlarmEvent.SHELVED, AlarmEvent.TAKEN_OUT)


def alarm(name: str, said: str = "", cause: str = "") -> Alarm:
    kind, _, subject = name.partition(":")
    words = verbatim(said or name)
    return Alarm(
        id=name,
        rule=kind,
        severity="warning",
        subject=subject,
        since=1.0,
        text=words,
        action=words,
        cause=cause,
        suppressed=verbatim("explained") if cause else None,
    )


def explained(names: set[str], causes: set[str]) -> list[Alarm]:
    """The alarms of these names; what is among `causes` is explained by the first of them all."""
    return [alarm(one, cause=NAMES[0] if one in causes else "") for one in sorted(names)]


def allowed(entry: AlarmEntry) -> bool:
    rows = (row for row in PASSAGES if row.event is entry.event and entry.before in row.before)
    latches = entry.rule in LATCHING
    return any(
        (row.after or entry.before) is entry.after and row.latching in (None, latches)
        for row in rows
    )


class AlarmsMachine(RuleBasedStateMachine):
    """The factory raises and ends, people act, time passes; entries and lives must agree."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1_000.0
        self.found: set[str] = set()
        self.lives: dict[str, AlarmLife] = {}
        self.told = dict.fromkeys(NAMES, AlarmState.NORMAL)

    def take(self, entries: list[AlarmEntry]) -> None:
        for entry in entries:
            assert allowed(entry), entry
            assert entry.before is self.told[entry.alarm]
            self.told[entry.alarm] = entry.after

    @rule(
        found=st.sets(st.sampled_from(NAMES)),
        explains=st.sets(st.sampled_from(NAMES[1:])),
        passed_s=st.sampled_from([0.5, 60.0, 4000.0]),
    )
    def look(self, found: set[str], explains: set[str], passed_s: float) -> None:
        self.now += passed_s
        self.found = found
        alarms = explained(found, explains)
        self.lives, entries = observe(self.lives, alarms, self.now)
        self.take(entries)
        again, more = observe(self.lives, alarms, self.now)
        assert (again, more) == (self.lives, [])
        for one in alarms:
            assert not one.suppressed or self.lives[one.id].state in HIDDEN

    @rule(name=st.sampled_from(NAMES), event=st.sampled_from(BY_PEOPLE))
    def person(self, name: str, event: AlarmEvent) -> None:
        until = self.now + 900 if event in ENDING else None
        why = refusal(self.lives.get(name), event)
        act = AlarmAct(self.now, "anna", "why", until, "c-1")
        before = self.lives
        self.lives, entry = carry_out(before, name, event, act)
        self.take([entry])
        assert (why is not None) == (entry.event is AlarmEvent.REFUSED)
        assert (entry.why is not None) == (entry.event is AlarmEvent.REFUSED)
        assert (entry.who, entry.command_id) == ("anna", "c-1")
        if why:
            assert self.lives == before

    @invariant()
    def each_alarm_is_where_its_entries_say(self) -> None:
        states = {name: life.state for name, life in self.lives.items()}
        assert states == {n: one for n, one in self.told.items() if one is not AlarmState.NORMAL}

    @invariant()
    def what_stands_is_never_normal(self) -> None:
        assert {name for name, life in self.lives.items() if life.stands} == self.found

    @invariant()
    def what_people_hid_has_an_end_and_who_hid_it(self) -> None:
        for life in self.lives.values():
            by_people = life.state in HIDDEN and life.state is not AlarmState.SUPPRESSED
            assert by_people == bool(life.hidden_by)
            assert not by_people or life.hidden_until is not None

    @invariant()
    def what_the_design_suppresses_says_why_and_stands(self) -> None:
        for life in self.lives.values():
            if life.state is AlarmState.SUPPRESSED:
                assert (life.suppressed is not None, life.stands) == (True, True)
            elif life.state not in HIDDEN:
                assert (life.suppressed, life.cause, life.hidden_until) == (None, "", None)

    @invariant()
    def it_survives_being_stored(self) -> None:
        for life in self.lives.values():
            assert AlarmLife.model_validate_json(life.model_dump_json()) == life


TestAlarmsMachine = AlarmsMachine.TestCase
TestAlarmsMachine.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_no_two_rows_answer_for_the_same() -> None:
    places: dict[tuple[Any, ...], int] = {}
    for row in PASSAGES:
        stands = (True, False) if row.stands is None else (row.stands,)
        latching = (True, False) if row.latching is None else (row.latching,)
        for place in itertools.product([row.event], row.before, stands, latching):
            places[place] = places.get(place, 0) + 1
    assert set(places.values()) == {1}


@pytest.mark.parametrize("state", [one for one in AlarmState if one is not AlarmState.NORMAL])
def test_every_state_is_reached_and_left(state: AlarmState) -> None:
    assert any(row.after is state for row in PASSAGES)
    assert any(state in row.before and row.after not in (None, state) for row in PASSAGES)


def test_the_document_is_made_of_the_table() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == render(), (
        "run: python -m tools.alarm_lifecycle > docs/alarms-lifecycle.md"
    )
