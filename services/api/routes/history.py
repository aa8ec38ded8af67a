"""`/api/v1/history`: what the factory said in the past, as far as the archive reaches."""

import asyncio
from itertools import accumulate
from typing import Annotated

from fastapi import APIRouter, Query

from omf.messages.message import Message
from omf.texts import text
from omf.topics.filters import TopicError, check_filter
from services.api import reasons
from services.api.access import ContextDep, EnvironmentDep
from services.api.description import PREFIX, refusals
from services.api.problems import FieldError, RefusalError
from services.api.routes.messages import MAX_LIMIT, MAX_PAGE_BYTES, After, Filter
from services.api.routes.state import moment
from services.api.schemas import ArchivedPage, MessageView
from services.common.store.journal import BEGINNING
from services.history.message_search import MessageQuestion, find_messages
from services.history.questions import QuestionError
from services.history.reader import History

router = APIRouter(prefix=f"{PREFIX}/history", tags=["messages"])
Moment = Annotated[
    str | None,
    Query(
        max_length=40,
        description="Unix seconds or ISO 8601, without a zone UTC.",
        examples=["2026-08-07T14:05:30Z"],
    ),
]
Contained = Annotated[str, Query(max_length=200, description="Only payloads that contain this.")]


@router.get("", responses=refusals(reasons.TOO_MUCH))
async def page(  # noqa: PLR0913 - one parameter for each way to narrow it
    context: ContextDep,
    served: EnvironmentDep,
    *,
    topic_filter: Filter = "#",
    start: Annotated[Moment, Query(alias="from")] = None,
    end: Annotated[Moment, Query(alias="to")] = None,
    text: Contained = "",
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 100,
) -> ArchivedPage:
    """Archived messages of a topic filter, oldest first, received from `from` until before `to`.

    Behind the id `after`, if one is given. The archive has a message about a minute after it came
    (docs/history.md); what is newer is told by `GET /api/v1/messages`. A page may hold less than
    `limit`; `more` tells whether to go on with `after`.
    """
    since_ms, until_ms = _milliseconds(start, "from"), _milliseconds(end, "to")
    asked = MessageQuestion(
        _checked(topic_filter), text, after or BEGINNING, since_ms, until_ms, limit
    )
    archive = History(context.archive / served.environment)
    try:
        async with context.questions:
            found, more = await asyncio.to_thread(find_messages, archive, asked)
    except QuestionError as error:
        raise RefusalError(reasons.TOO_MUCH) from error
    shown = _fitting(found)
    last = shown[-1].id if shown else after
    messages = tuple(map(MessageView.of, shown))
    faults = tuple(fault.replace(f"{archive.root}/", "") for fault in archive.faults)
    more = more or len(shown) < len(found)
    return ArchivedPage(messages=messages, after=last, more=more, faults=faults)


def _checked(topic_filter: str) -> str:
    try:
        return check_filter(topic_filter)
    except TopicError as error:
        said = text("problem_detail.no_filter", error=error.text)
        raise RefusalError(reasons.INVALID, field_errors=[FieldError("filter", said)]) from error


def _milliseconds(given: str | None, field: str) -> int | None:
    return None if given is None else round(moment(given, field) * 1000)


def _fitting(messages: list[Message]) -> list[Message]:
    """The oldest of them that fit into a page; at least one."""
    sizes = accumulate(len(message.payload) for message in messages)
    fit = sum(size <= MAX_PAGE_BYTES for size in sizes)
    return messages[: max(1, fit)]
