"""What follows from a receipt, a proof or silence: every way a command can end."""

from typing import Any

import pytest

from omf.commands import Effect, Plan, PlannedStep, Verdict
from omf.texts import stored
from services.common.store.keys import Reason, Receipt, ReceiptStage, Role, Stage
from services.orders import transitions
from services.orders.execution import GATEWAY_S, LOOK_S, CommandExecution, Proof, Transition
from tests.support.command_examples import command_of

TEXT = stored(de="es", en="it")
PROVEN = Verdict(outcome="effect", text=stored(de="gut", en="good"))
DENIED = Verdict(outcome="failed", text=stored(de="schlecht", en="bad"))
END = Effect(rule="action-finished", topics=("end",), window_s=90, text=TEXT)
BEGIN = END.model_copy(update={"rule": "action-begun", "window_s": 5, "follow_up": END})
ASKED = 1000.0


def step(**changes: Any) -> PlannedStep:
    fixed = {"topic": "t", "payload": "{}", "title": TEXT, "effect": BEGIN}
    return PlannedStep(**{**fixed, **changes})


def accepted(*steps: PlannedStep) -> CommandExecution:
    command = command_of("k", role=Role.OPERATOR, created_at=ASKED)
    plan = Plan(kind="k", parameters={}, steps=steps or (step(),), checks=())
    begun = transitions.begin(
        command, plan, now=ASKED, journal_id="0-0", expires_at=ASKED + 10, expiry_s=10
    )
    assert begun.execution
    return begun.execution


def told(
    execution: CommandExecution,
    stage: ReceiptStage,
    at: float = ASKED + 1,
    proof: Proof | None = None,
) -> Transition:
    receipt = Receipt(
        outbox_id=execution.outbox_id, command_id="c", step=execution.step, stage=stage, at=at
    )
    return transitions.on_receipt(execution, receipt, proof, at)


def acknowledged(execution: CommandExecution, at: float = ASKED + 1) -> CommandExecution:
    transition = told(execution, ReceiptStage.ACKNOWLEDGED, at)
    assert transition.execution
    return transition.execution


def stages(transition: Transition) -> list[str]:
    return [event.stage.value for event in transition.events]


def seen(verdict: Verdict, message_id: str = "5-0") -> Proof:
    return Proof(verdict, message_id)


def test_the_beginning_asks_accepts_and_puts_into_the_outbox() -> None:
    execution = accepted()
    assert execution.told == 3
    assert execution.deadline is None


def test_an_acknowledgement_without_an_attempt_tells_both() -> None:
    transition = told(accepted(), ReceiptStage.ACKNOWLEDGED)
    assert stages(transition) == ["published", "acknowledged"]
    assert transition.execution
    assert transition.execution.deadline == ASKED + 1 + BEGIN.window_s


def test_the_same_receipt_again_changes_nothing() -> None:
    once = told(accepted(), ReceiptStage.ATTEMPTED).execution
    assert once
    assert told(once, ReceiptStage.ATTEMPTED) == Transition(once)


def test_a_receipt_of_another_step_changes_nothing() -> None:
    execution = accepted()
    receipt = Receipt(outbox_id="c/7", command_id="c", step=7, stage="expired", at=1)
    assert transitions.on_receipt(execution, receipt, None, 1) == Transition(execution)


@pytest.mark.parametrize("stage", [ReceiptStage.REFUSED, ReceiptStage.EXPIRED])
def test_what_the_gateway_did_not_send_ends_the_command(stage: ReceiptStage) -> None:
    transition = told(accepted(), stage, proof=seen(PROVEN))
    assert stages(transition) == [stage.value]
    assert transition.execution is None
    assert transition.release


def test_a_proof_seen_before_the_receipt_waits_for_it() -> None:
    attempted = told(accepted(), ReceiptStage.ATTEMPTED, proof=seen(PROVEN))
    assert stages(attempted) == ["published"]
    assert attempted.execution
    transition = told(attempted.execution, ReceiptStage.ACKNOWLEDGED, proof=seen(PROVEN))
    assert stages(transition) == ["acknowledged", "effect"]


