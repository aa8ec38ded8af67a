"""`omf plans`: orders by plan, when each is due next, and what became of it."""

from datetime import tzinfo
from typing import Annotated, Any

import typer

from omf.plans.plan import OrderPlan
from omf.plans.schedule import next_due
from services.cli import rows
from services.cli.connection import connect
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import data, finish, show, table
from services.common.process import clock
from services.common.process.settings import ServiceSettings
from services.common.store import order_plans

PLAN_COLUMNS = ("plan", "orders", "when", "next", "by", "why")


def command(
    *,
    history: Annotated[bool, typer.Option("--history", help="What became of each.")] = False,
    ended: Annotated[bool, typer.Option("--ended", help="Instead the last that ended.")] = False,
    environment: EnvironmentOption = "mock",
    as_json: JsonOption = False,
    run: RunOption = None,
) -> None:
    """Print every plan of orders.

    `omf send plan-set name=early colours=RED,WHITE times=06:00,14:00` sets one; `at=...` once,
    `keep=3` a stock. `omf send plan-pause`, `plan-resume`, `plan-remove` name=... steer it.
    """
    zone = ServiceSettings.read().shift_calendar.zone

    async def work() -> None:
        async with connect(environment, run).bus() as bus:
            now = await bus.time()
            if ended:
                found = await order_plans.read_ended_plans(bus)
            else:
                found = await order_plans.read_plans(bus)
        if as_json:
            for plan in found:
                due = next_due(plan, now, zone)
                data(plan.model_dump(mode="json") | {"next": due})
            return
        table(PLAN_COLUMNS, [_row(plan, now, zone) for plan in found])
        for plan in found if history else ():
            show("", plan.name)
            for note in plan.history:
                said = rows.words(note.said) if note.said else ""
                told = (clock.iso(note.at), note.event, note.by, note.run_id, said)
                show("  ".join(part for part in told if part))

    finish(work())


def _row(plan: OrderPlan, now: float, zone: tzinfo | None) -> tuple[Any, ...]:
    orders = f"{plan.amount} x {','.join(plan.colours)}"
    times = ",".join(f"{one:%H:%M}" for one in plan.times)
    when = f"keep {plan.keep}" if plan.keep else times or str(plan.at)
    due = next_due(plan, now, zone)
    following = "paused" if plan.paused_by else "-" if due is None else clock.iso(due)
    why = rows.words(plan.why) if plan.why else ""
    return (plan.name, orders, when, following, plan.operator, why)
