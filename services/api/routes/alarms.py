"""`/api/v1/alarms`: what became of the alarms, who did it, and the hand-over of the shift."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from omf.alarms.handover import HandoverReport, PendingHandover, SignedHandover
from omf.alarms.life import AlarmEntry
from omf.alarms.lifecycle import AlarmState
from omf.alarms.rule_data import SEVERITIES
from services.api.access import ContextDep, EnvironmentDep
from services.api.description import PREFIX, refusals
from services.api.routes.history import SpanDep, archive_faults
from services.api.routes.messages import MAX_LIMIT
from services.api.schemas import StreamIdText
from services.history.alarm_search import PassageQuestion, find_passages
from services.history.handovers import last_handovers, shift_now

router = APIRouter(prefix=f"{PREFIX}/alarms", tags=["alarms"])

MAX_HANDOVERS = 100
Word = Annotated[str, Query(max_length=600)]
Before = Annotated[StreamIdText | None, Query(description="Only passages older than this id.")]


class PassageView(AlarmEntry):
    """One passage of one alarm; `at` and `since` in Unix seconds."""

    id: str
    """Of the entry; ids rise with time."""


class AlarmPassages(BaseModel):
    """Passages of alarms, newest first."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    passages: tuple[PassageView, ...]
    before: str | None
    """The id to go on with; null: there are no older ones."""
    faults: tuple[str, ...] = ()
    """What of the archive could not be read."""


class ShiftView(BaseModel):
    """The shift that goes on, or waits to be taken; times in Unix seconds."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    shift: str
    since: float
    until: float
    waiting: PendingHandover | None
    """Who gave it; null: nobody has."""
    report: HandoverReport
    """What is to be known of it: as it is now, or as it was given."""
    last: tuple[SignedHandover, ...]
    """The last shifts that were given, newest first."""
    faults: tuple[str, ...] = ()
    """What of the archive could not be read."""


@router.get("/handover", responses=refusals())
async def handover(
    context: ContextDep,
    served: EnvironmentDep,
    limit: Annotated[int, Query(ge=1, le=MAX_HANDOVERS)] = 10,
) -> ShiftView:
    """The hand-over of the shift: what stands, is shelved or out of service, comments, figures.

    It is signed by the commands `handover-give`, `handover-take` and `handover-withdraw`.
    """
    archive = context.history(served.environment)
    now = await shift_now(served.bus, context.shifts)
    async with context.questions:
        last = await last_handovers(served.bus, archive, limit)
    shift = now.shift
    return ShiftView(
        shift=shift.name,
        since=shift.since,
        until=shift.until,
        waiting=now.waiting,
        report=now.report,
        last=tuple(last),
        faults=archive_faults(archive),
    )


@router.get("/history", responses=refusals())
async def history(  # noqa: PLR0913 - one parameter for each way to narrow it
    *,
    context: ContextDep,
    served: EnvironmentDep,
    span: SpanDep,
    device: Word = "",
    rule: Word = "",
    priority: Annotated[int | None, Query(ge=1, le=len(SEVERITIES))] = None,
    state: AlarmState | None = None,
    text: Annotated[str, Query(max_length=200)] = "",
    alarm: Word = "",
    before: Before = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 100,
) -> AlarmPassages:
    """What became of alarms, newest first, from the archive and what only the store has so far.

    `device` is the serial of what the alarm is about, `state` the one the passage led to
    (docs/alarms-lifecycle.md), `text` is looked for in all languages whatever the capitals.
    """
    asked = PassageQuestion(*span, alarm, device, rule, priority, state, text, limit=limit)
    if before:
        asked = asked._replace(before=before)
    archive = context.history(served.environment)
    async with context.questions:
        found = await find_passages(served.bus, archive, asked)
    views = tuple(PassageView(id=entry_id, **dict(entry)) for entry_id, entry in found.entries)
    return AlarmPassages(
        passages=views,
        before=found.entries[-1][0] if found.more else None,
        faults=archive_faults(archive),
    )
