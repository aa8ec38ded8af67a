"""How long steps take, of the states of a real archive."""

import json
from pathlib import Path

import pytest

from omf.messages.message import Message
from omf.simulation.learned import ENOUGH_TIMES
from services.common.process import clock
from services.common.store.bus import Bus
from services.common.store.keys import Environment
from services.common.store.learned_durations import LEARNED_DURATIONS_KEY, read_learned_durations
from services.historian.duration_learner import DurationLearner, learned_durations
from services.history.reader import History
from tests.support.archives import HOUR_MS, START_MS, filled
from tests.unit.services.historian.test_pause_learner import at_once


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
async def test_what_was_learned_is_told_but_a_replay_teaches_nothing(
    store_url: str, tmp_path: Path, environment: Environment, told: int
) -> None:
    begin_ms = round(clock.now() * 1000) - 8 * HOUR_MS
    storage = filled(tmp_path, ended(begin_ms, [10.0] * ENOUGH_TIMES)).storage
    async with Bus(store_url, environment) as bus:
        await DurationLearner(bus, storage, at_once).step()
        learned = await read_learned_durations(bus)
        assert (learned is not None) == told
        if learned is not None:
            assert learned.quantile("MILL.MILL", "S1", 0.5, "RED") == 10.0
        await bus.client.set(bus.key(LEARNED_DURATIONS_KEY), b"of another release")
        assert await read_learned_durations(bus) is None
