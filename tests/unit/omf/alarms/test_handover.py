"""The hand-over of a shift: what is told of it, and that two people sign it, once each."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from omf.alarms.handover import (
    MAX_HANDED_OVER,
    HandoverEntry,
    HandoverEvent,
    HandoverReport,
    PendingHandover,
    answer,
    give,
    handover_report,
    refusal,
)
from omf.alarms.life import AlarmAct
from omf.alarms.lifecycle import AlarmEvent
from omf.texts import LANGUAGES
from tests.unit.omf.alarms.test_kpis import Shift

PEOPLE = st.sampled_from(["anna", "bert", "carla"])
NOTHING = handover_report({}, [], since=0.0, until=60.0)


def wanted(who: str, at: float = 100.0) -> PendingHandover:
    return PendingHandover(id=f"c-{at:g}", shift="early", since=0.0, until=90.0, who=who, at=at)


def told_of(shift: Shift, until: float = 1000.0) -> HandoverReport:
    return handover_report(shift.lives, shift.told, since=0.0, until=until)


def test_what_stands_what_is_hidden_and_what_was_said_is_told_in_three_lists() -> None:
    shift = Shift()
    shift.look(10.0, "collision:a", "collision:b", "danger:gas", "collision:d")
    shift.act(20.0, "collision:a", AlarmEvent.SHELVED, until=900.0)
    shift.act(30.0, "collision:b", AlarmEvent.TAKEN_OUT, until=9000.0)
    shift.act(40.0, "danger:gas", AlarmEvent.COMMENTED)
    shift.act(50.0, "danger:gas", AlarmEvent.ACKNOWLEDGED)
    found = told_of(shift)
    assert [one.alarm for one in found.standing] == ["danger:gas", "collision:d"]
    assert [(one.alarm, one.until, one.by) for one in found.shelved] == [
        ("collision:a", 900.0, "anna")
    ]
    assert [(one.alarm, one.until) for one in found.out_of_service] == [("collision:b", 9000.0)]
    assert [(one.alarm, one.by, one.at) for one in found.comments] == [("danger:gas", "anna", 40.0)]
    assert (found.figures.raised, found.figures.acknowledged, found.untold) == (4, 1, 0)
    assert told_of(shift, until=35.0).comments == ()


def test_a_flood_is_counted_where_it_cannot_be_told_one_by_one() -> None:
    shift = Shift()
    shift.look(10.0, *(f"collision:{number}" for number in range(MAX_HANDED_OVER + 7)))
    found = told_of(shift)
    assert (len(found.standing), found.untold) == (MAX_HANDED_OVER, 7)


class HandoverMachine(RuleBasedStateMachine):
    """People give, take and withdraw in any order: one waits at a time, and two people sign it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 100.0
        self.waiting: PendingHandover | None = None
        self.told: list[HandoverEntry] = []

    def act(self, who: str) -> AlarmAct:
        self.now += 1
        return AlarmAct(self.now, who, "note", command_id=f"c-{self.now}", request_id="r")

    def take(self, before: PendingHandover | None, entry: HandoverEntry, why: object) -> None:
        assert (
            (why is not None) == (entry.event is HandoverEvent.REFUSED) == (entry.why is not None)
        )
        if why:
            assert self.waiting is before
        self.told.append(entry)

    @rule(who=PEOPLE)
    def give(self, who: str) -> None:
        before, act = self.waiting, self.act(who)
        why = refusal(before, HandoverEvent.GIVEN, who)
        self.waiting, entry = give(before, wanted(who, self.now), NOTHING, act)
        assert (why is None) == (before is None)
        self.take(before, entry, why)

    @rule(
        who=PEOPLE,
        event=st.sampled_from([HandoverEvent.TAKEN, HandoverEvent.WITHDRAWN]),
        named=st.sampled_from(["", "right", "wrong"]),
    )
    def end(self, who: str, event: HandoverEvent, named: str) -> None:
        before, act = self.waiting, self.act(who)
        handover = before.id if before and named == "right" else "" if not named else "c-other"
        why = refusal(before, event, who, handover)
        self.waiting, entry = answer(before, handover, event, act)
        own = before is not None and before.who == who
        possible = before is not None and handover != "c-other"
        assert (why is None) == (possible and own == (event is HandoverEvent.WITHDRAWN))
        self.take(before, entry, why)

    @invariant()
    def what_was_given_is_ended_once_and_by_another_person_if_it_is_taken(self) -> None:
        done = [one for one in self.told if one.event is not HandoverEvent.REFUSED]
        for number, one in enumerate(done):
            assert (one.event is HandoverEvent.GIVEN) == (number % 2 == 0)
            assert one.given is not None
            if one.event is HandoverEvent.TAKEN:
                assert one.who != one.given.who
                assert one.given == done[number - 1].given
        assert (self.waiting is None) == (len(done) % 2 == 0)

    @invariant()
    def it_survives_being_stored(self) -> None:
        for one in self.told[-1:]:
            assert HandoverEntry.model_validate_json(one.model_dump_json()) == one
            assert one.why is None or all(one.why.in_(language) for language in LANGUAGES)


TestHandoverMachine = HandoverMachine.TestCase
TestHandoverMachine.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
