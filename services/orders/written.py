"""What the audit keeps of a decision: who, from where, why, and the state before. Pure."""

from services.common.streams import AuditRecord, Checked, Command
from services.orders.decision import Decision, View


def written_down(command: Command, decision: Decision, view: View) -> AuditRecord:
    """The record of a decision; of the bytes, those of the first step."""
    plan = decision.plan
    first = plan.steps[0] if plan and plan.steps else None
    return AuditRecord(
        command=command,
        decision=decision.stage,
        at=view.now,
        reasons=decision.reasons,
        view_age_s=view.age_s,
        checks=tuple(Checked(id=c.id, met=c.met) for c in plan.checks) if plan else (),
        topic=first.topic if first else "",
        payload=first.payload if first else "",
    )
