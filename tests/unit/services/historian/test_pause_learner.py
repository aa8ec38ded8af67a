"""What is usual on a topic, of the states of several days in a real archive."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from omf.messages.message import Message
from services.common.process import clock
from services.common.store.bus import Bus
from services.common.store.keys import Environment
from services.common.store.usual_pauses import read_usual_pauses
from services.historian.pause_learner import LEARN_DAYS, PauseLearner, usual_pauses
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
    later = START_MS + (LEARN_DAYS + 1) * DAY_MS
    assert learned(tmp_path, day(START_MS, 60.0), later) == {}


def test_an_empty_archive_knows_nothing(tmp_path: Path) -> None:
    assert usual_pauses(History(tmp_path), START_MS) == {}


async def at_once(call: Callable[[], None]) -> None:
    call()


@pytest.mark.parametrize(("environment", "told"), [("mock", {OVEN, PRESS}), ("replay", set())])
async def test_what_was_learned_is_told_but_a_replay_teaches_nothing(
    store_url: str, tmp_path: Path, environment: Environment, told: set[str]
) -> None:
    begin_ms = round(clock.now() * 1000) - 8 * HOUR_MS
    storage = filled(tmp_path, day(begin_ms, 60.0)).storage
    async with Bus(store_url, environment) as bus:
        learner = PauseLearner(bus, storage, at_once)
        await learner.step()
        assert set(await read_usual_pauses(bus)) == told
        await bus.client.delete(bus.key("pauses"))
        await learner.step()
        assert await read_usual_pauses(bus) == {}, "once a day is enough"
        await bus.client.set(bus.key("pauses"), b"of another release")
        assert await read_usual_pauses(bus) == {}
