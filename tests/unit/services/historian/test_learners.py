"""What is usual on a topic and how long steps take, of the states of several days in an archive."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from omf.messages.message import Message
from omf.simulation.learned import ENOUGH_TIMES
from services.common.process import clock
from services.common.store.bus import Bus
from services.common.store.keys import Environment
from services.common.store.learned_durations import LEARNED_DURATIONS_KEY, read_learned_durations
from services.common.store.usual_pauses import read_usual_pauses
from services.historian.learners import (
    PAUSES_DAYS,
    duration_learner,
    learned_durations,
    pause_learner,
    usual_pauses,
)
from services.history.reader import History
from services.history.retention import DAY_MS
from tests.support.archives import HOUR_MS, START_MS, filled

OVEN, PRESS, DOOR, MODULE = "plant/oven", "plant/press", "plant/door", "module/v1/ff/X1/state"


def every(topic: str, pauses_s: list[float], begin_ms: int) -> list[Message]:
    messages, at_ms = [], begin_ms
    for number, pause_s in enumerate(pauses_s):
        payload = json.dumps({"x": number}).encode()
        messages.append(Message(topic, payload, f"{at_ms}-{len(topic)}", qos=1))
        at_ms += round(pause_s * 1000)
    return messages


def day(begin_ms: int, oven_s: float) -> list[Message]:
    """A state is kept with the first message of another hour."""
    found = [
        *every(OVEN, [oven_s] * 80, begin_ms),
        *every(PRESS, [20.0] * 80, begin_ms),
        *every(DOOR, [1.0 if n % 9 else 900.0 for n in range(80)], begin_ms),
        *every(MODULE, [20.0] * 80, begin_ms),
        *every(PRESS, [20.0], begin_ms + 6 * HOUR_MS),
    ]
    return sorted(found, key=lambda one: int(one.id.partition("-")[0]))


def learned(root: Path, messages: list[Message], now_ms: int) -> dict[str, float]:
    filled(root, messages)
    return usual_pauses(History(root), now_ms)


def test_the_longest_usual_pause_of_the_last_days_counts(tmp_path: Path) -> None:
    messages = [*day(START_MS, 60.0), *day(START_MS + DAY_MS, 30.0)]
    found = learned(tmp_path, messages, START_MS + DAY_MS + 8 * HOUR_MS)
    assert found.keys() == {OVEN, PRESS}, "irregular ones and those of the catalogue have none"
    assert round(found[OVEN]) == 60
    assert round(found[PRESS]) == 20


def test_what_is_older_than_the_days_looked_at_is_forgotten(tmp_path: Path) -> None:
    later = START_MS + (PAUSES_DAYS + 1) * DAY_MS
    assert learned(tmp_path, day(START_MS, 60.0), later) == {}


def test_an_empty_archive_knows_nothing(tmp_path: Path) -> None:
    assert usual_pauses(History(tmp_path), START_MS) == {}


async def at_once(call: Callable[[], None]) -> None:
    call()


@pytest.mark.parametrize(("environment", "told"), [("mock", {OVEN, PRESS}), ("replay", set())])
async def test_usual_pauses_are_told_but_a_replay_teaches_nothing(
    store_url: str, tmp_path: Path, environment: Environment, told: set[str]
) -> None:
    begin_ms = round(clock.now() * 1000) - 8 * HOUR_MS
    storage = filled(tmp_path, day(begin_ms, 60.0)).storage
    async with Bus(store_url, environment) as bus:
        learner = pause_learner(bus, storage, at_once)
        await learner.step()
        assert set(await read_usual_pauses(bus)) == told
        await bus.client.delete(bus.key("pauses"))
        await learner.step()
        assert await read_usual_pauses(bus) == {}, "once a day is enough"
        await bus.client.set(bus.key("pauses"), b"of another release")
        assert await read_usual_pauses(bus) == {}


def ended(begin_ms: int, took_s: list[float]) -> list[Message]:
    """A list of orders that ended, and a message of another hour, with which a state is kept."""
    orders = [
        {
            "orderId": f"{begin_ms} {number}",
            "orderType": "PRODUCTION",
            "type": "RED",
            "state": "FINISHED",
            "productionSteps": [
                {
                    "id": "one",
                    "type": "MANUFACTURE",
                    "moduleType": "MILL",
                    "command": "MILL",
                    "serialNumber": "S1",
                    "state": "FINISHED",
                    "startedAt": clock.iso(1_000.0),
                    "stoppedAt": clock.iso(1_000.0 + seconds),
                }
            ],
        }
        for number, seconds in enumerate(took_s)
    ]
    payload = json.dumps(orders).encode()
    later = Message("plant/oven", b"{}", f"{begin_ms + 2 * HOUR_MS}-0", qos=1)
    return [Message("ccu/order/completed", payload, f"{begin_ms}-0", qos=1), later]


def test_the_orders_of_all_days_teach_each_once(tmp_path: Path) -> None:
    day = 24 * HOUR_MS
    first, second = [10.0] * ENOUGH_TIMES, [12.0] * ENOUGH_TIMES
    filled(tmp_path, [*ended(START_MS, first), *ended(START_MS + day, second)])
    found = learned_durations(History(tmp_path), START_MS + day + 4 * HOUR_MS)
    assert found.samples["S1.MILL RED"] == (*first, *second)
    assert found.orders == 2 * ENOUGH_TIMES


@pytest.mark.parametrize(("environment", "told"), [("mock", 1), ("replay", 0)])
async def test_durations_are_told_but_a_replay_teaches_nothing(
    store_url: str, tmp_path: Path, environment: Environment, told: int
) -> None:
    begin_ms = round(clock.now() * 1000) - 8 * HOUR_MS
    storage = filled(tmp_path, ended(begin_ms, [10.0] * ENOUGH_TIMES)).storage
    async with Bus(store_url, environment) as bus:
        await duration_learner(bus, storage, at_once).step()
        learned = await read_learned_durations(bus)
        assert (learned is not None) == told
        if learned is not None:
            assert learned.quantile("MILL.MILL", "S1", 0.5, "RED") == 10.0
        await bus.client.set(bus.key(LEARNED_DURATIONS_KEY), b"of another release")
        assert await read_learned_durations(bus) is None
