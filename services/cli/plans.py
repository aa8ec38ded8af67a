"""`omf plans`: orders by plan, when each is due next, and what became of it."""

from datetime import tzinfo
from typing import Annotated, Any

import typer

from omf.plans.future import ForeseenOrders, due_orders, foreseen_orders
from omf.plans.plan import OrderPlan
from omf.plans.schedule import next_due
from omf.simulation.learned import learn
from services.cli import rows
from services.cli.connection import connect
from services.cli.options import EnvironmentOption, JsonOption, RunOption
from services.cli.output import data, finish, show, table
from services.common.process import clock
from services.common.process.settings import ServiceSettings
from services.common.store import fold_reader, order_plans

AHEAD_COLUMNS = ("at", "plan", "orders", "done", "why not")
PLAN_COLUMNS = ("plan", "orders", "when", "next", "by", "why")


def command(
    *,
    history: Annotated[bool, typer.Option("--history", help="What became of each.")] = False,
    ended: Annotated[bool, typer.Option("--ended", help="Instead the last that ended.")] = False,
    ahead: Annotated[
        bool, typer.Option("--ahead", help="What they would order in the next 8 h: simulated.")
    ] = False,
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
        place = connect(environment, run)
        async with place.bus() as bus:
            now = await bus.time()
            if ended:
                found = await order_plans.read_ended_plans(bus)
            else:
                found = await order_plans.read_plans(bus)
            state = await fold_reader.state_until(bus) if ahead else None
        if state is not None:
            learned = learn(state.orders.values(), state.layout, place.speed)
            coming = foreseen_orders(due_orders(found, now, zone), state, now, learned)
            _show_ahead(coming, as_json=as_json)
            return
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


def _show_ahead(found: list[ForeseenOrders], *, as_json: bool) -> None:
    if as_json:
        for one in found:
            data(one.to_dict())
        return
    table(AHEAD_COLUMNS, [_ahead_row(one) for one in found])


def _ahead_row(one: ForeseenOrders) -> tuple[Any, ...]:
    ends = ",".join("-" if end is None else clock.iso(end) for end in one.ends)
    why = rows.words(one.why) if one.why else ""
    return (clock.iso(one.at), one.plan, ",".join(one.colours), ends, why)


def _row(plan: OrderPlan, now: float, zone: tzinfo | None) -> tuple[Any, ...]:
    orders = f"{plan.amount} x {','.join(plan.colours)}"
    times = ",".join(f"{one:%H:%M}" for one in plan.times)
    when = f"keep {plan.keep}" if plan.keep else times or str(plan.at)
    due = next_due(plan, now, zone)
    following = "paused" if plan.paused_by else "-" if due is None else clock.iso(due)
    why = rows.words(plan.why) if plan.why else ""
    return (plan.name, orders, when, following, plan.operator, why)
