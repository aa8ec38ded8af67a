"""What follows from a receipt, a proof or silence: every way a command can end."""

from typing import Any

import pytest

from omf.commands import Effect, Plan, PlannedStep, Text, Verdict
from services.common.store.keys import Command, Reason, Receipt, ReceiptStage, Role, Stage
from services.orders import progress
from services.orders.pursuit import GATEWAY_S, LOOK_S, Change, Proof, Pursuit

TEXT = Text(de="es", en="it")
PROVEN = Verdict(outcome="effect", de="gut", en="good")
DENIED = Verdict(outcome="failed", de="schlecht", en="bad")
END = Effect(rule="action-finished", topics=("end",), window_s=90, text=TEXT)
BEGIN = END.model_copy(update={"rule": "action-begun", "window_s": 5, "follow_up": END})
ASKED = 1000.0


def step(**changes: Any) -> PlannedStep:
    fixed = {"topic": "t", "payload": "{}", "title": TEXT, "effect": BEGIN}
    return PlannedStep(**{**fixed, **changes})


def accepted(*steps: PlannedStep) -> Pursuit:
    command = Command(
        command_id="c",
        kind="k",
        environment="mock",
        operator="anna",
        role=Role.OPERATOR,
        created_at=ASKED,
    )
    plan = Plan(kind="k", parameters={}, steps=steps or (step(),), checks=())
    begun = progress.begin(
        command, plan, now=ASKED, journal_id="0-0", expires_at=ASKED + 10, expiry_s=10
    )
    assert begun.pursuit
    return begun.pursuit


def told(
    pursuit: Pursuit, stage: ReceiptStage, at: float = ASKED + 1, proof: Proof | None = None
) -> Change:
    receipt = Receipt(
        outbox_id=pursuit.outbox_id, command_id="c", step=pursuit.step, stage=stage, at=at
    )
    return progress.on_receipt(pursuit, receipt, proof, at)


def acknowledged(pursuit: Pursuit, at: float = ASKED + 1) -> Pursuit:
    change = told(pursuit, ReceiptStage.ACKNOWLEDGED, at)
    assert change.pursuit
    return change.pursuit


def stages(change: Change) -> list[str]:
    return [event.stage.value for event in change.events]


def seen(verdict: Verdict, message_id: str = "5-0") -> Proof:
    return Proof(verdict, message_id)


def test_the_beginning_asks_accepts_and_puts_into_the_outbox() -> None:
    pursuit = accepted()
    assert pursuit.told == 3
    assert pursuit.deadline is None


def test_an_acknowledgement_without_an_attempt_tells_both() -> None:
    change = told(accepted(), ReceiptStage.ACKNOWLEDGED)
    assert stages(change) == ["published", "acknowledged"]
    assert change.pursuit
    assert change.pursuit.deadline == ASKED + 1 + BEGIN.window_s


def test_the_same_receipt_again_changes_nothing() -> None:
    once = told(accepted(), ReceiptStage.ATTEMPTED).pursuit
    assert once
    assert told(once, ReceiptStage.ATTEMPTED) == Change(once)


def test_a_receipt_of_another_step_changes_nothing() -> None:
    pursuit = accepted()
    receipt = Receipt(outbox_id="c/7", command_id="c", step=7, stage="expired", at=1)
    assert progress.on_receipt(pursuit, receipt, None, 1) == Change(pursuit)


@pytest.mark.parametrize("stage", [ReceiptStage.REFUSED, ReceiptStage.EXPIRED])
def test_what_the_gateway_did_not_send_ends_the_command(stage: ReceiptStage) -> None:
    change = told(accepted(), stage, proof=seen(PROVEN))
    assert stages(change) == [stage.value]
    assert change.pursuit is None
    assert change.release


