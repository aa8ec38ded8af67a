"""What is kept of a decision, in the audit and as the life of what orders does itself. Pure."""

from collections.abc import Iterator

from omf.commands import Plan
from services.common.store.keys import AuditRecord, Checked, Command, CommandEvent, Reason, Stage
from services.orders.decision import Decision, View


def written_down(command: Command, decision: Decision, view: View) -> AuditRecord:
    """The record of a decision, with the bytes of every step."""
    plan = decision.plan
    sent = tuple((step.topic, step.payload) for step in plan.steps) if plan else ()
    return AuditRecord(
        command=command,
        decision=decision.stage,
        at=view.now,
        reasons=decision.reasons,
        view_age_s=view.age_s,
        checks=tuple(_checked(decision, plan)) if plan else (),
        journal_id=view.journal_id,
        topic=sent[0][0] if sent else "",
        payload=sent[0][1] if sent else "",
        later=sent[1:],
    )


def _checked(decision: Decision, plan: Plan) -> Iterator[Checked]:
    """Each check; what stood in the way of an accepted command was overridden."""
    accepted = decision.stage is Stage.ACCEPTED
    for check in plan.checks:
        yield Checked(id=check.id, met=check.met, overridden=accepted and not check.passed)


def carried_out(
    command: Command, why: tuple[Reason, ...], now: float, order_id: str = ""
) -> tuple[CommandEvent, ...]:
    """The whole life of a command that needs nothing of the factory."""
    return tuple(
        CommandEvent(
            command_id=command.command_id,
            kind=command.kind,
            stage=stage,
            at=now,
            operator=command.operator,
            reasons=why if stage is Stage.EFFECT else (),
            order_id=order_id,
        )
        for stage in (Stage.REQUESTED, Stage.ACCEPTED, Stage.EFFECT)
    )
