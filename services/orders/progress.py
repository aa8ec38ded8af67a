"""How a command comes on: what follows from a receipt, a proof, or silence. Pure.

Each function takes the pursuit as it stands and answers with a Change: the events that follow, the
next message to send, and the pursuit as it stands then (None once nothing more is awaited).
Sent is not done: only a verdict on a message of the factory, or its silence, ends a command.
"""

from omf.commands import Plan
from services.common.store.keys import Command, Reason, Receipt, ReceiptStage, Stage
from services.orders import reasons
from services.orders.pursuit import (
    RELEASE_S,
    Change,
    Proof,
    Pursuit,
    change_of,
    event_of,
    outgoing_of,
)


def begin(  # noqa: PLR0913 - what a decision settles
    command: Command,
    plan: Plan,
    *,
    now: float,
    journal_id: str,
    expires_at: float,
    expiry_s: float,
    why: tuple[Reason, ...] = (),
) -> Change:
    """The command was accepted: its first step goes into the outbox.

    `why` names what stood in the way and was overridden.
    """
    pursuit = Pursuit(
        command=command,
        plan=plan,
        awaiting=plan.steps[0].effect,
        journal_id=journal_id,
        expires_at=expires_at,
        expiry_s=expiry_s,
    )
    events = (
        event_of(pursuit, Stage.REQUESTED, now),
        event_of(pursuit, Stage.ACCEPTED, now, *why),
        event_of(pursuit, Stage.QUEUED, now),
    )
    return change_of(pursuit, events, outgoing=outgoing_of(pursuit))


def on_receipt(pursuit: Pursuit, receipt: Receipt, proof: Proof | None, now: float) -> Change:
    """The gateway told what became of the publish; `proof` was seen before this was known."""
    if receipt.outbox_id != pursuit.outbox_id or pursuit.decided:
        return Change(pursuit)
    if receipt.stage in (ReceiptStage.REFUSED, ReceiptStage.EXPIRED):
        stage = Stage(receipt.stage.value)
        return _end(pursuit, stage, receipt.at, *_given(receipt))
    published = _published(pursuit, receipt)
    if receipt.stage is ReceiptStage.ATTEMPTED:
        return published
    change = _outcome(published, receipt, now)
    return _then(change, on_proof(_open(change), proof, now)) if proof else change


def on_proof(pursuit: Pursuit, proof: Proof, now: float) -> Change:
    """The factory proved or denied the effect that is awaited."""
    found, pursuit = proof.verdict, _with_evidence(pursuit, proof)
    if pursuit.decided:
        return _course(pursuit, proof, now)
    if found.outcome == "failed":
        why = reasons.verdict(found, proof.told_as)
        return _end(pursuit, Stage.FAILED, now, why, order_id=proof.order_id)
    if pursuit.whole_chain and pursuit.awaiting.follow_up:
        return Change(_awaiting_next(pursuit, now))
    if not pursuit.last_step:
        return _next_step(pursuit, proof, now)
    done = event_of(pursuit, Stage.EFFECT, now, reasons.verdict(found), order_id=proof.order_id)
    if pursuit.awaiting.follow_up is None:
        return change_of(None, (done,), release=True)
    noted = _awaiting_next(pursuit, now).model_copy(update={"decided": True})
    return change_of(noted, (done,), release=True)


def on_silence(pursuit: Pursuit, now: float, why: tuple[Reason, ...], *, blind: bool) -> Change:
    """The window passed; `blind` if the factory could not be seen all the while."""
    if pursuit.decided:
        return Change(None)
    if pursuit.doubt:
        return _end(pursuit, Stage.UNKNOWN, now, pursuit.doubt)
    if blind:
        return _end(pursuit, Stage.UNKNOWN, now, reasons.BLIND)
    if pursuit.window_from is None:
        return _end(pursuit, Stage.UNKNOWN, now, reasons.GATEWAY_SILENT)
    return _end(pursuit, Stage.NO_EFFECT, now, reasons.silence(pursuit.awaiting), *why)


def release(pursuit: Pursuit, by: str, now: float) -> Change:
    """A person lets the waiting step go."""
    update = {"waiting": False, "expires_at": now + pursuit.expiry_s}
    going = pursuit.model_copy(update=update)
    event = event_of(going, Stage.QUEUED, now, reasons.released(by))
    return change_of(going, (event,), outgoing=outgoing_of(going))


def cancel(pursuit: Pursuit, by: str, now: float) -> Change:
    """A person wants no further step: the end, or the end once the present step has run."""
    if pursuit.waiting:
        return _end(pursuit, Stage.FAILED, now, reasons.cancelled(by))
    return Change(pursuit.model_copy(update={"cancelled_by": by}))


def on_abandoned(pursuit: Pursuit, now: float) -> Change:
    """Nobody released the waiting step in time."""
    return _end(pursuit, Stage.FAILED, now, reasons.ABANDONED)


