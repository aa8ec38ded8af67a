"""`/api/v1/why`: a short account of a thing, facts only, each with its messages."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from omf.analysis.account import Clause
from omf.texts import Text, joined, verbatim
from services.api import reasons
from services.api.access import ContextDep, EnvironmentDep
from services.api.description import PREFIX, refusals
from services.api.problems import RefusalError
from services.api.routes.history import archive_faults
from services.common.store import journal
from services.history.accounts import account

router = APIRouter(prefix=f"{PREFIX}/why", tags=["state"])
Subject = Annotated[
    str, Query(max_length=512, description="A tag, an order, a serial, an alarm or a command.")
]


class ClauseView(BaseModel):
    """One fact."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    text: Text
    at: float | None
    """When it happened, Unix s; null: it is so now."""
    evidence: tuple[str, ...]
    """Ids of the messages it follows from."""
    subject: str
    """What the state says it of, where no single message does."""

    @classmethod
    def of(cls, one: Clause) -> "ClauseView":
        """The view of a clause."""
        return cls(text=one.text, at=one.at, evidence=one.evidence, subject=one.subject)


class AccountView(BaseModel):
    """Why a thing is as it is, in order of time; what is unknown is said to be."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    kind: str
    """`order`, `piece`, `module`, `vehicle`, `alarm`, `command`."""
    name: Text
    clauses: tuple[ClauseView, ...]
    faults: tuple[str, ...] = ()
    """What of the archive could not be read."""


@router.get("", responses=refusals(reasons.UNKNOWN_SUBJECT, reasons.ARCHIVE_UNREADABLE))
async def why(context: ContextDep, served: EnvironmentDep, name: Subject) -> AccountView:
    """A short account of an order, a piece, a module, a vehicle, a command or an alarm."""
    if not served.reader.current:
        raise RefusalError(reasons.NOT_READY, headers={"retry-after": "2"})
    archive, state = context.history(served.environment), served.reader.state
    async with context.questions:
        now = await journal.message_now(served.bus)
        found = await account(served.bus, archive, state, name, now)
    faults = archive_faults(archive)
    if found is None and faults:
        told = joined("; ", map(verbatim, faults))
        raise RefusalError(reasons.ARCHIVE_UNREADABLE, told)
    if found is None:
        raise RefusalError(reasons.UNKNOWN_SUBJECT)
    clauses = tuple(map(ClauseView.of, found.clauses))
    return AccountView(kind=found.kind, name=found.name, clauses=clauses, faults=faults)
