"""The reader against a real store: it catches up, follows, survives an outage, counts once."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from omf.state import FactoryState
from omf.topics.catalogue import address
from services.common.process.main import end_all
from services.common.store import fold_reader
from services.common.store.bus import Bus
from services.common.store.keys import (
    JOURNAL,
    CommandEvent,
    LinkHealth,
    Role,
    Stage,
    buffer_key,
)
from services.supervisor.server import LocalServer
from services.ui.live.model import ViewModel
from services.ui.live.reader import LiveReader
from tests.support.command_examples import command_of

SERIAL = "SVR3QA0022"
ASKED = "hvals", "hlen"


async def _until(condition: Callable[[], object], timeout_s: float = 15.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - the model has no event to wait for
            await asyncio.sleep(0.02)


@asynccontextmanager
async def _reading(url: str) -> AsyncIterator[tuple[Bus, ViewModel]]:
    model = ViewModel("mock")
    async with Bus(url, "mock") as bus, Bus(url, "mock") as writer:
        task = asyncio.create_task(LiveReader(bus, model, lambda: None).run())
        try:
            yield writer, model
        finally:
            await end_all({task})


async def _say(bus: Bus, number: int) -> None:
    """What ingest does for one heartbeat, with an id of its own."""
    payload = json.dumps({"connectionState": "ONLINE", "serialNumber": SERIAL, "headerId": number})
    fields = {"t": address("module_connection", serial=SERIAL), "p": payload, "q": 1, "r": 0}
    await bus.client.xadd(buffer_key("mock", JOURNAL), fields, f"{1_790_000_000_000 + number}-0")


def _heard(model: ViewModel) -> int:
    module = model.factory.modules.get(SERIAL)
    return module.messages if module else 0


async def test_a_reader_catches_up_and_goes_on(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fold_reader, "READ_COUNT", 2)
    async with Bus(store_url, "mock") as bus:
        for number in range(5):
            await _say(bus, number)
    async with _reading(store_url) as (writer, model):
        await _until(lambda: model.caught_up)
        assert _heard(model) == 5
        await _say(writer, 5)
        await _until(lambda: _heard(model) == 6)
        assert len(model.journal) == 6


async def test_a_snapshot_and_the_journal_behind_it_are_one_history(store_url: str) -> None:
    state = FactoryState()
    async with Bus(store_url, "mock") as bus:
        for number in range(4):
            await _say(bus, number)
        messages = await bus.messages(JOURNAL)
        for message in messages[:3]:
            state.apply(message, message.received_at)
        await bus.save_snapshot(messages[2].id, state.snapshot())
    async with _reading(store_url) as (_, model):
        await _until(lambda: model.caught_up)
        assert _heard(model) == 4
        assert [m.id for m in model.journal.newest()] == [m.id for m in reversed(messages)]


async def test_a_store_that_goes_away_is_said_and_nothing_is_counted_twice(
    store: LocalServer,
) -> None:
    async with _reading(store.url) as (writer, model):
        await _until(lambda: model.caught_up)
        await _say(writer, 0)
        await _until(lambda: _heard(model) == 1)
        store.kill()
        await _until(lambda: model.store.readable is False)
        assert model.store.detail
        store.start()
        await _until(lambda: model.store.readable is True)
        async with Bus(store.url, "mock") as fresh:
            await _say(fresh, 1)
        await _until(lambda: _heard(model) == 2)


async def test_links_and_commands_of_everybody_reach_the_model(store_url: str) -> None:
    command = command_of("production-order", command_id="c1", role=Role.OPERATOR, created_at=1.0)
    event = CommandEvent(command_id="c1", kind=command.kind, stage=Stage.ACCEPTED, at=2.0)
    async with _reading(store_url) as (writer, model):
        await _until(lambda: model.caught_up)
        link = LinkHealth(connected=True, broker="mqtt://b", since=1.0, at=2.0)
        await writer.set_link("gateway", link)
        record = writer.key("command:c1")
        await writer.client.rpush(record, command.model_dump_json(), event.model_dump_json())
        await writer.add("events", event)
        await writer.choose_class(3)
        await _until(lambda: model.mirrored == 3)
        await _until(lambda: model.commands.get("c1") is not None)
        await _until(lambda: model.links.gateway == link)
        found = model.commands.get("c1")
        assert found is not None
        assert found.stage is Stage.ACCEPTED


async def test_while_no_page_is_open_little_is_asked_and_an_opened_one_has_all_at_once(
    store_url: str,
) -> None:
    """A site has hundreds of factories, and people look at a few."""
    seen = False

    async def asked() -> int:
        stats = await bus.client.info("commandstats")
        return sum(
            stats.get(f"cmdstat_{name}", {"calls": 0})["calls"] for name in ("hvals", "hlen")
        )

    async with Bus(store_url, "mock") as bus:
        reader = LiveReader(bus, ViewModel("mock"), lambda: None, lambda: seen)
        await reader.on_link(None)
        began = await asked()
        for _ in range(4):
            await reader.on_link(None)
        assert await asked() == began
        seen = True
        await reader.on_link(None)
        assert await asked() > began
