"""Owner of the plans of orders: sets, pauses and removes them, and gives what is due.

What follows from the time says `omf/plans/course.py`. What is due goes out as a sequence, whose id
is made of plan and due time: however often it is handed over, it runs once.
"""

import logging
from collections.abc import Mapping
from datetime import tzinfo
from functools import partial
from typing import Any

from omf.commands.command_types.plans import PLAN_PAUSE, PLAN_REMOVE, PLAN_SET, PlannedOrders
from omf.commands.command_types.sequences import SEQUENCE_START
from omf.plans import course
from omf.plans.course import Given, PlanFacts
from omf.plans.plan import OrderPlan, PlanEvent, PlanNote
from omf.plans.schedule import next_due
from omf.sequences.reading import as_given
from omf.sequences.written import SequenceStep
from omf.texts import Text, text
from services.common.process.failpoint import failpoint
from services.common.store.environments import is_mock
from services.common.store.keys import Command, Reason, Role, Stage
from services.common.store.order_plans import (
    ENDED_PLANS,
    PLANS,
    read_ended_plans,
    read_plan,
    read_plans,
)
from services.common.store.sequence_runs import open_runs
from services.orders import reasons
from services.orders.decision import Decision, View, decide
from services.orders.kept import kept_reasons
from services.orders.kept.owner import KeptOwner, OwnerContext
from services.orders.locks import PLAN_SOURCE
from services.orders.repository import Kept

MAX_PLANS = 50
_MEANS: dict[str, PlanEvent] = {PLAN_PAUSE: "paused", PLAN_REMOVE: "removed"}

_log = logging.getLogger(__name__)


class PlanKeeper(KeptOwner[OrderPlan]):
    """The only writer of plans."""

    def __init__(self, context: OwnerContext, zone: tzinfo | None) -> None:
        """`zone` is that of the calendar of the site; None: of this machine."""
        super().__init__(context)
        self._zone = zone

    async def _wanted(self, command: Command, decision: Decision, view: View) -> OrderPlan | Reason:
        given = decision.plan.parameters if decision.plan else {}
        name = str(given.get("name", ""))
        known = await read_plan(self._bus, name)
        if command.kind == PLAN_SET:
            if known is None and len(await read_plans(self._bus)) >= MAX_PLANS:
                return kept_reasons.too_many_plans(MAX_PLANS)
            plan = _set(command, PlannedOrders.model_validate(given), known, view.now)
            too_late = plan.at is not None and next_due(plan, view.now, self._zone) is None
            return kept_reasons.PLAN_PAST if too_late else plan
        if known is None:
            past = await read_ended_plans(self._bus)
            over = next((plan for plan in past if plan.name == name), None)
            return kept_reasons.plan_ended(over) if over else kept_reasons.no_plan(name)
        pausing = command.kind == PLAN_PAUSE
        if command.kind != PLAN_REMOVE and pausing == bool(known.paused_by):
            return kept_reasons.plan_already(command.kind, known)
        event = _MEANS.get(command.kind, "resumed")
        note = PlanNote(at=view.now, event=event, by=command.operator)
        changed: dict[str, object] = {"paused_by": command.operator if pausing else ""}
        if event == "removed":
            changed["ended"] = True
        if event == "resumed":
            # Who resumes it answers for it; what was due meanwhile is not made up for.
            changed |= {
                "operator": command.operator,
                "role": command.role.value,
                "known_by": command.known_by,
            }
        return known.but(**changed, revision=known.revision + 1).noted(note)

    def _done(self, command: Command, found: OrderPlan) -> Reason:
        return kept_reasons.plan_changed_by(command.kind, found.name)

    def _kept(self, found: OrderPlan) -> Kept:
        where, body = (PLANS, ENDED_PLANS), found.model_dump_json()
        return Kept(where, found.name, found.revision, body, ended=found.ended)

    async def tick(self) -> None:
        """Every second: give what is due."""
        plans = await read_plans(self._bus)
        if not plans:
            return
        await self._view.hear_alarms()
        view = await self._current_view()
        names = {run.name for run in await open_runs(self._bus)}
        for plan in plans:
            await self._advance(plan, view, names)

    async def _advance(self, plan: OrderPlan, view: View, names: set[str]) -> None:
        stock = view.state.stock
        facts = PlanFacts(
            now=view.now,
            zone=self._zone,
            against=partial(_against, plan, view),
            under_way=names.__contains__,
            free=lambda colour: stock.free(colour) if stock.known else None,
            lays_in=is_mock(view.environment),
        )
        move = course.advance(plan, facts)
        if move is None:
            return
        after = move.plan.but(revision=plan.revision + 1)
        start = _start(after, move.given, view) if move.given else None
        failpoint("orders.before_plan")
        written = await self._advanced(after, start)
        failpoint("orders.after_plan")
        if written and move.given:
            _log.info("plan %s gives its orders as %s", plan.name, move.given.run_id)


def _set(command: Command, form: PlannedOrders, known: OrderPlan | None, now: float) -> OrderPlan:
    """A plan anew, or in place of the one of its name, whose history it goes on."""
    plan = OrderPlan(
        **form.model_dump(),
        id=command.command_id,
        operator=command.operator,
        role=command.role.value,
        known_by=command.known_by,
        looked_until=now,
        history=known.history if known else (),
        revision=known.revision + 1 if known else 1,
    )
    return plan.noted(PlanNote(at=now, event="set", by=command.operator))


def _against(plan: OrderPlan, view: View, step: SequenceStep) -> Text | None:
    """What stands against orders by plan now: control, an alarm, or what orders would refuse."""
    holder = view.lease.holder_at(view.now)
    if view.lease.required and holder not in ("", plan.operator):
        return text("plan.led", who=reasons.person(holder))
    alarms = view.state.alarms(view.devices_now)
    urgent = (one for one in alarms if one.severity == "critical" and not one.acknowledged_by)
    if alarm := next(urgent, None):
        return text("plan.alarm", alarm=alarm.text)
    asked = _command(plan, "preview", step.kind or "", step.parameters, view)
    found = decide(asked, view.now, view, lambda: "preview")
    return None if found.stage is Stage.ACCEPTED else reasons.said(found.reasons)


def _start(plan: OrderPlan, given: Given, view: View) -> Command:
    parameters = {
        "name": course.run_name(plan),
        "title": text("plan.run_title", name=plan.name).to_dict(),
        "steps": as_given(given.steps),
    }
    return _command(plan, given.run_id, SEQUENCE_START, parameters, view)


def _command(
    plan: OrderPlan, command_id: str, kind: str, parameters: Mapping[str, Any], view: View
) -> Command:
    return Command(
        command_id=command_id,
        kind=kind,
        parameters=dict(parameters),
        environment=view.environment,
        operator=plan.operator,
        role=Role(plan.role),
        known_by=plan.known_by,
        created_at=view.now,
        source=f"{PLAN_SOURCE} {plan.name}",
        note=course.run_name(plan),
    )
