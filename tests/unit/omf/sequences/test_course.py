"""The state machine of a run: every passage of its table, and whatever may come in any order."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omf.sequences import course
from omf.sequences.conditions import Judged
from omf.sequences.course import CommandEnd, Facts, Move, RunPassage
from omf.sequences.program import compiled
from omf.sequences.reading import steps_of
from omf.sequences.run import ENDED_STATES, RunState, SequenceRun
from omf.texts import Text, verbatim

NOW = 1_790_000_000.0
LED = {"kind": "status-led", "parameters": {"light": "red"}}
PATIENT = {"kind": "park", "patient": True}
IDLE = {"orders": "open", "at_most": 0}
EFFECT = CommandEnd(effect=True, refused=False, said=verbatim("seen"))
REFUSED = CommandEnd(effect=False, refused=True, said=verbatim("refused"))
SILENT = CommandEnd(effect=False, refused=False, said=verbatim("silent"))


def begun(*steps: dict[str, Any], **changes: Any) -> SequenceRun:
    run = SequenceRun(
        id="r",
        name="",
        title=verbatim("t"),
        program=compiled(steps_of({"en": "t"}, steps).steps),
        started_by="anna",
        operator="anna",
        role="operator",
        started_at=NOW,
        since=NOW,
    )
    return course.started(run).but(**changes)


def facts(
    at: float = 0.0,
    *,
    met: bool | None = True,
    end: CommandEnd | None = None,
    against: str = "",
    changed: str = "",
    away_s: float = 0.0,
) -> Facts:
    def words(said: str) -> Text | None:
        return verbatim(said) if said else None

    return Facts(
        now=NOW + at,
        judge=lambda _: Judged(met, verbatim("found")),
        obstacle=lambda _: words(against),
        changed=lambda *_: words(changed),
        end=end,
        away_s=away_s,
    )


def moved(run: SequenceRun, known: Facts) -> Move:
    move = course.advance(run, known)
    assert move is not None
    return move


def passages(run: SequenceRun) -> list[str]:
    return [note.passage for note in run.history]


def test_commands_go_out_one_after_the_other_each_under_its_own_id() -> None:
    first = moved(begun(LED, LED), facts())
    assert first.gift
    assert (first.run.state, first.gift.command_id) == (RunState.GIVEN, "r.1")
    assert course.advance(first.run, facts(1)) is None, "its outcome is awaited"
    second = moved(first.run, facts(2, end=EFFECT))
    assert second.gift
    assert second.gift.command_id == "r.2"
    last = moved(second.run, facts(3, end=EFFECT))
    assert (last.run.state, last.gift) == (RunState.DONE, None)
    assert passages(last.run) == ["started", "give", "effect", "give", "effect", "finished"]


@pytest.mark.parametrize("end", [REFUSED, SILENT])
def test_any_other_end_stops_it_with_its_word(end: CommandEnd) -> None:
    run = moved(moved(begun(LED, LED), facts()).run, facts(1, end=end)).run
    assert (run.state, run.why) == (RunState.STOPPED, end.said)


@pytest.mark.parametrize("end", [EFFECT, REFUSED, SILENT])
def test_an_optional_command_stops_nothing_whatever_comes_of_it(end: CommandEnd) -> None:
    run = moved(begun(LED | {"optional": True}, LED), facts()).run
    assert moved(run, facts(1, end=end)).gift


def test_a_patient_command_waits_until_nothing_stands_against_it() -> None:
    waiting = moved(begun(PATIENT), facts(against="orders run")).run
    assert (waiting.state, waiting.why) == (RunState.WAITING, verbatim("orders run"))
    assert course.advance(waiting, facts(1, against="orders run")) is None
    other = moved(waiting, facts(2, against="one runs")).run
    assert other.why == verbatim("one runs")
    assert len(other.history) == len(waiting.history), "why it waits changes, no passage"
    assert moved(other, facts(3)).gift


def test_a_patient_command_that_is_refused_waits_longer_each_time_and_gets_a_new_id() -> None:
    run = moved(begun(PATIENT), facts()).run
    run = moved(run, facts(1, end=REFUSED)).run
    assert (run.state, run.refusals) == (RunState.WAITING, 1)
    assert course.advance(run, facts(5)) is None
    again = moved(run, facts(7))
    assert again.gift
    assert again.gift.command_id == "r.2"
    run = moved(again.run, facts(8, end=REFUSED)).run
    assert course.advance(run, facts(17)) is None
    assert moved(run, facts(19)).gift
    assert moved(moved(run, facts(19)).run, facts(20, end=SILENT)).run.state is RunState.STOPPED


def test_refusals_do_not_put_off_the_end_of_the_wait() -> None:
    run = moved(begun(PATIENT | {"timeout_s": 10}), facts()).run
    for at in (1, 7):
        run = moved(run, facts(at, end=REFUSED)).run
        run = moved(run, facts(at + 5.5)).run if at == 1 else run
    late = moved(run, facts(30, against="x")).run
    assert (late.state, passages(late)[-1]) == (RunState.STOPPED, "timed_out")


@pytest.mark.parametrize("met", [False, None])
def test_a_wait_ends_when_its_condition_is_met_or_its_time_is_over(*, met: bool | None) -> None:
    wait = {"wait": IDLE, "timeout_s": 10}
    run = moved(begun(wait, LED), facts(met=met)).run
    assert run.state is RunState.WAITING
    assert course.advance(run, facts(10, met=met)) is None
    assert moved(run, facts(10)).gift
    assert moved(run, facts(11, met=met)).run.state is RunState.STOPPED


def test_what_follows_a_wait_that_took_too_long_is_what_the_file_says() -> None:
    wait: dict[str, Any] = {"wait": IDLE, "timeout_s": 10}
    on = begun(wait | {"on_timeout": "go-on"}, LED)
    assert moved(moved(on, facts(met=False)).run, facts(11, met=False)).gift
    other = {"kind": "park"}
    instead = begun(wait | {"else": [other]}, LED)
    late = moved(moved(instead, facts(met=False)).run, facts(11, met=False))
    assert late.gift
    assert late.gift.wanted.kind == "park"
    after = moved(late.run, facts(12, end=EFFECT))
    assert after.gift
    assert after.gift.wanted.kind == "status-led"
    in_time = moved(moved(instead, facts(met=False)).run, facts(5))
    assert in_time.gift
    assert in_time.gift.wanted.kind == "status-led", "what stands under else is left out"


def test_a_branch_takes_one_way_and_both_come_together_again() -> None:
    branch = {"if": IDLE, "then": [{"kind": "park"}], "else": [{"stop": "no"}]}
    yes = moved(begun(branch, LED), facts())
    assert yes.gift
    assert yes.gift.wanted.kind == "park"
    together = moved(yes.run, facts(end=EFFECT))
    assert together.gift
    assert together.gift.wanted.kind == "status-led"
    no = moved(begun(branch, LED), facts(met=False)).run
    assert (no.state, no.why) == (RunState.STOPPED, verbatim("no"))
    assert moved(begun({"if": IDLE, "then": [LED]}), facts(met=False)).run.state is RunState.DONE


def test_a_branch_waits_for_what_is_not_known_and_then_stops() -> None:
    branch = {"if": IDLE, "then": [LED], "else": [LED]}
    run = moved(begun(branch), facts(met=None)).run
    assert run.state is RunState.WAITING
    assert moved(run, facts(5, met=False)).gift
    assert course.advance(run, facts(29, met=None)) is None
    assert moved(run, facts(31, met=None)).run.state is RunState.STOPPED


def test_held_nothing_goes_out_until_somebody_continues_in_his_own_name() -> None:
    run = course.hold(moved(begun(LED, LED), facts()).run, "bert", NOW)
    assert run.state is RunState.HOLDING
    run = moved(run, facts(1, end=EFFECT)).run
    assert (run.state, run.why) == (RunState.HELD, course.text("sequence.held_by", who="bert"))
    assert course.advance(run, facts(99)) is None
    on = course.resume(run, "carla", "admin", NOW + 100)
    assert (on.operator, on.role, on.started_by) == ("carla", "admin", "anna")
    assert moved(on, facts(100)).gift
    early = course.resume(course.hold(moved(begun(LED), facts()).run, "b", NOW), "c", "admin", NOW)
    assert early.state is RunState.GIVEN


def test_a_failure_stops_it_though_it_is_held() -> None:
    run = course.hold(moved(begun(LED, LED), facts()).run, "bert", NOW)
    assert moved(run, facts(1, end=SILENT)).run.state is RunState.STOPPED


def test_cancelled_it_gives_nothing_more_whatever_comes() -> None:
    run = course.cancel(moved(begun(LED, LED), facts()).run, "bert", NOW)
    assert run.state is RunState.CANCELLED
    assert course.advance(run, facts(1, end=EFFECT)) is None


def test_a_command_that_is_no_longer_what_was_read_holds_it() -> None:
    run = moved(begun(LED | {"read": "a.b.c.d"}), facts(changed="another way")).run
    assert (run.state, run.command_id) == (RunState.HELD, "")
    assert moved(course.resume(run, "anna", "operator", NOW), facts(changed="another way")).gift


def test_left_alone_for_long_it_holds_and_a_restart_does_not() -> None:
    run = begun(LED, LED)
    assert moved(run, facts(away_s=590)).gift
    assert moved(run, facts(away_s=3600)).run.state is RunState.HELD
    assert moved(run, facts(away_s=-3600)).run.state is RunState.HELD
    given = moved(run, facts()).run
    assert moved(given, facts(away_s=3600)).run.state is RunState.HOLDING
    ended = moved(given, facts(3600, away_s=3600, end=EFFECT))
    assert (ended.run.state, ended.gift) == (RunState.HELD, None), "its end is noted, no more"


def test_ids_of_its_commands_fit_whatever_its_own_is() -> None:
    assert course.command_id_of("x" * 56, 9999) == "x" * 56 + ".9999"
    long = course.command_id_of("x" * 64, 1)
    assert len(long) < 64
    assert long != course.command_id_of("x" * 63 + "y", 1)


ACTS = ("tick", "met", "unknown", "against", "effect", "refused", "silent", "away", "changed")
STEPS = st.lists(
    st.sampled_from(
        [
            LED,
            LED | {"optional": True},
            LED | {"read": "a.b.c.d"},
            PATIENT,
            PATIENT | {"timeout_s": 5, "else": [LED]},
            {"wait": IDLE, "timeout_s": 5},
            {"wait": IDLE, "timeout_s": 5, "on_timeout": "go-on"},
            {"if": IDLE, "then": [LED], "else": [{"stop": "no"}, LED]},
            {"if": IDLE, "then": [{"if": IDLE, "then": [LED]}]},
        ]
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=300, deadline=None)
@given(STEPS, st.lists(st.sampled_from((*ACTS, "hold", "continue", "cancel")), max_size=40))
def test_whatever_comes_each_command_goes_out_once_and_only_after_the_one_before(
    steps: list[dict[str, Any]], acts: list[str]
) -> None:
    run, given_ids, open_ids = begun(*steps), list[str](), set[str]()
    table = {one.name.lower(): one for one in RunPassage}
    for number, act in enumerate(acts):
        before = run
        move = after(run, act, number * 2.0)
        run = move.run
        assert run.at >= before.at, "no step twice"
        if move.gift:
            assert before.state in (RunState.READY, RunState.WAITING, RunState.GIVEN)
            assert not open_ids - {before.command_id}
            given_ids.append(move.gift.command_id)
        open_ids = {run.command_id} - {""}
        assert (run.state in (RunState.GIVEN, RunState.HOLDING)) <= bool(open_ids)
        if before.ended:
            assert run == before
    assert given_ids == [f"r.{number + 1}" for number in range(len(given_ids))]
    state: RunState | None = None
    for note in run.history:
        passage = table[note.passage]
        assert state in passage.before
        state = passage.after
    assert state is run.state or run.state not in ENDED_STATES


def after(run: SequenceRun, act: str, at: float) -> Move:
    steered = {
        "hold": (lambda: course.hold(run, "bert", NOW + at), {"ready", "waiting", "given"}),
        "continue": (lambda: course.resume(run, "c", "admin", NOW + at), {"held", "holding"}),
        "cancel": (
            lambda: course.cancel(run, "bert", NOW + at),
            {s.value for s in course.OPEN_RUN_STATES},
        ),
    }
    if act in steered:
        do, possible = steered[act]
        return Move(do()) if run.state in possible else Move(run)
    ends = {"effect": EFFECT, "refused": REFUSED, "silent": SILENT}
    known = facts(
        at,
        met={"met": True, "unknown": None}.get(act, False),
        end=ends.get(act) if run.command_id else None,
        against="x" if act == "against" else "",
        changed="y" if act == "changed" else "",
        away_s=3600 if act == "away" else 0,
    )
    return course.advance(run, known) or Move(run)
