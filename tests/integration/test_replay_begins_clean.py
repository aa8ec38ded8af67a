"""Sessions one after the other, a seek back, a loop: each begins clean and in its own time."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from omf.state import FactoryState
from omf.topics.catalogue import address
from services.common.process.main import end_all
from services.common.sessions import station
from services.common.sessions.files import Recorded, SessionWriter, read
from services.common.sessions.session_folder import SessionFolder
from services.common.store import journal
from services.common.store.bus import Bus
from services.common.store.fold_reader import state_until
from services.ui.live.model import ViewModel
from services.ui.live.reader import LiveReader
from tests.integration.test_station import ask, until
from tests.support.processes import Processes
from tests.support.servers import Addresses
from tests.support.system import omf

pytestmark = pytest.mark.alike

DAY, NIGHT = 1_786_000_000.0, 1_770_000_000.0
LAYOUT = {
    "modules": [{"type": "HBW", "serialNumber": "SVR3QA0022"}],
    "intersections": [{"id": "1"}],
    "roads": [{"from": "SVR3QA0022", "to": "1", "length": 380, "direction": "EAST"}],
}


def orders(name: str) -> bytes:
    """The CCU's active list with one order."""
    one = {"orderId": name, "orderType": "PRODUCTION", "type": "RED", "state": "IN_PROGRESS"}
    return json.dumps([one | {"productionSteps": []}]).encode()


def recorded(begin: float, name: str, seconds: int = 40) -> list[Recorded]:
    """A session with an order of its own, told in the middle, and a beat each second."""
    beats = [Recorded(begin + n, "beat", str(n).encode()) for n in range(seconds)]
    told = Recorded(begin + seconds / 2, address("ccu_order_active"), orders(name), retain=True)
    return sorted([*beats, told], key=lambda one: one.at)


@pytest.fixture
async def bus(servers: Addresses) -> AsyncIterator[Bus]:
    async with Bus(servers.store_url, "replay") as one:
        yield one


@pytest.fixture
async def seen(bus: Bus) -> AsyncIterator[ViewModel]:
    """What the pages of the replay show."""
    model = ViewModel("replay")
    reading = asyncio.create_task(LiveReader(bus, model, lambda: None).run())
    yield model
    await end_all({reading})


@pytest.fixture
def library(processes: Processes, servers: Addresses, tmp_path: Path) -> SessionFolder:
    """Ingest and the station run; two sessions lie there."""
    where = {"store_url": servers.store_url, "mqtt_url": servers.mqtt_url}
    processes.service("ingest", environment="replay", **where).wait_ready()
    processes.service("replay", environment="replay", data=str(tmp_path), **where).wait_ready()
    shelf = SessionFolder(tmp_path / "sessions")
    shelf.path("day").parent.mkdir(parents=True, exist_ok=True)
    layout = Recorded(DAY, address("ccu_state_layout"), json.dumps(LAYOUT).encode(), retain=True)
    for name, items in (
        ("day", [layout, *recorded(DAY, "of-the-day")]),
        ("night", recorded(NIGHT, "of-the-night")),
    ):
        with SessionWriter(shelf.path(name)) as out:
            for item in items:
                out.write(item)
    return shelf


async def folded(bus: Bus) -> FactoryState:
    """The state as `omf state` and the HTTP door fold it."""
    return await state_until(bus)


async def comes(condition: Any) -> None:
    for _ in range(400):
        if await condition():
            return
        await asyncio.sleep(0.05)
    pytest.fail(f"within 20 s it did not come: {condition.__name__}")


