"""`/api/v1/history`: what the factory said in the past, as far as the archive reaches."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import accumulate
from typing import Annotated, NamedTuple, TypeVar

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from starlette.concurrency import iterate_in_threadpool

from omf.messages.field_condition import ConditionError, FieldCondition
from omf.messages.message import Message
from omf.messages.regular_expression import RegexError, compiled
from omf.texts import Text, text
from omf.topics.filters import TopicError, check_filter
from services.api import reasons
from services.api.access import ContextDep, EnvironmentDep, StreamSlot
from services.api.context import AppContext
from services.api.description import PREFIX, refusals
from services.api.problems import FieldError, RefusalError
from services.api.routes.messages import MAX_LIMIT, MAX_PAGE_BYTES, After, Filter
from services.api.routes.state import moment
from services.api.schemas import (
    ArchivedFieldsView,
    ArchivedFieldView,
    ArchivedPage,
    FieldColumnsView,
    FieldColumnView,
    MessageView,
)
from services.common.store.journal import BEGINNING
from services.history import field_search
from services.history.export import (
    MEDIA_TYPES,
    ExportFormat,
    export_messages,
    export_values,
    suffix,
)
from services.history.field_search import FieldName, FieldQuestion
from services.history.message_search import MessageQuestion, find_messages
from services.history.questions import QuestionError
from services.history.reader import History

router = APIRouter(prefix=f"{PREFIX}/history", tags=["messages"])
T = TypeVar("T")
Moment = Annotated[
    str | None,
    Query(
        max_length=40,
        description="Unix seconds or ISO 8601, without a zone UTC.",
        examples=["2026-08-07T14:05:30Z"],
    ),
]
Start = Annotated[Moment, Query(alias="from")]
End = Annotated[Moment, Query(alias="to")]
Contained = Annotated[str, Query(max_length=200, description="Only payloads that contain this.")]
Expression = Annotated[
    str, Query(max_length=200, description="Only payloads in which this expression (RE2) is found.")
]
Condition = Annotated[
    str,
    Query(
        max_length=200,
        description="Only payloads with such a field: `path op value`, op one of = != < <= > >=.",
        examples=["batteryState.charge < 20"],
    ),
]
TopicName = Annotated[str, Query(max_length=512, description="A whole topic.")]
FieldPath = Annotated[str, Query(max_length=200, examples=["batteryState.charge"])]
Format = Annotated[
    ExportFormat, Query(alias="format", description="`flat`: CSV with a column for each field.")
]


class HistorySpan(NamedTuple):
    """Received in [since, until), ms since 1970 UTC; None: open."""

    since_ms: int | None
    until_ms: int | None


def _span(start: Start = None, end: End = None) -> HistorySpan:
    return HistorySpan(_milliseconds(start, "from"), _milliseconds(end, "to"))


SpanDep = Annotated[HistorySpan, Depends(_span)]


def _asked(
    span: SpanDep,
    topic_filter: Filter = "#",
    text: Contained = "",
    regex: Expression = "",
    where: Condition = "",
) -> MessageQuestion:
    """The question of a request; 422 names the part that is none."""
    try:
        if regex:
            compiled(regex)
        if where:
            FieldCondition.parse(where)
    except RegexError as error:
        raise _invalid("regex", _text("problem_detail.no_regex", why=str(error))) from error
    except ConditionError as error:
        raise _invalid("where", _text("problem_detail.no_condition", why=str(error))) from error
    return MessageQuestion(_checked(topic_filter), text, BEGINNING, *span, regex=regex, where=where)


MessageQuestionDep = Annotated[MessageQuestion, Depends(_asked)]


@router.get("", responses=refusals(reasons.TOO_MUCH))
async def page(
    context: ContextDep,
    served: EnvironmentDep,
    asked: MessageQuestionDep,
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 100,
) -> ArchivedPage:
    """Archived messages of a topic filter, oldest first, received from `from` until before `to`.

    Behind the id `after`, if one is given. The archive has a message about a minute after it came
    (docs/history.md); what is newer is told by `GET /api/v1/messages`. A page may hold less than
    `limit`; `more` tells whether to go on with `after`.
    """
    archive = context.history(served.environment)
    wanted = asked._replace(after=after or BEGINNING, limit=limit)
    found, more = await _answer(context, lambda: find_messages(archive, wanted))
    shown = _fitting(found)
    last = shown[-1].id if shown else after
    messages = tuple(map(MessageView.of, shown))
    more = more or len(shown) < len(found)
    return ArchivedPage(messages=messages, after=last, more=more, faults=archive_faults(archive))


@router.get("/fields", responses=refusals(reasons.TOO_MUCH))
async def fields(
    context: ContextDep, served: EnvironmentDep, span: SpanDep, topic_filter: Filter = "#"
) -> ArchivedFieldsView:
    """The fields of JSON payloads that have values in a range: what can be charted."""
    archive, narrowed = context.history(served.environment), _checked(topic_filter)
    found, more = await _answer(context, lambda: field_search.list_fields(archive, *span, narrowed))
    views = tuple(ArchivedFieldView(**one._asdict()) for one in found)
    return ArchivedFieldsView(fields=views, more=more, faults=archive_faults(archive))


@router.get("/values", responses=refusals(reasons.TOO_MUCH))
async def values(
    context: ContextDep,
    served: EnvironmentDep,
    span: SpanDep,
    topic: TopicName,
    path: FieldPath,
    columns: Annotated[int, Query(ge=1, le=field_search.MAX_COLUMNS)] = 600,
) -> FieldColumnsView:
    """A field over a range in so many columns of time: lowest, highest, first and last of each.

    A column without a value is left out. `place` -1: before the range, what held at its beginning.
    """
    archive, name = context.history(served.environment), FieldName(topic, path)

    def work() -> FieldColumnsView:
        whole = field_search.span_of(archive, *span)
        if whole is None:
            return FieldColumnsView(since=None, until=None, columns=(), faults=())
        asked = FieldQuestion([name], *whole, columns)
        found = field_search.series(archive, asked)[name]
        views = tuple(map(FieldColumnView.of, found))
        return FieldColumnsView.over(whole, views, archive_faults(archive))

    return await _answer(context, work)


@router.get("/export", response_class=StreamingResponse, responses=refusals(reasons.TOO_MUCH))
async def export(
    context: ContextDep,
    served: EnvironmentDep,
    _: Annotated[None, StreamSlot],
    asked: MessageQuestionDep,
    export_format: Format = "csv",
) -> StreamingResponse:
    """Every archived message of a question as a file, however many there are.

    A CSV or JSONL file whose last line begins with `not whole` or is `{"error": ...}` broke off; a
    Parquet file that did cannot be opened.
    """
    archive = context.history(served.environment)
    pieces = await _answer(context, lambda: export_messages(archive, asked, export_format))
    return _file(pieces, f"{served.environment}-messages", export_format)


@router.get(
    "/values/export", response_class=StreamingResponse, responses=refusals(reasons.TOO_MUCH)
)
async def values_export(
    context: ContextDep,
    served: EnvironmentDep,
    _: Annotated[None, StreamSlot],
    span: SpanDep,
    topic: TopicName,
    path: FieldPath,
    export_format: Format = "csv",
) -> StreamingResponse:
    """Every archived value of a field as a file: where it changed, and once an hour."""
    archive, name = context.history(served.environment), FieldName(topic, path)
    pieces = await _answer(context, lambda: export_values(archive, name, *span, export_format))
    return _file(pieces, f"{served.environment}-values", export_format)


def archive_faults(archive: History) -> tuple[str, ...]:
    """What could not be read, without where the archive lies."""
    return tuple(fault.replace(f"{archive.storage.place}/", "") for fault in archive.faults)


async def _answer(context: AppContext, work: Callable[[], T]) -> T:
    try:
        async with context.questions:
            return await asyncio.to_thread(work)
    except QuestionError as error:
        raise RefusalError(reasons.TOO_MUCH) from error


def _file(pieces: Iterator[bytes], name: str, export_format: ExportFormat) -> StreamingResponse:
    async def body() -> AsyncIterator[bytes]:
        async for piece in iterate_in_threadpool(pieces):
            yield piece

    headers = {"content-disposition": f'attachment; filename="{name}.{suffix(export_format)}"'}
    return StreamingResponse(body(), 200, headers, MEDIA_TYPES[export_format])


def _text(key: str, **values: str) -> Text:
    return text(key, **values)


def _invalid(field: str, said: Text) -> RefusalError:
    return RefusalError(reasons.INVALID, field_errors=[FieldError(field, said)])


def _checked(topic_filter: str) -> str:
    try:
        return check_filter(topic_filter)
    except TopicError as error:
        raise _invalid("filter", text("problem_detail.no_filter", error=error.text)) from error


def _milliseconds(given: str | None, field: str) -> int | None:
    return None if given is None else round(moment(given, field) * 1000)


def _fitting(messages: list[Message]) -> list[Message]:
    """The oldest of them that fit into a page; at least one."""
    sizes = accumulate(len(message.payload) for message in messages)
    fit = sum(size <= MAX_PAGE_BYTES for size in sizes)
    return messages[: max(1, fit)]
