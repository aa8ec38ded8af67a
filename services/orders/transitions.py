"""What follows from a receipt, a proof, a person or silence: the state machine of a command. Pure.

Each function takes the execution as it stands and answers with a Transition: the events that
follow, the next message to send, and the execution as it stands then (None once nothing more is
awaited). The stage of each event comes from the table in `stages.py`. Sent is not done: only a
verdict on a message of the factory, or its silence, ends a command.
"""

from collections.abc import Callable, Mapping

from omf.commands import RELEASE, Plan
from services.common.store.keys import Command, Reason, Receipt, ReceiptStage
from services.orders import reasons
from services.orders.execution import (
    RELEASE_S,
    CommandExecution,
    Proof,
    Transition,
    event_of,
    outgoing_of,
    transition_of,
)
from services.orders.stages import Passage

_UNSENT = {
    ReceiptStage.REFUSED: Passage.GATEWAY_REFUSED,
    ReceiptStage.EXPIRED: Passage.GATEWAY_EXPIRED,
}


def begin(  # noqa: PLR0913 - what a decision settles
    command: Command,
    plan: Plan,
    *,
    now: float,
    journal_id: str,
    expires_at: float,
    expiry_s: float,
    why: tuple[Reason, ...] = (),
) -> Transition:
    """The command was accepted: its first step goes into the outbox.

    `why` names what stood in the way and was overridden. An act on an alarm is handed over by the
    event itself, which carries its payload: no receipt comes, so its window begins at once.
    """
    published = plan.steps[0].published
    execution = CommandExecution(
        command=command,
        plan=plan,
        awaiting=plan.steps[0].effect,
        journal_id=journal_id,
        expires_at=expires_at,
        expiry_s=expiry_s,
        window_from=None if published else now,
    )
    return transition_of(
        execution,
        event_of(execution, Passage.ASKED, now),
        event_of(execution, Passage.PERMITTED, now, *why),
        event_of(execution, Passage.STEP_SENT, now),
        outgoing=outgoing_of(execution) if published else None,
    )


def on_receipt(
    execution: CommandExecution, receipt: Receipt, proof: Proof | None, now: float
) -> Transition:
    """The gateway told what became of the publish; `proof` was seen before this was known."""
    if receipt.outbox_id != execution.outbox_id or execution.decided:
        return Transition(execution)
    if unsent := _UNSENT.get(receipt.stage):
        why = (receipt.reason,) if receipt.reason else ()
        return _end(execution, unsent, receipt.at, *why)
    published = _published(execution, receipt)
    if receipt.stage is ReceiptStage.ATTEMPTED:
        return published
    transition = _outcome(published, receipt, now)
    return _then(transition, on_proof(_open(transition), proof, now)) if proof else transition


def on_proof(execution: CommandExecution, proof: Proof, now: float) -> Transition:
    """The factory proved or denied the effect that is awaited."""
    found, execution = proof.verdict, _with_evidence(execution, proof)
    if execution.decided:
        return _course(execution, proof, now)
    if found.outcome == "failed":
        why = reasons.verdict(found, proof.told_as)
        return _end(execution, Passage.DENIED, now, why, order_id=proof.order_id)
    if execution.whole_chain and execution.awaiting.follow_up:
        return Transition(_awaiting_next(execution, now))
    if not execution.last_step:
        return _next_step(execution, proof, now)
    done = event_of(execution, Passage.PROVEN, now, reasons.verdict(found), order_id=proof.order_id)
    if execution.awaiting.follow_up is None:
        return transition_of(None, done, release=True)
    noted = _awaiting_next(execution, now).but(decided=True)
    return transition_of(noted, done, release=True)


def on_silence(
    execution: CommandExecution, now: float, why: tuple[Reason, ...], *, blind: bool
) -> Transition:
    """The window passed; `blind` if the factory could not be seen all the while."""
    if execution.decided:
        return Transition(None)
    if execution.doubt:
        return _end(execution, Passage.UNCERTAIN, now, execution.doubt)
    if blind:
        return _end(execution, Passage.UNCERTAIN, now, reasons.BLIND)
    if execution.window_from is None:
        return _end(execution, Passage.UNCERTAIN, now, reasons.GATEWAY_SILENT)
    return _end(execution, Passage.SILENT, now, reasons.silence(execution.awaiting), *why)


def release(execution: CommandExecution, by: str, now: float) -> Transition:
    """A person lets the waiting step go."""
    going = execution.but(waiting=False, expires_at=now + execution.expiry_s)
    event = event_of(going, Passage.STEP_RELEASED, now, reasons.released(by))
    return transition_of(going, event, outgoing=outgoing_of(going))


def cancel(execution: CommandExecution, by: str, now: float) -> Transition:
    """A person wants no further step: the end, or the end once the present step has run."""
    if execution.waiting:
        return _end(execution, Passage.CANCELLED, now, reasons.cancelled(by))
    return Transition(execution.but(cancelled_by=by))


