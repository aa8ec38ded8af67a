"""`omf up` goes on when somebody empties its store: within ten seconds, without a restart."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from omf.messages.message import Message
from omf.topics.catalogue import address
from services.common.store.bus import Bus, store
from services.common.store.keys import JOURNAL, CommandEvent, Stage
from tests.support.processes import wait_for
from tests.support.system import System

pytestmark = [
    # What each part does then is asked on any servers in test_emptied_store.py.
    pytest.mark.alike,
    pytest.mark.servers,
    pytest.mark.whole,
    pytest.mark.xdist_group("up"),
    pytest.mark.timeout(300),
]
WELL_AGAIN_MS = 10_000
RETAINED = tuple(address(f"ccu_state_{name}") for name in ("stock", "layout", "flows", "config"))
"""What only comes again because it is asked for; the rest the factory repeats by itself."""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    system = System(Path(tmp_path_factory.mktemp("emptied")) / "data")
    yield system.start()
    system.close()


def well(system: System) -> bool:
    return system.omf("status").returncode == 0


def now_ms(client: Any) -> float:
    """The clock that everything in the store is dated by."""
    seconds, micros = client.time()
    return float(seconds * 1000 + micros / 1000)


def ordered(system: System) -> bool:
    return system.omf("send", "production-order", "colour=WHITE", "--wait", "30").returncode == 0


async def course(address: str) -> tuple[list[Message], dict[Stage, float]]:
    """What the journal holds, and when a command first came to each stage, Unix ms."""
    async with Bus(address, "mock") as bus:
        told = await bus.newest_models("events", CommandEvent, 200)
        stages: dict[Stage, float] = {}
        for _, event in told:
            stages.setdefault(event.stage, event.at * 1000)
        return await bus.newest(JOURNAL, 5000), stages


def test_all_is_well_again_and_the_loss_is_told(system: System) -> None:
    client = store(system.run.redis)
    before = system.pids()
    (stock,) = (state["stock"]["counts"] for state in system.json("state"))
    wait_for(lambda: well(system), 30)
    emptied_ms = now_ms(client)
    client.flushall()
    # Orders are given while it fills again: one that is too early is refused, and given again.
    wait_for(lambda: ordered(system), 150)
    wait_for(lambda: system.json("state")[0]["stock"]["counts"]["RED"] == stock["RED"], 60)
    journal, stages = asyncio.run(course(system.run.redis))
    # By what is written in the store: how long a look takes on a busy machine does not count.
    first = {message.topic: message.arrived_at * 1000 - emptied_ms for message in reversed(journal)}
    for topic in RETAINED:
        assert 0 < first[topic] < WELL_AGAIN_MS, topic
    assert stages[Stage.EFFECT] - emptied_ms < WELL_AGAIN_MS
    assert system.pids() == before
    wait_for(lambda: well(system), 30)
    rows = {row["part"]: row for row in system.json("status")}
    assert "emptied" in " ".join(rows["link ingest"]["notes"])
    told = system.omf("doctor")
    assert "emptied" in told.stdout
    client.close()
