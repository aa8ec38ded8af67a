"""What changed between two moments, as far back as the archive reaches."""

import asyncio
from collections.abc import AsyncIterator

from omf.analysis.moment_changes import (
    MomentChanges,
    ShapeComparison,
    compare_shapes,
    moment_changes,
)
from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from omf.texts import Text, text
from services.common.store.bus import Bus
from services.history.moments import (
    NothingKnownError,
    PastState,
    Reach,
    messages_between,
    reach_of,
    state_at,
)
from services.history.reader import History

SHAPE_HOURS_MS = 3_600_000
"""Before each of the moments: so long payloads are compared."""
MOST_COMPARED = 20_000
"""Messages of each of the two hours; a factory says 18,000."""


async def changes_between(bus: Bus, history: History, since: float, until: float) -> MomentChanges:
    """What changed from `since` to `until`, Unix seconds; in a replay recorded time.

    NothingKnownError where one of them is the other, the second lies before the first, or nothing
    is known of one; its words say of which. StoreError.
    """
    if (wrong := wrong_moments(since, until)) is not None:
        raise NothingKnownError(wrong)
    before = await _state(bus, history, since, "changes.first_moment")
    after = await _state(bus, history, until, "changes.second_moment")
    shapes = await _shapes(
        bus, history, StreamId.parse(before.through), StreamId.parse(after.through)
    )
    return moment_changes((before.state, since), (after.state, until), shapes)


def wrong_moments(since: float, until: float) -> Text | None:
    """Why nothing can be compared between two moments; None if they are in order."""
    if since == until:
        return text("changes.same_moment")
    return text("changes.reversed") if since > until else None


async def _state(bus: Bus, history: History, at: float, which: str) -> PastState:
    try:
        return await state_at(bus, history, at)
    except NothingKnownError as error:
        raise NothingKnownError(text(which, why=error.told)) from error


async def _shapes(bus: Bus, history: History, first: StreamId, last: StreamId) -> ShapeComparison:
    """The hour before the first moment is learned, the hour before the second one compared."""
    reach = await reach_of(bus, history)
    before = await _hour(bus, history, reach, _hour_before(first), first)
    after = await _hour(bus, history, reach, max(first, _hour_before(last)), last)
    return await asyncio.to_thread(compare_shapes, before, after)


def _hour_before(moment: StreamId) -> StreamId:
    return StreamId(max(0, moment.ms - SHAPE_HOURS_MS), 0)


async def _hour(
    bus: Bus, history: History, reach: Reach, after: StreamId, until: StreamId
) -> list[Message]:
    found: list[Message] = []
    messages: AsyncIterator[Message] = messages_between(bus, history, reach, after, until)
    async for message in messages:
        if len(found) == MOST_COMPARED:
            break
        found.append(message)
    return found