def on_never_sent(pursuit: Pursuit, now: float) -> Change:
    """The deadline passed and the store shows that nobody attempted a publish."""
    return _end(pursuit, Stage.EXPIRED, now, reasons.EXPIRED)


def _published(pursuit: Pursuit, receipt: Receipt) -> Change:
    if pursuit.attempted_at is not None:
        return Change(pursuit)
    tried = pursuit.model_copy(update={"attempted_at": receipt.at})
    if receipt.stage is ReceiptStage.UNKNOWN:
        return Change(tried)
    return change_of(tried, (event_of(tried, Stage.PUBLISHED, receipt.at),))


def _outcome(published: Change, receipt: Receipt, now: float) -> Change:
    pursuit = _open(published)
    if receipt.stage is ReceiptStage.UNKNOWN:
        doubt = receipt.reason or reasons.GATEWAY_SILENT
        known = pursuit.model_copy(update={"doubt": doubt, "doubt_at": now})
        return Change(known, published.events)
    known = pursuit.model_copy(update={"window_from": receipt.at})
    event = event_of(known, Stage.ACKNOWLEDGED, receipt.at)
    return _then(published, change_of(known, (event,)))


def _next_step(pursuit: Pursuit, proof: Proof, now: float) -> Change:
    """The step is proven, so the next one is queued or waits; its event carries that proof."""
    if pursuit.cancelled_by:
        return _end(pursuit, Stage.FAILED, now, reasons.cancelled(pursuit.cancelled_by))
    following = _following(pursuit, now, waits=bool(proof.against) or not pursuit.plan.automatic)
    proven = reasons.verdict(proof.verdict)
    if following.waiting:
        why = (proven, *proof.against, reasons.STEP_WAITS)
        waits = event_of(following, Stage.ACCEPTED, now, *why)
        return change_of(following, (waits,))
    queued = event_of(following, Stage.QUEUED, now, proven)
    return change_of(following, (queued,), outgoing=outgoing_of(following))


def _following(pursuit: Pursuit, now: float, *, waits: bool) -> Pursuit:
    step = pursuit.step + 1
    return Pursuit(
        command=pursuit.command,
        plan=pursuit.plan,
        awaiting=pursuit.plan.steps[step].effect,
        journal_id=pursuit.journal_id,
        expires_at=now + (RELEASE_S if waits else pursuit.expiry_s),
        expiry_s=pursuit.expiry_s,
        step=step,
        waiting=waits,
        evidence=pursuit.evidence,
        told=pursuit.told,
    )


def _awaiting_next(pursuit: Pursuit, now: float) -> Pursuit:
    update = {"awaiting": pursuit.awaiting.follow_up, "window_from": now}
    return pursuit.model_copy(update=update)


def _course(pursuit: Pursuit, proof: Proof, now: float) -> Change:
    """The order went its way after the outcome stood: noted, and the outcome stays."""
    note = "course" if proof.verdict.outcome == "effect" else "course-failed"
    why = reasons.verdict(proof.verdict, note)
    event = event_of(pursuit, Stage.EFFECT, now, why, order_id=proof.order_id)
    if pursuit.awaiting.follow_up and proof.verdict.outcome == "effect":
        return change_of(_awaiting_next(pursuit, now), (event,))
    return change_of(None, (event,))


def _end(pursuit: Pursuit, stage: Stage, at: float, *why: Reason, order_id: str = "") -> Change:
    event = event_of(pursuit, stage, at, *why, *_left(pursuit, why), order_id=order_id)
    return change_of(None, (event,), release=True)


def _left(pursuit: Pursuit, why: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """What a bracket may have left in the device, where the reasons do not say so already."""
    begun = pursuit.step > 0 or pursuit.attempted_at is not None
    advised = not reasons.ADVISED.isdisjoint(reason.id for reason in why)
    return (reasons.PIECE_LEFT,) if pursuit.bracket and begun and not advised else ()


def _with_evidence(pursuit: Pursuit, proof: Proof) -> Pursuit:
    """What proves the effect also tells that the message arrived."""
    ids = (*pursuit.evidence, proof.message_id)
    update = {"evidence": ids, "journal_id": proof.message_id, "doubt": None, "doubt_at": None}
    return pursuit.model_copy(update=update)


def _given(receipt: Receipt) -> tuple[Reason, ...]:
    return (receipt.reason,) if receipt.reason else ()


def _open(change: Change) -> Pursuit:
    if change.pursuit is None:
        raise ValueError("the command has ended")
    return change.pursuit


def _then(first: Change, second: Change) -> Change:
    """Both changes in one; the second grew out of the first."""
    outgoing = second.outgoing or first.outgoing
    events = first.events + second.events
    return Change(second.pursuit, events, outgoing, first.release or second.release)
