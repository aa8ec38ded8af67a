"""Brackets as people steer them: the waiting step is released, or no further step goes out."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from omf.commands import RELEASE, Plan, changed_parts, fingerprint_of, onward, release_of, standing
from services.common.store.consumer import StreamEntry
from services.common.store.keys import Command, Reason, Stage
from services.orders import progress, reasons
from services.orders.decision import Decision, View, overriding
from services.orders.ledger import Ledger
from services.orders.pursuit import Change, Pursuit
from services.orders.watched import Watched
from services.orders.workflows import WorkflowOrderManager
from services.orders.written import carried_out, written_down

MOVES: dict[str, Callable[[Pursuit, str, float], Change]] = {
    RELEASE: progress.release,
    "bracket-cancel": progress.cancel,
}


class Brackets:
    """Carries out the commands that steer an open bracket."""

    def __init__(self, ledger: Ledger, workflows: WorkflowOrderManager) -> None:
        self._ledger = ledger
        self._workflows = workflows

    async def steer(
        self, entry: StreamEntry, command: Command, decision: Decision, view: View
    ) -> tuple[Reason, ...] | None:
        """Write the command and what it does to its bracket in one step; else why it cannot be.

        None: it stands, now or from an earlier life of this process.
        """
        order_id = decision.plan.parameters["order_id"] if decision.plan else ""
        watched = self._workflows.bracket(order_id)
        if watched is None:
            return (reasons.no_bracket(order_id),)
        async with watched.lock:
            while pursuit := watched.pursuit:
                plan = _noted(decision.plan, pursuit, view)
                if why := objections(command, pursuit, plan):
                    return why
                decided = Decision(Stage.EFFECT, (), plan)
                if await self._write(entry, command, decided, view, (watched, pursuit)):
                    return None
        return (reasons.no_bracket(order_id),)

    async def _write(
        self,
        entry: StreamEntry,
        command: Command,
        decision: Decision,
        view: View,
        bracket: tuple[Watched, Pursuit],
    ) -> bool:
        watched, pursuit = bracket
        done = (reasons.steered(command.kind, pursuit.step),)
        events = carried_out(command, done, view.now, pursuit.planned.order_id)
        change = MOVES[command.kind](pursuit, command.operator, view.now)
        audit = written_down(command, replace(decision, reasons=done), view)
        answer = await self._ledger.steered(entry, audit, events, (pursuit, change))
        if answer == "written":
            self._workflows.tell(command, events)
        return await self._workflows.moved(watched, pursuit, change, answer)


def objections(command: Command, pursuit: Pursuit, plan: Plan | None) -> tuple[Reason, ...]:
    """What speaks against steering the bracket as it stands."""
    if command.kind != RELEASE:
        return (reasons.LAST_STEP,) if pursuit.last_step and not pursuit.waiting else ()
    if not pursuit.waiting:
        return (reasons.STEP_UNDER_WAY,)
    override = overriding(command) or overriding(pursuit.command)
    return tuple(_against_release(command, plan, override)) if plan else ()


def _against_release(command: Command, plan: Plan, override: str) -> Iterator[Reason]:
    yield from (reasons.interlock(check) for check in standing(plan.refusals, override=override))
    if command.plan and (changed := changed_parts(command.plan, fingerprint_of(plan))):
        yield reasons.plan_changed(changed, plan)


def _noted(plan: Plan | None, pursuit: Pursuit, view: View) -> Plan | None:
    """The plan as it steers this bracket: with the step it releases, and its interlocks."""
    if plan and plan.kind == RELEASE and pursuit.waiting:
        return release_of(pursuit.plan, pursuit.planned, view.state)
    return plan and plan.model_copy(update={"checks": onward(pursuit.plan, view.state)})
