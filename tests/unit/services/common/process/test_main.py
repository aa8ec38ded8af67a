"""The end of several loops at once: each has ended, and none leaves a failure nobody took."""

import asyncio
import gc
from typing import Any

from services.common.process.main import end_all
from services.common.store.bus import StoreError


async def fails_when_cancelled() -> None:
    """A driver whose server went away: cancelled, it tells of the lost connection instead."""
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        raise StoreError("the store went away") from None


async def stubborn() -> None:
    """A driver that is just connecting: it swallows the first cancellation."""
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        await asyncio.sleep(60)


async def test_loops_that_fail_while_they_are_ended_leave_nothing_to_be_reported_later() -> None:
    reported: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))
    tasks = {asyncio.create_task(fails_when_cancelled()) for _ in range(3)}
    await asyncio.sleep(0)
    await end_all(tasks)
    del tasks
    gc.collect()
    assert reported == []


async def test_a_loop_that_swallows_the_first_cancellation_is_ended_all_the_same() -> None:
    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    await asyncio.wait_for(end_all({task}), timeout=10)
    assert task.cancelled()
