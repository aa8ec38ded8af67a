"""The reader all services fold with: an emptied store is read anew, an outage loses nothing."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from omf.messages.message import Message
from omf.topics.catalogue import address
from services.common.process.main import end_all
from services.common.store import fold_reader
from services.common.store.bus import Bus, StoreError
from services.common.store.fold_reader import FoldReader
from services.common.store.keys import JOURNAL, LinkHealth, buffer_key
from services.supervisor.server import LocalServer
from tests.support.inboxes import until

MILL, DRILL = "SVR3QA2098", "SVR4H76449"


class _Recorder(FoldReader):
    """Notes what it is told; beginning anew fails it once, as a store that goes away would."""

    def __init__(self, bus: Bus) -> None:
        super().__init__(bus, lambda: None)
        self.seen: list[str] = []
        self.begun = 0

    def fold(self, batch: Sequence[Message]) -> None:
        super().fold(batch)
        self.seen += [message.id for message in batch]

    async def on_opened(self) -> None:
        self.begun += 1
        if self.begun == 2:
            raise StoreError("away in the middle of it")


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fold_reader, "LINK_LOOK_S", 0.05)
    monkeypatch.setattr(fold_reader, "STORE_RETRY_S", 0.05)


@asynccontextmanager
async def _reading(url: str) -> AsyncIterator[tuple[Bus, _Recorder]]:
    async with Bus(url, "mock") as bus, Bus(url, "mock") as writer:
        reader = _Recorder(bus)
        task = asyncio.create_task(reader.run())
        try:
            yield writer, reader
        finally:
            await end_all({task})


async def _say(bus: Bus, serial: str, number: int) -> str:
    payload = json.dumps({"connectionState": "ONLINE", "serialNumber": serial, "headerId": number})
    fields = {"t": address("module_connection", serial=serial), "p": payload, "q": 1, "r": 0}
    message_id = f"{1_790_000_000_000 + number}-0"
    await bus.client.xadd(buffer_key("mock", JOURNAL), fields, message_id)
    return message_id


async def _born(bus: Bus, at: float) -> None:
    link = LinkHealth(connected=True, broker="mqtt://b", since=1.0, at=2.0, born=at)
    await bus.set_link("ingest", link)


async def test_an_emptied_store_is_read_anew_until_all_of_it_has_begun(store_url: str) -> None:
    async with _reading(store_url) as (writer, reader):
        await _born(writer, 1.0)
        await _say(writer, MILL, 5)
        await until(lambda: MILL in reader.state.modules and reader.current)
        await asyncio.sleep(0.2)
        await writer.client.flushdb()
        early = await _say(writer, DRILL, 1)
        await _born(writer, 2.0)
        await until(lambda: DRILL in reader.state.modules)
        assert MILL not in reader.state.modules
        assert reader.begun == 3, "what failed in the middle is done again"
        assert reader.seen[-1] == reader.journal_id == early


async def test_what_nobody_knows_the_birth_of_was_not_emptied(store_url: str) -> None:
    async with _reading(store_url) as (writer, reader):
        await _born(writer, 1.0)
        await _say(writer, MILL, 1)
        await until(lambda: reader.current and reader.seen)
        await writer.client.delete(writer.key("link:ingest"))
        await asyncio.sleep(0.2)
        await _born(writer, 1.0)
        await asyncio.sleep(0.2)
        assert reader.begun == 1
        assert reader.current


async def test_each_message_is_handed_on_once_through_an_outage(store: LocalServer) -> None:
    async with _reading(store.url) as (writer, reader):
        said = [await _say(writer, MILL, number) for number in range(3)]
        await until(lambda: reader.seen == said and reader.current)
        store.kill()
        await until(lambda: not reader.current)
        store.start()
        async with Bus(store.url, "mock") as fresh:
            said += [await _say(fresh, MILL, number) for number in range(3, 6)]
            await until(lambda: reader.seen == said and reader.current)
            assert reader.begun == 1