def test_a_proof_seen_before_the_receipt_waits_for_it() -> None:
    attempted = told(accepted(), ReceiptStage.ATTEMPTED, proof=seen(PROVEN))
    assert stages(attempted) == ["published"]
    assert attempted.pursuit
    change = told(attempted.pursuit, ReceiptStage.ACKNOWLEDGED, proof=seen(PROVEN))
    assert stages(change) == ["acknowledged", "effect"]


def test_an_unknown_outcome_is_cleared_up_by_the_factory() -> None:
    doubtful = told(accepted(), ReceiptStage.UNKNOWN)
    assert stages(doubtful) == []
    assert doubtful.pursuit
    assert stages(progress.on_proof(doubtful.pursuit, seen(PROVEN), ASKED + 2)) == ["effect"]


def test_an_unknown_outcome_nobody_sees_stays_unknown() -> None:
    doubtful = told(accepted(), ReceiptStage.UNKNOWN).pursuit
    assert doubtful
    assert doubtful.deadline
    assert doubtful.deadline <= ASKED + 1 + LOOK_S
    change = progress.on_silence(doubtful, ASKED + 20, (), blind=False)
    assert stages(change) == ["unknown"]


def test_silence_is_no_effect_with_the_likely_cause_last() -> None:
    why = Reason(id="cause", de="x", en="x")
    change = progress.on_silence(acknowledged(accepted()), ASKED + 9, (why,), blind=False)
    assert stages(change) == ["no_effect"]
    assert [reason.id for reason in change.events[0].reasons] == ["silence", "cause"]


def test_silence_nobody_could_hear_is_unknown() -> None:
    change = progress.on_silence(acknowledged(accepted()), ASKED + 9, (), blind=True)
    assert stages(change) == ["unknown"]


def test_a_gateway_that_never_comes_back_leaves_it_unknown() -> None:
    pursuit = told(accepted(), ReceiptStage.ATTEMPTED).pursuit
    assert pursuit
    assert pursuit.deadline == ASKED + 1 + BEGIN.window_s + GATEWAY_S
    assert stages(progress.on_silence(pursuit, ASKED + 99, (), blind=False)) == ["unknown"]


def test_what_the_factory_denies_has_failed() -> None:
    change = progress.on_proof(acknowledged(accepted()), seen(DENIED), ASKED + 2)
    assert stages(change) == ["failed"]
    assert change.release


def test_the_course_of_an_order_is_noted_after_the_outcome() -> None:
    proven = progress.on_proof(acknowledged(accepted()), seen(PROVEN), ASKED + 2)
    assert stages(proven) == ["effect"]
    assert proven.release
    assert proven.pursuit
    noted = progress.on_proof(proven.pursuit, seen(DENIED, "6-0"), ASKED + 90)
    assert [event.stage for event in noted.events] == [Stage.EFFECT]
    assert noted.events[0].reasons[0].id == "course-failed"
    assert noted.events[0].evidence == ("5-0", "6-0")
    assert progress.on_silence(proven.pursuit, ASKED + 99, (), blind=False) == Change(None)


def test_an_action_of_a_device_counts_only_at_its_end() -> None:
    begun = progress.on_proof(
        acknowledged(accepted(step(action_id="a", device="d"))), seen(PROVEN), ASKED + 2
    )
    assert stages(begun) == []
    assert begun.pursuit
    assert begun.pursuit.awaiting == END
    ended = progress.on_proof(begun.pursuit, seen(PROVEN, "6-0"), ASKED + 12)
    assert stages(ended) == ["effect"]
    assert ended.events[0].evidence == ("5-0", "6-0")


def test_the_next_step_goes_out_only_after_the_end_of_the_one_before() -> None:
    pursuit = acknowledged(accepted(step(), step(payload="second")))
    begun = progress.on_proof(pursuit, seen(PROVEN), ASKED + 2)
    assert begun.outgoing is None
    assert begun.pursuit
    onward = progress.on_proof(begun.pursuit, seen(PROVEN, "6-0"), ASKED + 12)
    assert stages(onward) == ["queued"]
    assert onward.events[0].evidence == ("5-0", "6-0")
    assert onward.outgoing
    assert (onward.outgoing.outbox_id, onward.outgoing.payload) == ("c/1", "second")
    assert onward.outgoing.expires_at == ASKED + 22
    assert not onward.release


