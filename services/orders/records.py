"""What is read and kept of a command: its entry, the audit, what ends here, open brackets. Pure."""

import json
import re
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from omf import faults
from omf.commands import Effect, Plan
from omf.texts import text
from services.common.store import entries
from services.common.store.brackets import OpenBracket
from services.common.store.consumer import StreamEntry
from services.common.store.keys import (
    FINAL_STAGES,
    AuditRecord,
    Checked,
    Command,
    CommandEvent,
    Environment,
    Reason,
    Role,
    Stage,
)
from services.orders import reasons
from services.orders.decision import Decision, View
from services.orders.execution import RELEASE_S, CommandExecution, Transition
from services.orders.stages import Passage

HOLD_S = 60.0
"""How much longer than its steps may take a lock outlives a command whose end was never seen."""
MAX_NAME_CHARS = 64
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


def lenient_decode(entry: StreamEntry, environment: Environment) -> tuple[Command, Reason | None]:
    """The command of an entry; of one that is none, enough to refuse it by name, and why."""
    try:
        return entries.decode(Command, entry.fields), None
    except KeyError:
        return _remains(entry, environment), reasons.unreadable("__data__", text("invalid.missing"))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "__data__"
        return _remains(entry, environment), reasons.unreadable(where, faults.fault_text(first))


def _remains(entry: StreamEntry, environment: Environment) -> Command:
    given = _fields(entry)
    asked = _text(given, "command_id")
    return Command(
        command_id=asked if _ID.fullmatch(asked) else f"entry-{entry.id}",
        kind=_text(given, "kind") or "?",
        environment=environment,
        operator=_text(given, "operator") or "?",
        role=Role.VIEWER,
        created_at=entry.at,
        source=_text(given, "source"),
    )


def _fields(entry: StreamEntry) -> dict[str, Any]:
    try:
        found = json.loads(entry.fields.get(entries.DATA, b""))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _text(given: dict[str, Any], name: str) -> str:
    found = given.get(name)
    return found[:MAX_NAME_CHARS] if isinstance(found, str) else ""


def receipt_lane(entry: StreamEntry) -> str:
    """What became of one command is noted in order; what is no Receipt has a lane of its own."""
    return _text(_fields(entry), "command_id") or "?"


def audit_record(command: Command, decision: Decision, view: View) -> AuditRecord:
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


def outcome_record(execution: CommandExecution, transition: Transition) -> AuditRecord | None:
    """The audit's last word on a command whose outcome stands from now on."""
    if not transition.release:
        return None
    last = next(event for event in transition.events if event.stage in FINAL_STAGES)
    return AuditRecord(
        command=execution.command,
        part="outcome",
        decision=last.stage,
        at=last.at,
        reasons=last.reasons,
        evidence=last.evidence,
    )


def completed_events(
    command: Command, why: tuple[Reason, ...], now: float, order_id: str = ""
) -> tuple[CommandEvent, ...]:
    """The whole life of a command that needs nothing of the factory."""
    passages = (Passage.ASKED, Passage.PERMITTED, Passage.CARRIED_OUT)
    return _events(command, [one.after for one in passages], why, now, order_id)


def rejection_events(command: Command, decision: Decision, now: float) -> tuple[CommandEvent, ...]:
    """The whole life of a command that was refused or came too late."""
    return _events(command, [Passage.ASKED.after, decision.stage], decision.reasons, now)


def waiting_event(command: Command, why: Reason, now: float) -> CommandEvent:
    """A command was read and waits: for whom, and how long."""
    return _events(command, [Passage.ASKED.after], (why,), now)[0]


def _events(
    command: Command, stages: list[Stage], why: tuple[Reason, ...], now: float, order_id: str = ""
) -> tuple[CommandEvent, ...]:
    """One event for each stage; the last one bears the reasons."""
    return tuple(
        CommandEvent(
            command_id=command.command_id,
            kind=command.kind,
            stage=stage,
            at=now,
            operator=command.operator,
            reasons=why if stage is stages[-1] else (),
            order_id=order_id,
        )
        for stage in stages
    )


def open_bracket(execution: CommandExecution | None) -> OpenBracket | None:
    """A bracket as everybody may see it."""
    if execution is None or not execution.bracket:
        return None
    step = execution.planned
    return OpenBracket(
        command_id=execution.command.command_id,
        kind=execution.command.kind,
        operator=execution.command.operator,
        order_id=step.order_id,
        device=step.device,
        steps=len(execution.plan.steps),
        step=execution.step,
        **step.title.to_dict(),
        since=execution.step_since,
        waiting=execution.waiting,
        cancelled_by=execution.cancelled_by,
        plan=execution.plan,
    )


def lock_lifetime_s(execution: CommandExecution) -> float:
    """How long a lock lasts if its command's end is never seen."""
    steps = execution.plan.steps
    # An automatic one may come to wait as well.
    waits_s = RELEASE_S * (len(steps) - 1)
    return HOLD_S + waits_s + sum(execution.expiry_s + _takes_s(step.effect) for step in steps)


def _takes_s(effect: Effect | None) -> float:
    return effect.window_s + _takes_s(effect.follow_up) if effect else 0.0
