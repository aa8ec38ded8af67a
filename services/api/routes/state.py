"""The factory as it is or was, who leads it, and what can be told to it."""

import math
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query

from omf.commands import KINDS
from omf.texts import text
from services.api import reasons
from services.api.access import ClientDep, ContextDep, EnvironmentDep
from services.api.description import PREFIX, refusals
from services.api.problems import FieldError, RefusalError
from services.api.schemas import KindList, KindView, LeaseView
from services.common.store import journal, lease
from services.history.moments import NothingKnownError, state_at

router = APIRouter(prefix=PREFIX)
LATEST_S = 1e11
"""No message id reaches further; year 5138."""
At = Annotated[
    str | None,
    Query(
        max_length=40,
        description="Unix seconds or ISO 8601, without a zone UTC; left out: now.",
        examples=["2026-08-07T14:05:30Z"],
    ),
]


@router.get("/state", tags=["state"], responses=refusals(reasons.NO_STATE))
async def state(context: ContextDep, served: EnvironmentDep, at: At = None) -> dict[str, Any]:
    """The factory as all messages up to now, or up to `at`, tell it (docs/state.md).

    `at` may be as old as the archive (docs/history.md).
    """
    if at is not None:
        then = moment(at)
        archive = context.history(served.environment)
        async with served.travelling:
            try:
                past = await state_at(served.bus, archive, then)
            except NothingKnownError as error:
                raise RefusalError(reasons.NO_STATE, error.told) from error
        return past.state.view(then)
    if not served.reader.current:
        raise RefusalError(reasons.NOT_READY, headers={"retry-after": "2"})
    return served.reader.state.view(await journal.message_now(served.bus))


@router.get("/lease", tags=["state"], responses=refusals())
async def leads(served: EnvironmentDep) -> LeaseView:
    """Who leads this environment now, until when, and who asks to take over."""
    return LeaseView.of(await lease.read(served.bus), await served.bus.time())


@router.get("/kinds", tags=["commands"], responses=refusals())
async def kinds(_: ClientDep) -> KindList:
    """Every kind of command with the JSON Schema of its parameters."""
    return KindList(kinds=tuple(KindView.of(kind) for kind in KINDS.values()))


def moment(given: str, field: str = "at") -> float:
    """Unix seconds; 422 for what is no time."""
    try:
        at = _number(given)
        if at is None:
            named = datetime.fromisoformat(given)
            at = (named if named.tzinfo else named.replace(tzinfo=UTC)).timestamp()
        if math.isfinite(at) and 0 <= at <= LATEST_S:
            return at
    except (ValueError, OverflowError):
        pass
    said = text("problem_detail.not_a_time")
    raise RefusalError(reasons.INVALID, field_errors=[FieldError(field, said)])


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
