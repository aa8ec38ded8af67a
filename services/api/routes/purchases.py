"""`/api/v1/purchases`: demand and purchases, read-only; entered by the commands `purchase-*`."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from omf.purchases.account import PurchaseAccount
from omf.purchases.demand import demands
from services.api import reasons
from services.api.access import EnvironmentDep
from services.api.description import PREFIX, refusals
from services.api.problems import RefusalError
from services.common.store import purchases as stored_purchases

router = APIRouter(prefix=f"{PREFIX}/purchases", tags=["commands"])


class DemandOfColour(BaseModel):
    """Pieces of one colour; null is what the factory has not told."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    colour: str
    capacity: int | None
    """Bays for it."""
    stored: int | None
    storing: int
    """Storage orders that run or wait."""
    needed: int | None
    """Free bays less the storage orders that run or wait."""
    purchased: int
    """Ordered, and not on its way into a bay yet."""
    to_order: int | None
    """What nobody has ordered yet."""


class PurchaseList(BaseModel):
    """What is needed, and all purchases by colour; times in Unix seconds."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    demand: tuple[DemandOfColour, ...]
    accounts: tuple[PurchaseAccount, ...]


@router.get("", responses=refusals())
async def purchases(served: EnvironmentDep) -> PurchaseList:
    """What of each colour is needed, and what was ordered and has come in."""
    if not served.reader.current:
        raise RefusalError(reasons.NOT_READY, headers={"retry-after": "2"})
    accounts = await stored_purchases.read_purchases(served.bus)
    found = demands(served.reader.state, accounts)
    return PurchaseList(
        demand=tuple(
            DemandOfColour(**one._asdict(), needed=one.needed, to_order=one.to_order)
            for one in found
        ),
        accounts=tuple(accounts),
    )
