"""`/api/v1/workpieces`: where each piece is, what happened to it, and by which messages."""

import asyncio
from copy import deepcopy
from datetime import UTC
from typing import Annotated, Any, Literal, NamedTuple

from fastapi import APIRouter, Header, Path, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from omf.state import FactoryState
from omf.workpieces.collect import matching
from omf.workpieces.life import WorkpieceLife
from omf.workpieces.record import CSV_COLUMNS, csv_rows, summary
from services.api import reasons
from services.api.access import ContextDep, EnvironmentDep
from services.api.context import AppContext, ServedEnvironment
from services.api.description import ALSO_FILES, PREFIX, refusals
from services.api.problems import RefusalError
from services.api.routes.history import HistorySpan, SpanDep, archive_faults
from services.common.documents.life_record import Reader, Readings, life_record
from services.common.documents.pdf import PDF_MEDIA_TYPE, pdf
from services.common.process.language import spoken
from services.common.sessions import csv_export
from services.history.lives import (
    FoundLives,
    archived_readings,
    find_lives,
    journal_readings,
    lives_between,
    whole_record,
    with_archived,
)
from services.history.reader import History

router = APIRouter(prefix=f"{PREFIX}/workpieces", tags=["state"])
MAX_LIVES_SHOWN = 2_000
"""A busy month; who wants more asks for a shorter time."""

Wanted = Annotated[
    str, Path(max_length=512, description="A tag, the id of an order, or the id of a life.")
]


class WorkpieceList(BaseModel):
    """Lives of workpieces as in docs/workpieces.md, oldest first."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    workpieces: tuple[dict[str, Any], ...]
    more: bool = False
    """There are more than could be told; narrow `from` and `to`."""
    faults: tuple[str, ...] = ()
    """What of the archive could not be read."""


class _Known(NamedTuple):
    lives: list[WorkpieceLife]
    state: FactoryState
    archive: History
    past: bool
    found: FoundLives | None = None


@router.get("", responses=refusals())
async def workpieces(
    context: ContextDep,
    served: EnvironmentDep,
    span: SpanDep,
    colour: Annotated[str, Query(max_length=40, examples=["RED"])] = "",
    status: Annotated[str, Query(max_length=40, examples=["in_house", "rejected"])] = "",
) -> WorkpieceList:
    """The pieces in the house now and the last ones that left it.

    With `from` or `to` every piece that was in the house in that time, from the archive.
    """
    known = await _known(context, served, span)
    rows = [summary(life, known.state) for life in known.lives]
    found = [
        row
        for row in rows
        if colour in ("", row["colour"] or "UNKNOWN") and status in ("", row["status"])
    ]
    return WorkpieceList(
        workpieces=tuple(found[:MAX_LIVES_SHOWN]),
        more=len(found) > MAX_LIVES_SHOWN,
        faults=archive_faults(known.archive),
    )


@router.get(
    "/{tag}",
    response_model=WorkpieceList,
    responses=refusals(reasons.NO_WORKPIECE) | ALSO_FILES,
)
async def workpiece(
    context: ContextDep,
    served: EnvironmentDep,
    span: SpanDep,
    tag: Wanted,
    form: Annotated[Literal["json", "csv", "pdf"], Query(alias="format")] = "json",
    accept_language: Annotated[str, Header(max_length=400)] = "",
) -> WorkpieceList | Response:
    """The lives of a tag, oldest first, event by event, with what the sensors said around each.

    However long ago; of more than 50 the newest, older ones with `from` and `to`. As PDF the life
    record for people, in the language of Accept-Language, its times in UTC.
    """
    known = await _known(context, served, span, tag)
    lives = deepcopy(matching(known.lives, tag))
    if not lives:
        raise RefusalError(reasons.NO_WORKPIECE)
    if form == "csv":
        rows = "".join(csv_export.record(row) for row in csv_rows(lives, known.state))
        text = csv_export.head(CSV_COLUMNS) + rows
        headers = {"content-disposition": 'attachment; filename="workpiece.csv"'}
        return Response(text, headers=headers, media_type=csv_export.CSV_MEDIA_TYPE)
    readings = await _readings(served, known, lives)
    if form == "pdf":
        reader = Reader(spoken(accept_language), UTC)

        def made() -> bytes:
            return pdf(life_record(lives, known.state, readings, reader))

        async with context.questions:
            content = await asyncio.to_thread(made)
        headers = {"content-disposition": 'attachment; filename="workpiece.pdf"'}
        return Response(content, headers=headers, media_type=PDF_MEDIA_TYPE)
    records = await _records(context, known, lives, readings)
    more = known.found is not None and bool(known.found.older or known.found.unread_days)
    faults = archive_faults(known.archive)
    return WorkpieceList(workpieces=tuple(records), more=more, faults=faults)


async def _readings(
    served: ServedEnvironment, known: _Known, lives: list[WorkpieceLife]
) -> Readings:
    if known.past:
        return archived_readings(known.archive)
    async with served.travelling:
        return await journal_readings(served.bus, known.archive, lives)


async def _records(
    context: AppContext, known: _Known, lives: list[WorkpieceLife], readings: Readings
) -> list[dict[str, Any]]:
    def work() -> list[dict[str, Any]]:
        return [whole_record(life, known.state, readings) for life in lives]

    async with context.questions:
        return await asyncio.to_thread(work)


async def _known(
    context: AppContext, served: ServedEnvironment, span: HistorySpan, wanted: str = ""
) -> _Known:
    archive = context.history(served.environment)
    if span != (None, None):
        async with context.questions:
            past = await asyncio.to_thread(lives_between, archive, *span, wanted)
        return _Known(past.lives, past.state, archive, past=True)
    if not served.reader.current:
        raise RefusalError(reasons.NOT_READY, headers={"retry-after": "2"})
    state = served.reader.state
    pieces = state.workpieces
    lives = sorted([*pieces.ended, *pieces.open.values()], key=lambda life: life.begun_at)
    if wanted:
        async with context.questions:
            found = await asyncio.to_thread(find_lives, archive, wanted)
        return _Known(with_archived(lives, found), state, archive, past=False, found=found)
    return _Known(lives, state, archive, past=False)