def test_a_failed_step_stops_the_bracket() -> None:
    pursuit = acknowledged(accepted(step(), step(payload="second")))
    change = progress.on_proof(pursuit, seen(DENIED), ASKED + 2)
    assert stages(change) == ["failed"]
    assert change.outgoing is None


def test_every_event_is_counted() -> None:
    pursuit = accepted(step(), step())
    total = 3
    for change in (
        told(pursuit, ReceiptStage.ATTEMPTED),
        told(pursuit, ReceiptStage.ACKNOWLEDGED),
    ):
        assert change.pursuit
        assert change.pursuit.told == total + len(change.events)


def test_a_pursuit_survives_as_json() -> None:
    pursuit = acknowledged(accepted(step(), step(action_id="a")))
    assert Pursuit.model_validate_json(pursuit.model_dump_json()) == pursuit


def held() -> Pursuit:
    """A bracket whose first step is proven and whose second waits for a person."""
    begun = accepted(step(), step(action_id="a"))
    plan = begun.plan.model_copy(update={"automatic": False})
    running = acknowledged(begun.model_copy(update={"plan": plan}))
    for _ in range(2):
        change = progress.on_proof(running, seen(PROVEN), ASKED + 3)
        assert change.pursuit
        running = change.pursuit
    assert stages(change) == ["accepted"]
    assert change.outgoing is None
    return running


def test_a_step_that_waits_is_not_sent_before_its_release_and_then_lives_anew() -> None:
    waiting = held()
    assert waiting.waiting
    assert waiting.deadline is None
    change = progress.release(waiting, "bert", ASKED + 900)
    assert stages(change) == ["queued"]
    assert change.outgoing
    assert (change.outgoing.step, change.outgoing.expires_at) == (1, ASKED + 910)


def test_cancelling_ends_a_bracket_that_waits_and_lets_a_step_under_way_run_out() -> None:
    assert stages(progress.cancel(held(), "bert", ASKED + 5)) == ["failed"]
    under_way = progress.cancel(acknowledged(accepted(step(), step())), "bert", ASKED + 5)
    assert under_way.pursuit
    assert under_way.events == ()
    begun = progress.on_proof(under_way.pursuit, seen(PROVEN), ASKED + 6).pursuit
    assert begun
    ended = progress.on_proof(begun, seen(PROVEN), ASKED + 9)
    assert stages(ended) == ["failed"]
    assert (ended.pursuit, ended.outgoing, ended.release) == (None, None, True)


def test_a_step_nobody_releases_ends_its_bracket() -> None:
    change = progress.on_abandoned(held(), ASKED + 4000)
    assert [event.reasons[0].id for event in change.events] == ["abandoned"]
    assert change.release


def test_a_clock_set_back_does_not_make_a_command_wait_for_it() -> None:
    pursuit = acknowledged(accepted())
    now = ASKED - 3600
    kept = pursuit.begun_by(now)
    assert kept.deadline == now + BEGIN.window_s
    assert kept.step_since < now
    assert pursuit.begun_by(ASKED + 1) == pursuit


def test_a_command_not_yet_sent_expires_in_its_own_time_after_the_clock_was_set_back() -> None:
    assert accepted().begun_by(ASKED - 3600).expires_at == ASKED - 3600 + 10


def test_a_clock_set_forward_takes_nothing_from_a_window() -> None:
    pursuit = acknowledged(accepted())
    assert pursuit.deadline
    assert pursuit.shifted(3600).deadline == pursuit.deadline + 3600
    assert pursuit.shifted(3600).doubt_at is None
