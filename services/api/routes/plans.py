"""`/api/v1/plans`: orders by plan, read-only; set and steered by the commands `plan-*`."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from omf.plans.plan import OrderPlan
from services.api.access import EnvironmentDep
from services.api.description import PREFIX, refusals
from services.common.store import order_plans

router = APIRouter(prefix=f"{PREFIX}/plans", tags=["commands"])


class PlanList(BaseModel):
    """Every plan by name; times in Unix seconds, those of the day by the clock of the site."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    plans: tuple[OrderPlan, ...]


@router.get("", responses=refusals())
async def plans(served: EnvironmentDep) -> PlanList:
    """The plans of orders: what is ordered when, and what became of it so far."""
    return PlanList(plans=tuple(await order_plans.read_plans(served.bus)))
