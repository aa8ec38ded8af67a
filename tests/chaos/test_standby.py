"""A second process of each role takes over from one that was killed or frozen; nothing is doubled,
late or lost, and what thaws writes nothing.

`make standby KILLS=400 THAWS=200` is the long version; the seed is printed and can be given.
"""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.common.store.keys import key
from services.common.store.leader_lease import ROLE_LEASE_S, leader_key
from services.supervisor.server import LocalServer
from tests.chaos.scene import HOLDS, SEED
from tests.support.circle import Desk, request
from tests.support.processes import Processes, wait_for
from tests.support.servers import Addresses
from tests.support.standby import ROLES, Fault, StandbyScene, TakeOver

KILLS = int(os.environ.get("OMF_STANDBY_KILLS", "2"))
THAWS = int(os.environ.get("OMF_STANDBY_THAWS", "2"))

pytestmark = pytest.mark.timeout(300 + 60 * (KILLS + THAWS))


@pytest.fixture
def scene(processes: Processes, servers: Addresses, tmp_path: Path) -> Iterator[StandbyScene]:
    with StandbyScene(processes, servers, tmp_path, SEED) as scene:
        yield scene


def test_whoever_stands_by_takes_over_and_nothing_is_doubled_late_or_lost(
    scene: StandbyScene, record_property: Callable[[str, str], None]
) -> None:
    print(f"seed {SEED}, {KILLS} kills, {THAWS} thaws")  # noqa: T201 - shown with a failure
    strikes: list[Fault] = ["freeze"] * THAWS + ["kill"] * KILLS + ["stop"]
    plan = [(fault, ROLES[number % len(ROLES)]) for number, fault in enumerate(strikes)]
    scene.random.shuffle(plan)
    with scene.at_work():
        for fault, role in plan:
            scene.strike(role, fault)
    assert scene.verdict() == HOLDS
    for fault in ("kill", "freeze"):
        for role in ROLES:
            record_property(f"{fault} {role}", _figure(scene.taken, fault, role))
    record_property("commands", str(scene.ends))


def _figure(taken: list[TakeOver], fault: str, role: str) -> str:
    of = [one for one in taken if (one.fault, one.role) == (fault, role)]
    if not of:
        return "none"
    led, worked = sorted(one.led_s for one in of), sorted(one.worked_s for one in of)
    middle = len(of) // 2
    return (
        f"{len(of)}: led after {led[middle]:.2f} s (longest {led[-1]:.2f}),"
        f" worked after {worked[middle]:.2f} s (longest {worked[-1]:.2f})"
    )


def test_a_store_that_goes_during_the_take_over_delays_it_and_no_more(
    processes: Processes, mqtt_url: str, store: LocalServer
) -> None:
    told = {"store_url": store.url, "mqtt_url": mqtt_url}
    first = processes.service("gateway", node="first", **told).wait_ready()
    second = processes.service("gateway", node="second", **told).wait_ready()
    first.kill()
    store.kill()
    time.sleep(2 * ROLE_LEASE_S)
    store.restart()
    desk = Desk(store.url)
    wait_for(lambda: _node(desk) == b"second", say=second.tail)
    desk.add("outbox", request("after/0"))
    wait_for(lambda: desk.receipts("after/0") == ["attempted", "acknowledged"], say=second.tail)


def test_a_leader_whose_store_stood_still_leads_on(
    processes: Processes, mqtt_url: str, store: LocalServer
) -> None:
    told = {"store_url": store.url, "mqtt_url": mqtt_url}
    gateway = processes.service("gateway", node="first", **told).wait_ready()
    store.freeze()
    time.sleep(3 * ROLE_LEASE_S)
    store.thaw()
    desk = Desk(store.url)
    desk.add("outbox", request("after/0"))
    wait_for(lambda: desk.receipts("after/0") == ["attempted", "acknowledged"], say=gateway.tail)
    assert desk.client.hget(key("mock", leader_key("gateway")), "token") == b"1"


def _node(desk: Desk) -> bytes:
    return bytes(desk.client.hget(key("mock", leader_key("gateway")), "node") or b"")
