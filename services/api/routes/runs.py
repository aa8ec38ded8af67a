"""`/api/v1/runs`: planning runs; `/report?range=NAME` has the figures of one."""

from typing import Annotated

from fastapi import APIRouter, Path, status
from pydantic import BaseModel, ConfigDict, Field

from services.api import command_service, reasons
from services.api.access import ClientDep, EnvironmentDep
from services.api.description import PREFIX, refusals
from services.api.problems import FieldError, RefusalError
from services.common.sessions import named_ranges, runs
from services.common.sessions.named_ranges import RANGE_NAME, Session
from services.common.sessions.runs import OpenRun, RunError
from services.common.store.keys import Role

router = APIRouter(prefix=f"{PREFIX}/runs", tags=["state"])
RunName = Annotated[str, Path(max_length=64, pattern=RANGE_NAME, examples=["batch-7"])]


class RunWish(BaseModel):
    """A run to begin."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: str = Field(min_length=1, max_length=64, pattern=RANGE_NAME, examples=["batch-7"])
    note: str = Field("", max_length=500)
    """What is tried."""


class RunsView(BaseModel):
    """Runs under way, and the named ranges, of which those are that ended."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    under_way: tuple[OpenRun, ...]
    ended: tuple[Session, ...]


@router.get("", responses=refusals())
async def every(served: EnvironmentDep) -> RunsView:
    """All of them, oldest first."""
    under_way = await runs.under_way(served.bus)
    ended = await named_ranges.every(served.bus)
    return RunsView(under_way=tuple(under_way), ended=tuple(ended))


@router.post("", status_code=status.HTTP_201_CREATED, responses=refusals(reasons.RUN))
async def start(wish: RunWish, client: ClientDep, served: EnvironmentDep) -> OpenRun:
    """Begin a run now. Asked once more it is refused, for it is under way."""
    command_service.check_role(client, served.environment, Role.OPERATOR)
    try:
        return await runs.start(served.bus, wish.name, client.name, wish.note)
    except RunError as error:
        raise RefusalError(reasons.RUN, field_errors=[FieldError("name", error.told)]) from error


@router.post("/{name}/stop", responses=refusals(reasons.RUN))
async def stop(name: RunName, client: ClientDep, served: EnvironmentDep) -> Session:
    """End a run now; it is a named range from then on, and its figures are those of that range."""
    command_service.check_role(client, served.environment, Role.OPERATOR)
    try:
        return await runs.stop(served.bus, name, client.name)
    except RunError as error:
        raise RefusalError(reasons.RUN, field_errors=[FieldError("name", error.told)]) from error