def test_an_unknown_outcome_is_cleared_up_by_the_factory() -> None:
    doubtful = told(accepted(), ReceiptStage.UNKNOWN)
    assert stages(doubtful) == []
    assert doubtful.execution
    assert stages(transitions.on_proof(doubtful.execution, seen(PROVEN), ASKED + 2)) == ["effect"]


def test_an_unknown_outcome_nobody_sees_stays_unknown() -> None:
    doubtful = told(accepted(), ReceiptStage.UNKNOWN).execution
    assert doubtful
    assert doubtful.deadline
    assert doubtful.deadline <= ASKED + 1 + LOOK_S
    transition = transitions.on_silence(doubtful, ASKED + 20, (), blind=False)
    assert stages(transition) == ["unknown"]


def test_silence_is_no_effect_with_the_likely_cause_last() -> None:
    why = Reason(id="cause", de="x", en="x")
    transition = transitions.on_silence(acknowledged(accepted()), ASKED + 9, (why,), blind=False)
    assert stages(transition) == ["no_effect"]
    assert [reason.id for reason in transition.events[0].reasons] == ["silence", "cause"]


def test_silence_nobody_could_hear_is_unknown() -> None:
    transition = transitions.on_silence(acknowledged(accepted()), ASKED + 9, (), blind=True)
    assert stages(transition) == ["unknown"]


def test_a_gateway_that_never_comes_back_leaves_it_unknown() -> None:
    execution = told(accepted(), ReceiptStage.ATTEMPTED).execution
    assert execution
    assert execution.deadline == ASKED + 1 + BEGIN.window_s + GATEWAY_S
    assert stages(transitions.on_silence(execution, ASKED + 99, (), blind=False)) == ["unknown"]


def test_what_the_factory_denies_has_failed() -> None:
    transition = transitions.on_proof(acknowledged(accepted()), seen(DENIED), ASKED + 2)
    assert stages(transition) == ["failed"]
    assert transition.release


def test_the_order_a_command_made_is_known_to_its_end() -> None:
    """The list of ended orders that tells the course names many."""
    answered = Proof(PROVEN, "5-0", "order-1")
    decided = transitions.on_proof(acknowledged(accepted()), answered, ASKED + 2)
    assert [event.order_id for event in decided.events] == ["order-1"]
    assert decided.execution
    course = transitions.on_proof(decided.execution, seen(PROVEN, "9-0"), ASKED + 60)
    assert [event.order_id for event in course.events] == ["order-1"]


def test_the_course_of_an_order_is_noted_after_the_outcome() -> None:
    proven = transitions.on_proof(acknowledged(accepted()), seen(PROVEN), ASKED + 2)
    assert stages(proven) == ["effect"]
    assert proven.release
    assert proven.execution
    noted = transitions.on_proof(proven.execution, seen(DENIED, "6-0"), ASKED + 90)
    assert [event.stage for event in noted.events] == [Stage.EFFECT]
    assert noted.events[0].reasons[0].id == "course-failed"
    assert noted.events[0].evidence == ("5-0", "6-0")
    assert transitions.on_silence(proven.execution, ASKED + 99, (), blind=False) == Transition(None)


def test_an_action_of_a_device_counts_only_at_its_end() -> None:
    begun = transitions.on_proof(
        acknowledged(accepted(step(action_id="a", device="d"))), seen(PROVEN), ASKED + 2
    )
    assert stages(begun) == []
    assert begun.execution
    assert begun.execution.awaiting == END
    ended = transitions.on_proof(begun.execution, seen(PROVEN, "6-0"), ASKED + 12)
    assert stages(ended) == ["effect"]
    assert ended.events[0].evidence == ("5-0", "6-0")


