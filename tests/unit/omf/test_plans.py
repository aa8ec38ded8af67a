"""Orders by plan: due by the clock on the wall, given once each or skipped with a word."""

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omf.analysis.shifts import WEEKDAYS
from omf.plans import course
from omf.plans.course import PlanFacts, PlanMove
from omf.plans.plan import OrderPlan
from omf.plans.schedule import due_between, next_due
from omf.texts import verbatim

ZONE = ZoneInfo("Europe/Berlin")
DAY = 86_400.0
NOON = datetime(2026, 5, 13, 12, 0, tzinfo=ZONE).timestamp()


def wall(*when: int) -> float:
    return datetime(*when, tzinfo=ZONE).timestamp()  # type: ignore[arg-type,misc]


def plan(since: float = NOON, **changes: Any) -> OrderPlan:
    told = {"times": (time(13, 0),), "days": WEEKDAYS, **changes}
    return OrderPlan(
        name="p", id="c-1", colours=("RED",), operator="a", role="operator", looked_until=since
    ).but(**told)


def facts(
    now: float, *, against: str = "", runs: bool = False, free: int | None = 3, mock: bool = True
) -> PlanFacts:
    return PlanFacts(
        now=now,
        zone=ZONE,
        against=lambda _: verbatim(against) if against else None,
        under_way=lambda _: runs,
        free=lambda _: free,
        lays_in=mock,
    )


def moved(one: OrderPlan, known: PlanFacts) -> PlanMove:
    move = course.advance(one, known)
    assert move is not None
    return move


def test_it_is_given_when_it_is_due_and_only_then() -> None:
    one = plan(colours=("RED", "BLUE"), amount=2)
    assert course.advance(one, facts(NOON + 3599)) is None
    move = moved(one, facts(NOON + 3601))
    assert move.given
    colours = [step.parameters["colour"] for step in move.given.steps]
    assert colours == ["RED", "RED", "BLUE", "BLUE"]
    assert course.advance(move.plan, facts(NOON + 3602)) is None
    again = moved(move.plan, facts(NOON + 3601 + DAY))
    assert again.given
    assert again.given.run_id != move.given.run_id


def test_the_same_time_of_the_same_plan_has_one_id_and_of_another_another() -> None:
    one, other = plan(), plan(id="c-2")
    ids = [moved(p, facts(NOON + 3601 + n)).given for p in (one, other) for n in (0, 9)]
    found = [one.run_id for one in ids if one]
    assert found[0] == found[1] != found[2] == found[3]


@pytest.mark.parametrize(
    ("known", "word"),
    [
        ({"against": "an alarm"}, "an alarm"),
        ({"runs": True}, "The order before still runs."),
    ],
)
def test_what_stands_against_it_skips_it_with_a_word(known: dict[str, Any], word: str) -> None:
    move = moved(plan(), facts(NOON + 3601, **known))
    assert (move.given, move.plan.history[-1].event) == (None, "skipped")
    assert move.plan.why
    assert word in move.plan.why.en
    assert course.advance(move.plan, facts(NOON + 3700)) is None, "it is not made up for"


def test_paused_it_skips_and_resumed_it_makes_up_for_nothing() -> None:
    paused = moved(plan(paused_by="bert"), facts(NOON + 3601))
    assert paused.given is None
    assert course.advance(paused.plan.but(paused_by=""), facts(NOON + 3610)) is None


def test_an_hour_away_orders_no_twelve_pieces() -> None:
    every_five = tuple(time(13, minute) for minute in range(0, 60, 5))
    one = plan(times=every_five)
    move = moved(one, facts(NOON + 7300))
    assert move.given is None
    assert [note.event for note in move.plan.history] == ["skipped", "skipped"]
    assert course.advance(move.plan, facts(NOON + 7301)) is None
    soon = moved(one, facts(NOON + 3600 + 55 * 60 + 5))
    assert soon.given, "the one of just now is given, those before it are skipped"
    assert "11 times skipped" in str(soon.plan.history[0].said)


