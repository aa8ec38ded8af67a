"""What is old is cut off, what is young stays."""

from services.common.store.bus import Bus
from services.common.store.retention import DAY_S, Keeping
from services.common.store.store_clock import StoreClock
from services.orders import metrics


async def test_only_entries_older_than_their_days_are_cut(store_url: str) -> None:
    async with Bus(store_url, "mock") as bus:
        store_clock = StoreClock(bus)
        now = await store_clock.sync()
        for age_days in (40, 29, 0):
            entry_id = f"{int((now - age_days * DAY_S) * 1000)}-0"
            await bus.client.xadd(bus.key("events"), {"a": "1"}, id=entry_id)
        await Keeping(bus, store_clock, {"events": 30, "absent": 1}).trim()
        assert await bus.client.xlen(bus.key("events")) == 2


def _told() -> list[float]:
    every = (metrics.DEAD, metrics.EVER_DEAD)
    return [sample.value for one in every for told in one.collect() for sample in told.samples]


async def test_what_was_given_up_stays_counted_when_it_is_deleted_or_cut(store_url: str) -> None:
    async with Bus(store_url, "mock") as bus:
        await metrics.show_dead(bus)
        assert _told() == [0, 0]
        store_clock = StoreClock(bus)
        await store_clock.sync()
        for entry_id in ("1-0", "*", "*"):
            last = await bus.client.xadd(bus.key("dead"), {"a": "1"}, id=entry_id)
        await bus.client.xdel(bus.key("dead"), last)
        await Keeping(bus, store_clock, {"dead": 90}).trim()
        await metrics.show_dead(bus)
        assert _told() == [1, 3]


async def test_the_carried_clock_agrees_with_the_store(store_url: str) -> None:
    async with Bus(store_url, "mock") as bus:
        store_clock = StoreClock(bus)
        await store_clock.sync()
        before = await bus.time()
        carried = store_clock.now()
        assert abs(carried - before) < 1.0