def test_the_next_step_goes_out_only_after_the_end_of_the_one_before() -> None:
    execution = acknowledged(accepted(step(), step(payload="second")))
    begun = transitions.on_proof(execution, seen(PROVEN), ASKED + 2)
    assert begun.outgoing is None
    assert begun.execution
    onward = transitions.on_proof(begun.execution, seen(PROVEN, "6-0"), ASKED + 12)
    assert stages(onward) == ["queued"]
    assert onward.events[0].evidence == ("5-0", "6-0")
    assert onward.outgoing
    assert (onward.outgoing.outbox_id, onward.outgoing.payload) == ("c/1", "second")
    assert onward.outgoing.expires_at == ASKED + 22
    assert not onward.release


def test_a_failed_step_stops_the_bracket() -> None:
    execution = acknowledged(accepted(step(), step(payload="second")))
    transition = transitions.on_proof(execution, seen(DENIED), ASKED + 2)
    assert stages(transition) == ["failed"]
    assert transition.outgoing is None


def test_every_event_is_counted() -> None:
    execution = accepted(step(), step())
    total = 3
    for transition in (
        told(execution, ReceiptStage.ATTEMPTED),
        told(execution, ReceiptStage.ACKNOWLEDGED),
    ):
        assert transition.execution
        assert transition.execution.told == total + len(transition.events)


def test_an_execution_survives_as_json() -> None:
    execution = acknowledged(accepted(step(), step(action_id="a")))
    assert CommandExecution.model_validate_json(execution.model_dump_json()) == execution


def held() -> CommandExecution:
    """A bracket whose first step is proven and whose second waits for a person."""
    begun = accepted(step(), step(action_id="a"))
    plan = begun.plan.model_copy(update={"automatic": False})
    running = acknowledged(begun.model_copy(update={"plan": plan}))
    for _ in range(2):
        transition = transitions.on_proof(running, seen(PROVEN), ASKED + 3)
        assert transition.execution
        running = transition.execution
    assert stages(transition) == ["accepted"]
    assert transition.outgoing is None
    return running


def test_a_step_that_waits_is_not_sent_before_its_release_and_then_lives_anew() -> None:
    waiting = held()
    assert waiting.waiting
    assert waiting.deadline is None
    transition = transitions.release(waiting, "bert", ASKED + 900)
    assert stages(transition) == ["queued"]
    assert transition.outgoing
    assert (transition.outgoing.step, transition.outgoing.expires_at) == (1, ASKED + 910)


def test_cancelling_ends_a_bracket_that_waits_and_lets_a_step_under_way_run_out() -> None:
    assert stages(transitions.cancel(held(), "bert", ASKED + 5)) == ["failed"]
    under_way = transitions.cancel(acknowledged(accepted(step(), step())), "bert", ASKED + 5)
    assert under_way.execution
    assert under_way.events == ()
    begun = transitions.on_proof(under_way.execution, seen(PROVEN), ASKED + 6).execution
    assert begun
    ended = transitions.on_proof(begun, seen(PROVEN), ASKED + 9)
    assert stages(ended) == ["failed"]
    assert (ended.execution, ended.outgoing, ended.release) == (None, None, True)


def test_a_step_nobody_releases_ends_its_bracket() -> None:
    transition = transitions.on_abandoned(held(), ASKED + 4000)
    assert [event.reasons[0].id for event in transition.events] == ["abandoned"]
    assert transition.release


def test_a_clock_set_back_does_not_make_a_command_wait_for_it() -> None:
    execution = acknowledged(accepted())
    now = ASKED - 3600
    kept = execution.followed_clock(0.0, now)
    assert kept.clock_set_back
    assert kept.deadline == now + BEGIN.window_s
    assert kept.step_since < now
    assert execution.followed_clock(0.0, ASKED + 1) is execution


def test_a_command_not_yet_sent_expires_in_its_own_time_after_the_clock_was_set_back() -> None:
    assert accepted().followed_clock(0.0, ASKED - 3600).expires_at == ASKED - 3600 + 10


def test_a_clock_set_forward_takes_nothing_from_a_window() -> None:
    execution = acknowledged(accepted())
    assert execution.deadline
    assert execution.shifted(3600).deadline == execution.deadline + 3600
    assert execution.shifted(3600).doubt_at is None
