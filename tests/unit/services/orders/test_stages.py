"""The table of stages: whole, drawn in the documentation, and what the code really goes by."""

from itertools import pairwise
from pathlib import Path

import pytest

from omf.commands import Effect, Plan, PlannedStep, Verdict
from omf.texts import stored
from services.common.store.keys import (
    FINAL_STAGES,
    CommandEvent,
    Reason,
    Receipt,
    ReceiptStage,
    Role,
    Stage,
)
from services.orders import transitions
from services.orders.decision import Decision
from services.orders.execution import CommandExecution, Proof, Transition
from services.orders.records import completed_events, rejection_events
from services.orders.stages import Passage
from tests.support.command_examples import command_of
from tools.command_lifecycle import render

DOCUMENT = Path(__file__).parents[4] / "docs" / "commands-lifecycle.md"
TEXT = stored(de="es", en="it")
WHY = Reason(id="x", de="x", en="x")
PROVEN = Proof(Verdict(outcome="effect", text=stored(de="gut", en="good")), "5-0")
DENIED = Proof(Verdict(outcome="failed", text=stored(de="schlecht", en="bad")), "6-0")
LAST = Effect(rule="action-finished", topics=("end",), window_s=90, text=TEXT)
COMMAND = command_of("k", role=Role.OPERATOR, created_at=1000)
Walk = list[Stage]


def begun(
    steps: int = 1, *, automatic: bool = True, action: str = "", course: bool = False
) -> Transition:
    effect = LAST.model_copy(update={"follow_up": LAST if course else None})
    step = PlannedStep(topic="t", payload="{}", title=TEXT, effect=effect, action_id=action)
    plan = Plan(kind="k", parameters={}, steps=(step,) * steps, checks=(), automatic=automatic)
    return transitions.begin(
        COMMAND, plan, now=1000, journal_id="0-0", expires_at=1010, expiry_s=10
    )


def receipt(stage: ReceiptStage, step: int = 0) -> Receipt:
    return Receipt(outbox_id=f"c/{step}", command_id="c", step=step, stage=stage, at=1001)


def walks() -> list[Walk]:
    """Every way a command can go, by the functions that decide on it."""
    found = [
        _stages(completed_events(COMMAND, (WHY,), 1000)),
        _stages(rejection_events(COMMAND, Decision(Stage.REFUSED, (WHY,)), 1000)),
        _stages(rejection_events(COMMAND, Decision(Stage.EXPIRED, (WHY,)), 1000)),
    ]
    chain = begun(action="a", course=True)
    for change in (begun(), begun(2), begun(2, automatic=False), begun(course=True), chain):
        _go_on(change, _stages(change.events), found, 5)
    return found


def _stages(events: tuple[CommandEvent, ...]) -> Walk:
    return [event.stage for event in events]


def _go_on(change: Transition, walked: Walk, found: list[Walk], left: int) -> None:
    found.append(walked)
    for following in _followers(change.execution) if change.execution and left else ():
        _go_on(following, walked + _stages(following.events), found, left - 1)


def _followers(now: CommandExecution) -> list[Transition]:
    """What may happen to it, as WorkflowOrderManager and CommandService ask for it."""
    if now.waiting:
        return [
            transitions.release(now, "bert", 1002),
            transitions.cancel(now, "bert", 1002),
            transitions.on_abandoned(now, 1002),
            transitions.on_proof(now, DENIED, 1002),
        ]
    stages = (ReceiptStage.ATTEMPTED, ReceiptStage.ACKNOWLEDGED, *ReceiptStage)
    told = [
        transitions.on_receipt(now, receipt(stage, now.step), None, 1002)
        for stage in dict.fromkeys(stages)
    ]
    if now.attempted_at is None:
        told.append(transitions.on_never_sent(now, 1002))
    if now.attempted_at is not None:
        told += [transitions.on_silence(now, 1100, (), blind=blind) for blind in (False, True)]
    if now.receipts_complete or now.attempted_at is not None:
        told += [transitions.on_proof(now, proof, 1002) for proof in (PROVEN, DENIED)]
    if not now.last_step and not now.cancelled_by:
        told.append(transitions.cancel(now, "bert", 1002))
    return told


def test_a_command_goes_only_where_the_table_lets_it_and_every_row_is_gone() -> None:
    gone = {pair for walk in walks() for pair in pairwise([None, *walk])}
    allowed = {(before, row.after) for row in Passage for before in row.before}
    assert gone == allowed


def test_the_document_is_made_of_the_table() -> None:
    assert DOCUMENT.read_text("utf-8") == render(), (
        "run: python -m tools.command_lifecycle > docs/commands-lifecycle.md"
    )


@pytest.mark.parametrize("stage", Stage)
def test_every_stage_is_reached_and_what_is_not_final_goes_on(stage: Stage) -> None:
    assert any(row.after is stage for row in Passage)
    onward = {row.after for row in Passage if stage in row.before}
    assert onward <= {Stage.EFFECT} if stage in FINAL_STAGES else onward
