"""`/api/v1/changes`: what changed between two moments."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from omf.analysis.moment_changes import MomentChange
from omf.analysis.moment_facts import ChangeGroup
from omf.texts import Text
from services.api import reasons
from services.api.access import ContextDep, EnvironmentDep
from services.api.description import PREFIX, refusals
from services.api.problems import FieldError, RefusalError
from services.api.routes.history import Moment, archive_faults
from services.api.routes.state import moment
from services.common.store import journal
from services.history.moment_changes import changes_between, wrong_moments
from services.history.moments import NothingKnownError

router = APIRouter(prefix=f"{PREFIX}/changes", tags=["state"])
First = Annotated[
    str,
    Query(
        alias="from",
        max_length=40,
        description="First moment: Unix seconds or ISO 8601, without a zone UTC.",
        examples=["2026-08-07T14:05:30Z"],
    ),
]
Second = Annotated[Moment, Query(alias="to")]


class ChangeView(BaseModel):
    """One thing that was different."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    group: ChangeGroup
    subject: Text
    """What it is about, as people call it."""
    what: Text
    before: Text
    after: Text
    about: str
    """Serial, order, bay or topic filter."""
    message: str
    """Id of the first message that showed it, where one does."""

    @classmethod
    def of(cls, one: MomentChange) -> "ChangeView":
        """The view of a change."""
        told = one._asdict()
        return cls(message=told.pop("message_id"), **told)


class ChangesView(BaseModel):
    """What changed; what one of the moments does not know is unknown."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    since: float
    until: float
    """The two moments, Unix s."""
    changes: tuple[ChangeView, ...]
    shapes_compared: int
    """Kinds of topics whose payloads were compared."""
    shapes_unknown: int
    """Kinds of topics of which too little was heard before the first moment."""
    faults: tuple[str, ...] = ()
    """What of the archive could not be read."""


@router.get("", responses=refusals(reasons.NO_STATE))
async def changes(
    context: ContextDep, served: EnvironmentDep, first: First, second: Second = None
) -> ChangesView:
    """What changed in state, configuration, versions and shapes of payloads; `to` else is now."""
    since = moment(first, "from")
    until = moment(second, "to") if second else await journal.message_now(served.bus)
    if (wrong := wrong_moments(since, until)) is not None:
        raise RefusalError(reasons.INVALID, field_errors=[FieldError("to", wrong)])
    archive = context.history(served.environment)
    async with served.travelling:
        try:
            found = await changes_between(served.bus, archive, since, until)
        except NothingKnownError as error:
            raise RefusalError(reasons.NO_STATE, error.told) from error
    return ChangesView(
        since=found.since,
        until=found.until,
        changes=tuple(map(ChangeView.of, found.changes)),
        shapes_compared=found.shapes_compared,
        shapes_unknown=found.shapes_unknown,
        faults=archive_faults(archive),
    )
