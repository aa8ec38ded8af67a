"""What is old is cut off, what is young stays."""

from services.common.bus import Bus
from services.common.keeping import DAY_S, Keeping
from services.common.store_clock import StoreClock


async def test_only_entries_older_than_their_days_are_cut(store_url: str) -> None:
    async with Bus(store_url, "mock") as bus:
        store_clock = StoreClock(bus)
        now = await store_clock.sync()
        for age_days in (40, 29, 0):
            entry_id = f"{int((now - age_days * DAY_S) * 1000)}-0"
            await bus.client.xadd(bus.key("events"), {"a": "1"}, id=entry_id)
        await Keeping(bus, store_clock, {"events": 30, "absent": 1}).trim()
        assert await bus.client.xlen(bus.key("events")) == 2


async def test_the_carried_clock_agrees_with_the_store(store_url: str) -> None:
    async with Bus(store_url, "mock") as bus:
        store_clock = StoreClock(bus)
        await store_clock.sync()
        before = await bus.time()
        carried = store_clock.now()
        assert abs(carried - before) < 1.0
