"""Cards ask what a command would change: of a real store, by a process of its own."""

import asyncio
import itertools
from collections.abc import AsyncIterator

import pytest

from omf.commands import Plan, prepare
from omf.recovery.remedies import Remedy
from services.common.store.bus import Bus
from services.common.store.keys import JOURNAL, buffer_key
from services.ui.live.impact_reader import ImpactReader, NoImpactError
from services.ui.settings import UiSettings
from tests.support.same_future import RunningMock

AT_MS = 1_786_000_005_000
pytestmark = pytest.mark.servers


@pytest.fixture
async def reader(store_url: str) -> AsyncIterator[ImpactReader]:
    made = ImpactReader(UiSettings(store_url=store_url))
    yield made
    await made.close()


def plan(mock: RunningMock, colour: str) -> Plan:
    numbers = itertools.count()
    return prepare(
        "production-order",
        {"colour": colour},
        mock.state,
        now=mock.router.now.wall,
        new_id=lambda: f"id-{next(numbers)}",
    )


async def told(store_url: str) -> RunningMock:
    """A mock factory, and a store that has heard of it what a broker keeps."""
    mock = RunningMock(3, 1, {"RED": 2, "WHITE": 2, "BLUE": 2})
    async with Bus(store_url, "mock") as bus:
        for number, send in enumerate(mock.router.retained.values()):
            fields = {"t": send.topic, "p": send.payload, "q": "1", "r": "0", "d": "0"}
            await bus.client.xadd(buffer_key("mock", JOURNAL), fields, f"{AT_MS}-{number}")
    return mock


async def test_the_newest_question_of_a_card_is_answered_and_each_card_for_itself(
    store_url: str, reader: ImpactReader
) -> None:
    mock = await told(store_url)
    asked = [
        reader.ask("card", "mock", plan(mock, "RED")),
        reader.ask("card", "mock", plan(mock, "WHITE")),
        reader.ask("other", "mock", plan(mock, "BLUE")),
    ]
    first, second, other = await asyncio.gather(*asked)
    assert first is None
    assert second is not None
    assert "White: 1 instead of 2" in [line.en for line in second.stock]
    assert other is not None
    assert "Blue: 1 instead of 2" in [line.en for line in other.stock]


async def test_several_commands_are_foreseen_together(store_url: str, reader: ImpactReader) -> None:
    await told(store_url)
    await reader.start()
    wanted = [Remedy("production-order", {"colour": colour}) for colour in ("RED", "BLUE")]
    found = await reader.ask_several("card", "mock", wanted)
    assert found is not None
    assert {"Red: 1 instead of 2", "Blue: 1 instead of 2"} <= {line.en for line in found.stock}
    assert found.outcome.en == "In the simulation all 2 commands have their effect."
    refused = [*wanted, Remedy("charge", {"serial": "nobody", "charge": True})]
    found = await reader.ask_several("card", "mock", refused)
    assert found is not None
    assert "it ends at command 3" in found.outcome.en


async def test_a_factory_in_which_nothing_stands_still_has_no_standstill(
    store_url: str, reader: ImpactReader
) -> None:
    await told(store_url)
    assert await reader.standstills("page", "mock") == []


async def test_a_store_that_is_away_is_said() -> None:
    reader = ImpactReader(UiSettings(store_url="redis://127.0.0.1:1/0"))
    mock = RunningMock(3, 1, {"RED": 1})
    with pytest.raises(NoImpactError):
        await reader.ask("card", "mock", plan(mock, "RED"))
    await reader.close()
