"""`/api/v1/report`: the figures of a shift or of any range, with what each was counted from."""

import asyncio
from datetime import UTC
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from omf.analysis import shift_wording
from omf.analysis.shift_figures import RangeFigures, compare_shifts
from omf.texts import text
from services.api import reasons
from services.api.access import ContextDep, EnvironmentDep
from services.api.context import AppContext, ServedEnvironment
from services.api.description import ALSO_FILES, PREFIX, refusals
from services.api.problems import FieldError, RefusalError
from services.api.routes.history import archive_faults
from services.common.documents.life_record import Reader
from services.common.documents.pdf import DOCUMENT_FORMATS, DocumentFormat, pdf
from services.common.documents.shift_report import shift_report
from services.common.process import clock
from services.common.process.language import spoken
from services.common.sessions import csv_export
from services.history.reader import History
from services.history.run_ranges import range_asked
from services.history.shift_reading import (
    RangeError,
    ShiftRange,
    figures_between,
)

router = APIRouter(prefix=f"{PREFIX}/report", tags=["state"])
RangeName = Annotated[
    str,
    Query(
        max_length=80,
        description="`now`, `last`, `today`, `yesterday`, a day, a shift, `FROM..TO`, or the name"
        " of a planning run or named range.",
        examples=["2026-05-13/early"],
    ),
]


class ShiftReportView(BaseModel):
    """The figures of a range as in docs/shift-report.md."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    report: dict[str, Any]
    compared: tuple[dict[str, Any], ...] = ()
    """Every figure of both ranges, `a` of this one and `b` of the other."""
    faults: tuple[str, ...] = ()
    """What of the archive could not be read."""


@router.get("", response_model=ShiftReportView, responses=refusals() | ALSO_FILES)
async def report(
    context: ContextDep,
    served: EnvironmentDep,
    wanted: Annotated[RangeName, Query(alias="range")] = "now",
    against: RangeName = "",
    form: Annotated[DocumentFormat, Query(alias="format")] = "json",
    accept_language: Annotated[str, Header(max_length=400)] = "",
) -> ShiftReportView | Response:
    """How a shift was: orders, quality, OEE and its losses, vehicles, alarms, disturbances.

    Without `range` the shift under way; `against` holds it against another range. As PDF in the
    language of Accept-Language, its times in UTC.
    """
    archive = context.history(served.environment)
    asked = await _range(context, served, wanted, "range")
    other = await _range(context, served, against, "against") if against else None
    found = await _figures(context, served, archive, asked)
    held = await _figures(context, served, archive, other) if other else None
    compared = compare_shifts(found, held) if held else []
    if form == "csv":
        rows = "".join(csv_export.record(row) for row in shift_wording.shift_csv(found))
        content = (csv_export.head(shift_wording.SHIFT_CSV_COLUMNS) + rows).encode()
        return _file(content, "csv")
    if form == "pdf":
        reader = Reader(spoken(accept_language), UTC)
        title = reader.say("shift_report.title", name=asked.shift or wanted)
        document = shift_report(found, title, reader, compared)
        async with context.questions:
            return _file(await asyncio.to_thread(pdf, document), "pdf")
    return ShiftReportView(
        report=shift_wording.shift_json(found),
        compared=tuple(shift_wording.compared_json(compared)),
        faults=archive_faults(archive),
    )


async def _range(
    context: AppContext, served: ServedEnvironment, asked: str, name: str
) -> ShiftRange:
    try:
        return await range_asked(served.bus, asked, context.shifts, clock.now())
    except RangeError as error:
        why = text("problem_detail.no_range", why=error.told)
        raise RefusalError(reasons.INVALID, field_errors=[FieldError(name, why)]) from error


async def _figures(
    context: AppContext, served: ServedEnvironment, archive: History, asked: ShiftRange
) -> RangeFigures:
    calendar = context.shifts
    async with served.travelling, context.questions:
        return await figures_between(served.bus, archive, asked.span, calendar)


def _file(content: bytes, form: DocumentFormat) -> Response:
    headers = {"content-disposition": f'attachment; filename="report.{form}"'}
    return Response(content, headers=headers, media_type=DOCUMENT_FORMATS[form])
