"""Orders by plan as orders keeps them."""

from omf.plans.plan import OrderPlan
from services.common.store.bus import Bus
from services.common.store.entries import all_readable, readable

PLANS = "plans"
"""Hash: name of a plan -> OrderPlan."""
ENDED_PLANS = "plans:ended"
"""List of OrderPlan, the newest first."""


async def read_plans(bus: Bus) -> list[OrderPlan]:
    """Every plan by name."""
    found = await bus.call(bus.client.hvals(bus.key(PLANS)))
    return sorted(all_readable(OrderPlan, found, "a plan"), key=lambda plan: plan.name)


async def read_plan(bus: Bus, name: str) -> OrderPlan | None:
    """The plan of that name."""
    return readable(OrderPlan, await bus.call(bus.client.hget(bus.key(PLANS), name)), "a plan")


async def read_ended_plans(bus: Bus, count: int = 50) -> list[OrderPlan]:
    """The last plans that were removed or, being for one time, are over; the newest first."""
    found = await bus.call(bus.client.lrange(bus.key(ENDED_PLANS), 0, count - 1))
    return all_readable(OrderPlan, found, "a plan")
