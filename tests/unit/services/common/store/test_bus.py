"""What every call to the store keeps, whatever its driver does."""

import asyncio

import pytest

from services.common.store.bus import Bus


async def _deaf() -> bytes:
    """As redis-py does here and there while it connects."""
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        return b"late"
    return b"never"


async def test_a_cancellation_that_the_driver_swallowed_is_kept() -> None:
    async with Bus("redis://127.0.0.1:1/0", "mock") as bus:
        task = asyncio.create_task(bus.call(_deaf()))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_time_limit_holds_although_the_driver_swallowed_it() -> None:
    async with Bus("redis://127.0.0.1:1/0", "mock") as bus:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await bus.call(_deaf())
