"""How full the streams are and what waits in them, over a real store."""

import pytest

from services.common.store.backup_note import BackupNote, note_backup, read_backup_note
from services.common.store.bus import Bus
from services.common.store.stream_load import OWN_STREAMS, stream_loads

pytestmark = pytest.mark.servers


async def test_an_empty_store_has_empty_streams(store_url: str) -> None:
    async with Bus(store_url, "mock") as bus:
        loads = await stream_loads(bus)
    assert [one.name for one in loads] == list(OWN_STREAMS)
    assert {(one.length, one.last_at, one.waiting, one.pending) for one in loads} == {
        (0, None, None, None)
    }


async def test_what_is_not_handed_over_and_what_is_not_done_are_told_apart(store_url: str) -> None:
    async with Bus(store_url, "mock") as bus:
        client, key = bus.client, bus.key("outbox")
        await client.xgroup_create(key, "gateway", "0", mkstream=True)
        for number in range(5):
            await client.xadd(key, {"x": "y"}, f"{1_790_000_000_000 + number}-0")
        await client.xreadgroup("gateway", "gateway", {key: ">"}, 2)
        (outbox,) = [one for one in await stream_loads(bus) if one.name == "outbox"]
    assert (outbox.group, outbox.length, outbox.waiting, outbox.pending) == ("gateway", 5, 3, 2)
    assert outbox.last_at == pytest.approx(1_790_000_000.004)


async def test_the_last_copy_is_noted_and_one_that_cannot_be_read_is_none(store_url: str) -> None:
    note = BackupNote(at=12.5, file="monday.gz", size=4_000, keys=3, entries=17)
    async with Bus(store_url, "mock") as bus:
        assert await read_backup_note(bus) is None
        await note_backup(bus, note)
        assert await read_backup_note(bus) == note
        await bus.client.set(bus.key("backup"), "{")
        assert await read_backup_note(bus) is None
