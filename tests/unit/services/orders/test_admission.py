"""Who is taken on while more is asked for than can be done in time. Time is a number here."""

import pytest

from services.common.store.busy import busy_id, retry_after_s
from services.common.store.keys import CommandEvent, Reason, Stage
from services.common.store.submission import MAX_RETRY_AFTER_S
from services.orders import reasons
from services.orders.admission import (
    ALWAYS_TAKEN,
    MAX_UNDECIDED,
    MAX_WAIT_S,
    Admission,
    AskedCommand,
)

LIFE_S = 10.0


def asked(
    command_id: str, who: str = "", *, waited_s: float = 0.0, ahead: bool = False
) -> AskedCommand:
    return AskedCommand(command_id, who or command_id, LIFE_S, waited_s, ahead)


def done(command_id: str, stage: Stage = Stage.ACKNOWLEDGED) -> CommandEvent:
    return CommandEvent(command_id=command_id, kind="k", stage=stage, at=0.0)


def served(admission: Admission, per_s: float, seconds: float) -> float:
    """A machine that was kept busy by strangers at this rate; the time afterwards."""
    now = 0.0
    for number in range(int(per_s * seconds)):
        name = f"before-{number}"
        assert not admission.retry_s(asked(name), now)
        admission.decided(name)
        now += 1 / per_s
        admission.on_events([done(name)], now)
    return now


def flood(admission: Admission, count: int, now: float, people: int) -> int:
    """Ask for so many at once, of so many people in turn; how many were taken on."""
    taken = 0
    for number in range(count):
        one = asked(f"flood-{now}-{number}", f"flooder {number % people}")
        if not admission.retry_s(one, now):
            admission.decided(one.command_id)
            taken += 1
    return taken


@pytest.mark.parametrize("per_s", [50.0, 200.0, 800.0])
def test_as_many_wait_as_are_done_in_two_seconds(per_s: float) -> None:
    admission = Admission()
    now = served(admission, per_s, 20.0)
    taken = flood(admission, 5000, now, 5000)
    assert taken == pytest.approx(max(ALWAYS_TAKEN, per_s * MAX_WAIT_S), rel=0.25)


def test_a_calm_system_takes_a_burst_of_a_hundred() -> None:
    admission = Admission()
    assert flood(admission, 100, 0.0, 100) == 100


def test_what_is_refused_says_when_half_of_what_waits_is_done() -> None:
    admission = Admission()
    now = served(admission, 20.0, 20.0)
    flood(admission, 1000, now, 1000)
    half_s = len(admission) / 2 / 20.0
    assert half_s <= admission.retry_s(asked("late", "flooder 1"), now) <= half_s + 1.5
    slow = Admission()
    for number in range(ALWAYS_TAKEN):
        slow.retry_s(asked(str(number)), 0.0)
    assert slow.retry_s(asked("late", "0"), 60.0) == MAX_RETRY_AFTER_S


def test_what_waited_too_long_before_it_was_read_finds_no_place() -> None:
    admission = Admission()
    now = served(admission, 200.0, 10.0)
    flood(admission, 100, now, 100)
    assert not admission.retry_s(asked("fresh"), now)
    assert admission.retry_s(asked("old", waited_s=LIFE_S / 2), now)


def test_what_holds_back_is_taken_however_busy_it_is() -> None:
    admission = Admission()
    flood(admission, 1000, 0.0, 1000)
    assert admission.retry_s(asked("order"), 0.0)
    assert not admission.retry_s(asked("cancel", ahead=True), 0.0)


def test_more_undecided_than_the_reader_may_hold_are_refused() -> None:
    admission = Admission()
    now = served(admission, 1000.0, 20.0)
    taken = sum(not admission.retry_s(asked(f"q{n}"), now) for n in range(1000))
    assert taken == MAX_UNDECIDED


def test_one_who_floods_leaves_half_of_the_places_to_others() -> None:
    admission = Admission()
    now = served(admission, 100.0, 20.0)
    taken = flood(admission, 1000, now, 1)
    assert taken <= 100
    assert flood(admission, 50, now + 0.001, 50) >= 45


def test_who_asks_now_and_then_is_taken_on_among_fifty_who_always_ask() -> None:
    admission = Admission()
    now, quiet, refused, flooding, waiting = 0.0, 0, 0, 0, []
    for step in range(2000):  # 20 s at a hundredth: one is done, twenty are asked for
        now += 0.01
        for number in range(20):
            one = asked(f"{step}-{number}", f"flooder {(step * 20 + number) % 50}")
            if not admission.retry_s(one, now):
                admission.decided(one.command_id)
                waiting.append(one.command_id)
                flooding += 1
        if step % 200 == 100:
            calm = asked(f"calm-{step}", "now and then")
            waits = admission.retry_s(calm, now)
            quiet, refused = quiet + (not waits), refused + bool(waits)
            if not waits:
                waiting.append(calm.command_id)
        if waiting:
            admission.on_events([done(waiting.pop(0))], now)
    assert (quiet, refused) == (10, 0)
    assert flooding == pytest.approx(2000, rel=0.2)


def test_an_end_by_expiry_is_no_work_done() -> None:
    admission = Admission()
    now = served(admission, 200.0, 10.0)
    flood(admission, 300, now, 300)
    for number in range(300):
        admission.on_events([done(f"flood-{now}-{number}", Stage.EXPIRED)], now + 10.0)
    assert len(admission) == 0
    assert admission.rate.per_s < 5


def test_idle_time_says_nothing_of_the_machine() -> None:
    admission = Admission()
    now = served(admission, 200.0, 10.0)
    before = admission.rate.per_s
    assert not admission.retry_s(asked("next"), now + 3600)
    assert admission.rate.per_s == before


def test_what_left_without_a_word_is_forgotten_and_an_emptied_store_forgets_all() -> None:
    admission = Admission()
    flood(admission, 10, 0.0, 10)
    admission.clean(59.0)
    assert len(admission) == 10
    admission.clean(61.0)
    assert len(admission) == 0
    flood(admission, 10, 61.0, 10)
    admission.clear()
    assert len(admission) == 0
    assert flood(admission, 10, 62.0, 10) == 10


def test_the_second_entry_of_a_command_is_let_through_to_find_out() -> None:
    admission = Admission()
    assert not admission.retry_s(asked("one"), 0.0)
    flood(admission, 1000, 0.0, 1000)
    waiting = len(admission)
    assert not admission.retry_s(asked("one"), 0.0)
    assert len(admission) == waiting


def test_weights_stay_numbers_over_a_month() -> None:
    admission = Admission()
    for hour in range(24 * 30):
        name = f"hour-{hour}"
        assert not admission.retry_s(asked(name, "anna"), hour * 3600.0)
        admission.left(name, hour * 3600.0 + 0.01, done=True)
    assert not admission.retry_s(asked("last", "ben"), 24 * 30 * 3600.0)


def test_the_reason_names_the_seconds_for_people_and_programs() -> None:
    why = reasons.too_busy(3)
    assert why.id == busy_id(3)
    assert retry_after_s([why]) == 3
    assert all("3 s" in said for said in (why.en, why.de, why.fr))
    assert retry_after_s([Reason(id="too-busy", de="", en="")]) == 1
    assert retry_after_s([reasons.TOO_FAST]) is None
