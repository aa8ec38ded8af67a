"""Cards ask what a command would change: of a real store, by a process of its own."""

import asyncio
import itertools
from collections.abc import AsyncIterator

import pytest

from omf.commands import Plan, prepare
from omf.recovery.remedies import Remedy
from services.common.foresight.reader import ForesightReader, NoForesightError
from tests.support.processes import WAIT_S
from tests.support.same_future import RunningMock
from tests.support.told_store import told

pytestmark = [pytest.mark.alike, pytest.mark.servers]


@pytest.fixture
async def reader(store_url: str) -> AsyncIterator[ForesightReader]:
    # How long an answer takes is measured by a bench; beside other tests it takes what it takes.
    made = ForesightReader(store_url, 10.0, answer_s=WAIT_S)
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


async def test_the_newest_question_of_a_card_is_answered_and_each_card_for_itself(
    store_url: str, reader: ForesightReader
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


async def test_commands_are_foreseen_together(store_url: str, reader: ForesightReader) -> None:
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
    store_url: str, reader: ForesightReader
) -> None:
    await told(store_url)
    assert await reader.standstills("page", "mock") == []


async def test_a_store_that_is_away_is_said() -> None:
    reader = ForesightReader("redis://127.0.0.1:1/0", 10.0)
    mock = RunningMock(3, 1, {"RED": 1})
    with pytest.raises(NoForesightError):
        await reader.ask("card", "mock", plan(mock, "RED"))
    await reader.close()
