"""Orders by plan as orders keeps them."""

import logging

from pydantic import ValidationError

from omf.plans.plan import OrderPlan
from services.common.store.bus import Bus

PLANS = "plans"
"""Hash: name of a plan -> OrderPlan."""
ENDED_PLANS = "plans:ended"
"""List of OrderPlan, the newest first."""

_log = logging.getLogger(__name__)


async def read_plans(bus: Bus) -> list[OrderPlan]:
    """Every plan by name."""
    found = await bus.call(bus.client.hvals(bus.key(PLANS)))
    plans = (plan for plan in map(readable_plan, found) if plan is not None)
    return sorted(plans, key=lambda plan: plan.name)


async def read_ended_plans(bus: Bus, count: int = 50) -> list[OrderPlan]:
    """The last plans that were removed or, being for one time, are over; the newest first."""
    found = await bus.call(bus.client.lrange(bus.key(ENDED_PLANS), 0, count - 1))
    return [plan for plan in map(readable_plan, found) if plan is not None]


def readable_plan(told: bytes) -> OrderPlan | None:
    """A plan; None for one of another version, or a forged one."""
    try:
        return OrderPlan.model_validate_json(told)
    except ValidationError as error:
        _log.error("a plan of another version is left aside: %s", error)
        return None