@pytest.mark.usefixtures("library")
async def test_a_second_session_shows_nothing_of_the_first(bus: Bus, seen: ViewModel) -> None:
    await ask(bus, "speed", "max")
    await ask(bus, "play", "day")
    await until(bus, state="ended")

    async def first_is_there() -> bool:
        return list((await folded(bus)).orders) == ["of-the-day"] and len(seen.journal) > 40

    await comes(first_is_there)
    state = await folded(bus)
    assert DAY <= (state.last_received or 0) <= DAY + 41
    assert DAY <= await journal.message_now(bus) <= DAY + 41
    await ask(bus, "play", "night")
    await until(bus, state="ended", session="night")

    async def second_is_there() -> bool:
        return list((await folded(bus)).orders) == ["of-the-night"] and len(seen.journal) == 41

    await comes(second_is_there)
    state = await folded(bus)
    assert (state.total, state.layout) == (41, None)
    assert NIGHT <= await journal.message_now(bus) <= NIGHT + 41
    assert list(seen.factory.orders) == ["of-the-night"]
    assert {message.topic for message in seen.journal.newest()} == {"beat", "ccu/order/active"}
    seen.look(await bus.time())
    assert NIGHT <= seen.now <= NIGHT + 41
    assert (seen.layout_is, seen.layout is not None) == ("last", True)


@pytest.mark.usefixtures("library")
async def test_after_a_seek_back_what_came_later_is_not_known(bus: Bus, seen: ViewModel) -> None:
    await ask(bus, "play", "day")
    await ask(bus, "seek", "30")

    async def told() -> bool:
        return list(seen.factory.orders) == ["of-the-day"] and seen.factory.layout is not None

    await comes(told)
    await ask(bus, "pause")
    await ask(bus, "seek", "10")

    async def untold() -> bool:
        return not seen.factory.orders and seen.factory.layout is not None

    await comes(untold)
    assert not (await folded(bus)).orders
    seen.look(await bus.time())
    assert seen.now == pytest.approx(DAY + 10, abs=0.1)
    await asyncio.sleep(1.0)
    seen.look(await bus.time())
    assert seen.now == pytest.approx(DAY + 10, abs=0.1), "time stands while it is paused"


@pytest.mark.usefixtures("library")
async def test_a_loop_begins_clean_and_ages_pass_at_the_pace_of_the_replay(
    bus: Bus, seen: ViewModel
) -> None:
    await ask(bus, "loop", "on")
    await ask(bus, "speed", "20")
    await ask(bus, "play", "night")
    sessions = set[str]()

    async def third_round() -> bool:
        seen.look(await bus.time())
        newest = seen.factory.last_received
        if newest is not None:
            assert -1.0 <= seen.factory_now - newest <= 30.0
            assert NIGHT <= newest <= NIGHT + 41
        sessions.add(seen.factory.session)
        return len(sessions - {""}) == 3

    await comes(third_round)
    now = await station.status(bus)
    assert now is not None
    assert now.loop


@pytest.mark.usefixtures("library")
async def test_a_recorded_time_names_what_was_played_then(
    bus: Bus, seen: ViewModel, servers: Addresses, tmp_path: Path
) -> None:
    await ask(bus, "speed", "20")
    await ask(bus, "play", "day")
    await until(bus, state="ended")

    async def all_is_there() -> bool:
        return seen.factory.total == 42

    await comes(all_is_there)
    out = tmp_path / "part.jsonl"
    words = ("--from", str(DAY + 9.5), "--to", str(DAY + 14.5), "--out", str(out))
    told = {"OMF_STORE_URL": servers.store_url}
    done = await asyncio.to_thread(omf, "record", "-e", "replay", *words, cwd=tmp_path, **told)
    assert done.returncode == 0, done.stderr
    beats = [item for item in read(out) if isinstance(item, Recorded) and item.topic == "beat"]
    # A busy machine publishes a little late, and late is later on the recorded day.
    numbers = [int(item.payload) for item in beats if not item.retain]
    assert {11, 12, 13} <= set(numbers) <= set(range(8, 15))
    assert beats[0].at == pytest.approx(DAY + numbers[0], abs=1.5)
    state = await asyncio.to_thread(
        omf, "state", "-e", "replay", "--at", str(DAY + 10), "--json", cwd=tmp_path, **told
    )
    assert json.loads(state.stdout)["orders"] == []
