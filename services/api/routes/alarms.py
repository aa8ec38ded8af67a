"""`/api/v1/alarms`: what became of the alarms, and who did it."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from omf.alarms.life import AlarmEntry
from omf.alarms.lifecycle import AlarmState
from omf.alarms.rule_data import SEVERITIES
from services.api.access import ContextDep, EnvironmentDep
from services.api.description import PREFIX, refusals
from services.api.routes.history import SpanDep, archive_faults
from services.api.routes.messages import MAX_LIMIT
from services.api.schemas import StreamIdText
from services.history.alarm_search import PassageQuestion, find_passages

router = APIRouter(prefix=f"{PREFIX}/alarms", tags=["alarms"])

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