def on_abandoned(execution: CommandExecution, now: float) -> Transition:
    """Nobody released the waiting step in time."""
    return _end(execution, Passage.ABANDONED, now, reasons.ABANDONED)


def on_never_sent(execution: CommandExecution, now: float) -> Transition:
    """The deadline passed and the store shows that nobody attempted a publish."""
    return _end(execution, Passage.NEVER_SENT, now, reasons.EXPIRED)


STEERING: Mapping[str, Callable[[CommandExecution, str, float], Transition]] = {
    RELEASE: release,
    "bracket-cancel": cancel,
}
"""What each command that steers an open bracket does to it, by kind."""


def _published(execution: CommandExecution, receipt: Receipt) -> Transition:
    if execution.attempted_at is not None:
        return Transition(execution)
    tried = execution.but(attempted_at=receipt.at)
    if receipt.stage is ReceiptStage.UNKNOWN:
        return Transition(tried)
    return transition_of(tried, event_of(tried, Passage.ATTEMPTED, receipt.at))


def _outcome(published: Transition, receipt: Receipt, now: float) -> Transition:
    execution = _open(published)
    if receipt.stage is ReceiptStage.UNKNOWN:
        doubt = receipt.reason or reasons.GATEWAY_SILENT
        known = execution.but(doubt=doubt, doubt_at=now)
        return Transition(known, published.events)
    known = execution.but(window_from=receipt.at)
    event = event_of(known, Passage.PUBACK, receipt.at)
    return _then(published, transition_of(known, event))


def _next_step(execution: CommandExecution, proof: Proof, now: float) -> Transition:
    """The step is proven, so the next one is queued or waits; its event carries that proof."""
    if execution.cancelled_by:
        return _end(execution, Passage.CANCELLED, now, reasons.cancelled(execution.cancelled_by))
    waits = bool(proof.violations) or not execution.plan.automatic
    following = _following(execution, now, waits=waits)
    proven = reasons.verdict(proof.verdict)
    if waits:
        why = (proven, *proof.violations, reasons.STEP_WAITS)
        return transition_of(following, event_of(following, Passage.STEP_WAITS, now, *why))
    queued = event_of(following, Passage.STEP_SENT, now, proven)
    return transition_of(following, queued, outgoing=outgoing_of(following))


def _following(execution: CommandExecution, now: float, *, waits: bool) -> CommandExecution:
    step = execution.step + 1
    return CommandExecution(
        command=execution.command,
        plan=execution.plan,
        awaiting=execution.plan.steps[step].effect,
        journal_id=execution.journal_id,
        expires_at=now + (RELEASE_S if waits else execution.expiry_s),
        expiry_s=execution.expiry_s,
        step=step,
        waiting=waits,
        evidence=execution.evidence,
        told=execution.told,
    )


def _awaiting_next(execution: CommandExecution, now: float) -> CommandExecution:
    return execution.but(awaiting=execution.awaiting.follow_up, window_from=now)


def _course(execution: CommandExecution, proof: Proof, now: float) -> Transition:
    """The order went its way after the outcome stood: noted, and the outcome stays."""
    note = "course" if proof.verdict.outcome == "effect" else "course-failed"
    why = reasons.verdict(proof.verdict, note)
    event = event_of(execution, Passage.COURSE, now, why, order_id=proof.order_id)
    if execution.awaiting.follow_up and proof.verdict.outcome == "effect":
        return transition_of(_awaiting_next(execution, now), event)
    return transition_of(None, event)


def _end(
    execution: CommandExecution, passage: Passage, at: float, *why: Reason, order_id: str = ""
) -> Transition:
    event = event_of(execution, passage, at, *why, *_left(execution, why), order_id=order_id)
    return transition_of(None, event, release=True)


def _left(execution: CommandExecution, why: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """What a bracket may have left in the device, where the reasons do not say so already."""
    begun = execution.step > 0 or execution.attempted_at is not None
    advised = not reasons.ADVISED.isdisjoint(reason.id for reason in why)
    return (reasons.PIECE_LEFT,) if execution.bracket and begun and not advised else ()


def _with_evidence(execution: CommandExecution, proof: Proof) -> CommandExecution:
    """What proves the effect also tells that the message arrived, and which order it is about."""
    if proof.order_id:
        execution = execution.but(order_id=proof.order_id)
    if not execution.planned.published:
        return execution
    ids = (*execution.evidence, proof.message_id)
    return execution.but(evidence=ids, journal_id=proof.message_id, doubt=None, doubt_at=None)


def _open(transition: Transition) -> CommandExecution:
    if transition.execution is None:
        raise ValueError("the command has ended")
    return transition.execution


def _then(first: Transition, second: Transition) -> Transition:
    """Both changes in one; the second grew out of the first."""
    outgoing = second.outgoing or first.outgoing
    events = first.events + second.events
    return Transition(second.execution, events, outgoing, first.release or second.release)
