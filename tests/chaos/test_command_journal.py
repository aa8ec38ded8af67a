"""A journal that repeats itself and mixes neighbours up: no step and no proof counts twice."""

import json
import os
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from omf.topics.catalogue import address
from services.common.mqtt.link import Received
from services.common.store.keys import FINAL_STAGES, CommandEvent, Role, Stage
from tests.support.circle import ENVIRONMENT, Connected, Desk, Mirror, settled
from tests.support.floor_work import MILL
from tests.support.processes import Processes, wait_for
from tests.support.servers import Addresses

SEED = int(os.environ.get("OMF_CHAOS_SEED", "20260807"))
DOUBLED, HELD_BACK, REPEATED = 0.3, 0.2, 0.1
"""Shares of the messages that come twice, after their successor, and once more much later."""
SPEED = "20"


class RestlessMirror(Mirror):
    """A mirror that keeps every message, but not its place and number."""

    def __init__(self, mqtt_url: str, store_url: str) -> None:
        super().__init__(mqtt_url, store_url)
        self._random = Random(SEED)  # noqa: S311 - to be repeated by its seed
        self._held: list[Received] = []
        self._past: list[Received] = []

    def on_message(self, received: Received) -> None:
        """Append now or after the next one, perhaps twice, perhaps with an old one behind it."""
        dice = self._random.random
        if dice() < HELD_BACK and not self._held:
            self._held.append(received)
            return
        again = [received] if dice() < DOUBLED else []
        old = [self._random.choice(self._past)] if self._past and dice() < REPEATED else []
        for message in (received, *again, *self._held, *old):
            super().on_message(message)
        self._past += [received, *self._held]
        self._held.clear()


class Counter(Connected):
    """What really reached the broker."""

    def __init__(self, mqtt_url: str, *topics: str) -> None:
        super().__init__(mqtt_url, "counter", topics)
        self.seen: list[dict[str, Any]] = []

    def on_message(self, received: Received) -> None:
        """Runs in the network thread."""
        self.seen.append(json.loads(received.payload))


@pytest.fixture
def desk(processes: Processes, servers: Addresses) -> Iterator[Desk]:
    """A desk before the mock factory, seen through a restless mirror."""
    print(f"seed {SEED}")  # noqa: T201 - shown with a failure, to repeat it
    desk = Desk(servers.store_url)
    with RestlessMirror(servers.mqtt_url, servers.store_url):
        wait_for(lambda: desk.client.exists(f"omf:{{{ENVIRONMENT}}}:link:ingest"))
        settings = {**servers._asdict(), "mock_speed": SPEED}
        names = ("mock", "orders", "gateway")
        for service in [processes.service(name, **settings) for name in names]:
            service.wait_ready(40)
        yield desk


def end(desk: Desk, kind: str, **parameters: Any) -> CommandEvent:
    """Ask until the factory takes it; how it ended."""
    final: list[CommandEvent] = []

    def tried() -> bool:
        name = f"{kind}-{len(final)}"
        asked = {"kind": kind, "parameters": parameters, "role": Role.ADMIN}
        final.append(desk.final(desk.order(name, **asked), 60))
        return final[-1].stage is not Stage.REFUSED

    wait_for(tried, 60, lambda: str(final[-1:]))
    return final[-1]


def test_a_journal_with_repetitions_in_disorder_doubles_no_step_and_no_end(
    desk: Desk, mqtt_url: str
) -> None:
    orders, requests = address("module_order", serial=MILL), address("ccu_order_request")
    with Counter(mqtt_url, orders) as module, Counter(mqtt_url, requests) as ccu:
        sequence = end(desk, "module-sequence", module="MILL", colour="RED")
        assert sequence.stage is Stage.EFFECT, sequence
        order = end(desk, "production-order", colour="WHITE")
        assert order.stage is Stage.EFFECT, order
        settled(lambda: True, 1.0)
        ours = [seen for seen in module.seen if seen["orderId"] == sequence.order_id]
        assert [seen["action"]["command"] for seen in ours] == ["PICK", "MILL", "DROP"]
        assert [seen["orderUpdateId"] for seen in ours] == sorted(
            {seen["orderUpdateId"] for seen in ours}
        )
        assert len(ccu.seen) == 1
    stages = desk.stages(sequence.command_id)
    assert [stages.count(stage) for stage in ("queued", "published")] == [3, 3]
    assert sum(stage in FINAL_STAGES for stage in stages) == 1