def test_a_clock_set_back_repeats_nothing_that_was_given() -> None:
    first = moved(plan(), facts(NOON + 3601))
    back = moved(first.plan, facts(NOON))
    assert back.given is None
    assert course.advance(back.plan, facts(NOON + 3601)) is None


def test_a_clock_set_forward_and_back_gives_what_was_skipped_at_its_time() -> None:
    forward = moved(plan(), facts(NOON + DAY))
    assert forward.given is None
    back = moved(forward.plan, facts(NOON + 60))
    assert moved(back.plan, facts(NOON + 3601)).given


def test_in_spring_the_time_left_out_comes_once_and_in_autumn_the_double_one_once() -> None:
    spring = plan(since=wall(2026, 3, 28, 12), times=(time(2, 30),))
    found = due_between(spring, wall(2026, 3, 28, 12), wall(2026, 3, 30, 12), ZONE)
    assert found == [wall(2026, 3, 29, 3, 30), wall(2026, 3, 30, 2, 30)]
    autumn = due_between(spring, wall(2026, 10, 24, 12), wall(2026, 10, 26, 12), ZONE)
    assert len(autumn) == 2
    assert autumn[0] == wall(2026, 10, 25, 2, 30)


def test_a_plan_for_one_time_ends_with_it() -> None:
    at = datetime(2026, 5, 13, 13, 0)  # noqa: DTZ001 - as the wall shows it
    once = plan(times=(), at=at)
    assert next_due(once, NOON, ZONE) == NOON + 3600
    move = moved(once, facts(NOON + 3601))
    assert (bool(move.given), move.plan.ended) == (True, True)
    late = moved(once, facts(NOON + 30 * DAY)) if course.advance(once, facts(NOON + 5000)) else None
    assert late is None or late.given is None
    missed = moved(once, facts(NOON + 5000))
    assert (missed.given, missed.plan.ended) == (None, True)


def test_days_of_the_week_are_held() -> None:
    one = plan(days=("mon",))
    assert next_due(one, NOON, ZONE) == wall(2026, 5, 18, 13)


def test_a_stock_is_kept_where_pieces_can_be_laid_in_and_else_a_person_is_asked() -> None:
    one = plan(times=(), keep=3)
    assert course.advance(one, facts(NOON)) is None
    move = moved(one, facts(NOON, free=2))
    assert move.given
    assert [step.kind for step in move.given.steps] == ["mock-piece"]
    assert course.advance(move.plan, facts(NOON + 30, free=2)) is None, "it is on its way"
    assert moved(move.plan, facts(NOON + 61, free=2)).given
    person = moved(one, facts(NOON, free=1, mock=False)).plan
    assert person.why
    assert "lay a piece into the input" in person.why.en
    assert course.advance(person, facts(NOON + 99, free=1, mock=False)) is None, "said once"
    assert moved(person, facts(NOON + 99)).plan.why is None
    assert moved(one, facts(NOON, free=None)).given is None
    assert course.advance(one.but(paused_by="b"), facts(NOON, free=0)) is None


STEP = st.sampled_from([1.0, 30.0, 600.0, 3600.0, -3600.0, DAY, -DAY])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(STEP, st.booleans()), max_size=60))
def test_whatever_the_clock_does_each_time_is_given_at_most_once(
    steps: list[tuple[float, bool]],
) -> None:
    one, now, seen = plan(times=(time(13), time(13, 1), time(3))), NOON, list[str]()
    for step, blocked in steps:
        now += step
        move = course.advance(one, facts(now, against="x" if blocked else ""))
        if move is None:
            continue
        one = move.plan
        if move.given:
            seen.append(move.given.run_id)
            assert one.history[-1].due is not None
            assert 0 <= now - one.history[-1].due <= course.GRACE_S
    assert len(seen) == len(set(seen))
