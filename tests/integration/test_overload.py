"""More commands than a machine can do: what gets done holds; a no is at once, cheap and fair."""

import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

import httpx
import pytest

from services.common.process import clock
from services.common.store.bus import store
from services.common.store.keys import ReceiptStage, Role, Stage, key
from services.common.store.submission import THROTTLE_COUNTS
from tests.bench.commands import processor_s
from tests.support.api import Door, problem
from tests.support.circle import ENVIRONMENT, World
from tests.support.command_flood import QUIET, Submitter, flood
from tests.support.processes import Processes, Service, wait_for
from tests.support.servers import Addresses
from tests.support.yields import Yields, newest, settled, yields

pytestmark = pytest.mark.alike

SECONDS = 3.0
WINDOW = 60
PEOPLE = 100
FACTORS = (2, 20)
"""All of them, for longer: `make bench-overload`."""
MIN_YIELD = 0.5
"""Acknowledged for each second of processor, of the peak; 0.9 to 1.1 were measured."""
DRAIN_S = 60.0
BURST_S, MOST_AT_ONCE = 20, 1500
"""So much is asked for at once: what takes this machine so long, and no more than that."""


class Flooded:
    """Orders and gateway of a world, and what floods did to them."""

    def __init__(self, world: World, store_url: str) -> None:
        self.world = world
        self.client = store(store_url)
        self.services: list[Service] = [world.start("orders"), world.start("gateway")]
        for service in self.services:
            service.wait_ready()

    def by(self, rate: float, people: int = PEOPLE) -> tuple[Yields, float]:
        """What became of a flood, and how many were acknowledged for a second of processor."""
        before, after, began = self._processor_s(), newest(self.client), clock.now()
        asked = flood(self.client, SECONDS, rate, WINDOW, people)
        settled(self.client, DRAIN_S)
        found = yields(self.client, after, clock.now(), asked.turned_away)
        self.seconds = clock.now() - began
        return found, found.acknowledged / (self._processor_s() - before)

    def _processor_s(self) -> float:
        return sum(processor_s(service.pid) for service in self.services)


def counted(client: Any, what: str) -> int:
    """Commands that the script which submits has seen pass or has turned away."""
    return int(client.hget(key(ENVIRONMENT, THROTTLE_COUNTS), what) or 0)


@pytest.fixture
def flooded(processes: Processes, servers: Addresses) -> Iterator[Flooded]:
    with World(processes, servers) as world:
        yield Flooded(world, servers.store_url)


def test_what_gets_done_holds_and_all_else_is_refused_at_once(flooded: Flooded) -> None:
    flooded.by(0)
    found, peak = flooded.by(0)
    per_s = found.acknowledged / SECONDS
    for factor in FACTORS:
        refused_before = counted(flooded.client, "refused")
        found, worth = flooded.by(factor * per_s)
        assert (found.twice, found.without_end) == (0, 0), factor
        assert found.ends["expired"] <= found.acknowledged / 10, factor
        assert worth > MIN_YIELD * peak, (factor, worth, peak)
    # Of the last, the most. What was turned away has no entry and was never read by orders.
    assert found.turned_away + found.ends["too-busy"] > found.acknowledged
    assert found.turned_away > 0
    assert found.turned_away == counted(flooded.client, "refused") - refused_before
    receipts = flooded.client.xrange(key(ENVIRONMENT, "receipts"))
    sent = sum(ReceiptStage.ACKNOWLEDGED.encode() in fields[b"__data__"] for _, fields in receipts)
    assert sent == flooded.client.xinfo_stream(key(ENVIRONMENT, "outbox"))["entries-added"]


def test_who_asks_now_and_then_is_served_and_what_holds_back_is_never_refused(
    flooded: Flooded,
) -> None:
    found, _ = flooded.by(0)
    burst = min(MOST_AT_ONCE, int(BURST_S * found.acknowledged / SECONDS))
    after = newest(flooded.client)
    desk, submitter = flooded.world.desk, Submitter(flooded.client)
    wanted, turned_away = submitter.wishes(40), 0
    for second in range(4):
        turned_away += submitter.ask(islice(wanted, burst)).turned_away
        desk.order(f"calm-{second}", kind="free-message", operator=QUIET, role=Role.ADMIN,
                   parameters={"topic": "x/y", "payload": f"{second}"})  # fmt: skip
        none = {"order_id": "none"}
        desk.order(f"cancel-{second}", kind="bracket-cancel", parameters=none, role=Role.ADMIN)
        assert desk.final(f"cancel-{second}", DRAIN_S).reasons[0].id == "no-bracket"
    settled(flooded.client, DRAIN_S)
    # By orders, or by the script that submits where the throttle of the flood before still stands.
    found = yields(flooded.client, after, clock.now())
    assert turned_away + found.ends["too-fast"] + found.ends["too-busy"] > 0
    # Each on a machine that reads what is asked in time; on any sooner than who asks for hundreds.
    calm = [desk.final(f"calm-{second}", DRAIN_S).stage for second in range(4)]
    assert calm.count(Stage.EFFECT) / 4 >= found.acknowledged / (found.asked + turned_away)
    told = {"kind": "free-message", "parameters": {"topic": "x/y", "payload": "after"}}
    desk.order("after", **told, operator=QUIET, role=Role.ADMIN)
    assert desk.final("after", DRAIN_S).stage is Stage.EFFECT


def test_the_http_door_says_too_busy_and_when_to_come_back(
    flooded: Flooded, processes: Processes, servers: Addresses
) -> None:
    door = Door(processes, servers.store_url)
    door.service.wait_ready()
    client = door.client("admin")
    # More than any machine does: 300 a second were none too many for a quiet one.
    flooding = ("-m", "tests.support.command_flood", servers.store_url, "60", "3000", "0", "400")
    child = processes.run(sys.executable, *flooding)
    wish = {"kind": "free-message", "parameters": {"topic": "x/y", "payload": "1"}}
    refused: list[httpx.Response] = []

    def turned_away() -> bool:
        refused[:] = [client.post("/commands", json=wish)]
        return refused[0].status_code == httpx.codes.TOO_MANY_REQUESTS and (
            refused[0].json()["type"] == "urn:omf:problem:too-busy"
        )

    wait_for(turned_away, 60)
    child.kill()
    body = problem(refused[0], 429, "too-busy")
    assert 1 <= int(refused[0].headers["retry-after"]) <= 10
    life = client.get(f"/commands/{body['command_id']}")
    # Refused by orders, or by the script that submits: then there is nothing of it.
    assert life.status_code == httpx.codes.NOT_FOUND or life.json()["stage"] == "refused"
    assert not flooded.client.exists(key(ENVIRONMENT, f"sent:{body['command_id']}/0"))
    door.close()
