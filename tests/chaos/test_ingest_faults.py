"""Ingest under load while its parts die, freeze, fill up and forget: lost 0, doubled 0, in order.

`make chaos` with OMF_CHAOS_ROUNDS=100 is the long version; the seed is printed and can be given
as OMF_CHAOS_SEED. The equation is the ledger's: whatever the broker acknowledged to the publisher
lies in the journal once, in the publisher's order within each topic.
"""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from urllib.request import urlopen

import pytest

from services.common.streams import JOURNAL, buffer_key
from services.up.server import Server
from tests.bench.ingest import broker as broker_in_memory
from tests.bench.mirrors import load
from tests.support.ledger import Ledger, Verdict
from tests.support.mirrored import Mirrored
from tests.support.processes import Processes, wait_for

ROUNDS = int(os.environ.get("OMF_CHAOS_ROUNDS", "3"))
SEED = int(os.environ.get("OMF_CHAOS_SEED", "20260807"))
LONG = ROUNDS >= 10
FREEZES_S = (8.0, 32.0) if LONG else (12.0,)
FLOOD_RATE, FLOOD_TOPICS = 5000, 10_000
FLOOD_COUNT = FLOOD_RATE * (60 if LONG else 4)
RECOVERY_S = 10.0
HOLDS = Verdict([], [], [])
KIB = 1024

pytestmark = pytest.mark.timeout(120 + 30 * ROUNDS)


class Scene:
    """Broker, store, ingest and a ledger, each of them to be broken."""

    def __init__(self, processes: Processes, store: Server, broker: Server) -> None:
        self.random = Random(SEED)  # noqa: S311 - to be repeated by its seed
        self.store, self.broker = store, broker
        self.mirrored = Mirrored(processes, store.url, broker.url).ready()
        self.ledger = Ledger(broker.url, SEED).start()

    def load(self, count: int = 400) -> None:
        self.ledger.publish(count)

    def verdict(self, *, within_s: float = RECOVERY_S) -> Verdict:
        """What the ledger says once the last message published after all faults has arrived."""
        self.ledger.publish(10)
        last = self.ledger.acknowledged[-1]
        wait_for(lambda: self._newest() >= last, within_s + 20, self.mirrored.ingest.tail)
        return self.ledger.check(self.mirrored.messages())

    def _newest(self) -> int:
        newest = self.mirrored.store.xrevrange(buffer_key("mock", JOURNAL), count=1)
        return int(json.loads(newest[0][1][b"p"])["n"]) if newest else -1


@pytest.fixture
def scene(processes: Processes, store: Server, broker: Server) -> Iterator[Scene]:
    print(f"seed {SEED}, {ROUNDS} rounds")  # noqa: T201 - shown with a failure, to repeat it
    scene = Scene(processes, store, broker)
    yield scene
    scene.ledger.stop()
    scene.mirrored.store.close()


def test_a_kill_at_any_moment_loses_and_doubles_nothing(scene: Scene) -> None:
    for _ in range(ROUNDS):
        scene.load(scene.random.randint(50, 600))
        scene.mirrored.ingest.kill()
        scene.load(scene.random.randint(0, 400))
        scene.mirrored.launch()
        scene.load(scene.random.randint(0, 400))
        time.sleep(scene.random.uniform(0.0, 1.5))
    scene.mirrored.ready()
    assert scene.verdict() == HOLDS


@pytest.mark.parametrize("place", ["ingest.taken", "ingest.appended"])
def test_a_death_between_two_steps_loses_and_doubles_nothing(
    processes: Processes, store: Server, broker: Server, place: str
) -> None:
    scene = Scene(processes, store, broker)
    for number in range(1, ROUNDS + 1):
        scene.mirrored.ingest.kill()
        scene.mirrored._settings["failpoint"] = f"{place}:{number}"
        ingest = scene.mirrored.launch()
        scene.load(600)
        wait_for(lambda ingest=ingest: not ingest.alive, 20, ingest.tail)
        assert ingest.returncode == -9
    del scene.mirrored._settings["failpoint"]
    scene.mirrored.launch()
    assert scene.verdict(within_s=20) == HOLDS
    scene.ledger.stop()


def test_a_store_that_dies_again_and_again_loses_nothing(scene: Scene) -> None:
    for _ in range(ROUNDS):
        scene.load(scene.random.randint(100, 500))
        scene.store.kill()
        scene.load(200)
        scene.store.restart()
        scene.load(200)
    assert scene.verdict() == HOLDS


@pytest.mark.parametrize("seconds", FREEZES_S)
def test_a_store_that_freezes_beyond_the_time_out_makes_nothing_double(
    scene: Scene, seconds: float
) -> None:
    scene.load()
    scene.store.freeze()
    scene.load()
    scene.mirrored.ingest.wait(seconds)
    scene.store.thaw()
    assert scene.mirrored.ingest.alive
    assert scene.verdict() == HOLDS


@pytest.mark.mosquitto
def test_a_flood_of_topics_is_mirrored_within_bounds(
    processes: Processes, store_url: str, tmp_path: Path
) -> None:
    # A broker that writes each change to its disk cannot take five thousand messages a second.
    mosquitto, mqtt_url = broker_in_memory(tmp_path)
    mirrored = Mirrored(processes, store_url, mqtt_url).ready()
    before = resident_mb(mirrored.ingest.pid)
    with load(mqtt_url.rpartition(":")[2], FLOOD_COUNT, FLOOD_RATE, topics=FLOOD_TOPICS) as flood:
        told, _ = flood.communicate("\n", timeout=100)
    assert len(told.splitlines()) == 2, "not all were acknowledged"
    wait_for(lambda: mirrored.counter("appended") == FLOOD_COUNT, 60)
    assert resident_mb(mirrored.ingest.pid) - before < 50
    address = f"{mirrored.ingest.health_url}/metrics"
    assert len(urlopen(address, timeout=5).read().splitlines()) < 2000  # noqa: S310 - our own
    mosquitto.kill()


def resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def test_a_full_store_stops_the_mirror_and_room_lets_it_go_on(scene: Scene) -> None:
    scene.load()
    used = int(scene.mirrored.store.info("memory")["used_memory"])
    scene.mirrored.store.config_set("maxmemory", str(used + 64 * KIB))
    for _ in range(5):
        scene.ledger.publish(200, extra="x" * 500)
    wait_for(lambda: "maxmemory" in scene.mirrored.ingest.tail(20), 10)
    assert scene.mirrored.ingest.alive
    scene.mirrored.store.config_set("maxmemory", "0")
    assert scene.verdict() == HOLDS


def test_an_emptied_store_is_told_once_and_filled_again(scene: Scene) -> None:
    scene.load()
    scene.mirrored.wait_count(400)
    scene.mirrored.store.flushall()
    scene.load()
    scene.mirrored.wait_count(400)
    assert scene.mirrored.ingest.alive
    assert scene.mirrored.ingest.tail(100).count("the store was emptied") == 1


@pytest.mark.mosquitto
def test_a_broker_that_dies_loses_nothing_it_acknowledged(scene: Scene) -> None:
    for _ in range(ROUNDS):
        scene.load(scene.random.randint(100, 400))
        # mosquitto 2.0 sends its PUBACK before it saves: what it took in the last moment is its own
        # loss, and no reader can mend that.
        time.sleep(0.2)
        scene.broker.kill()
        time.sleep(scene.random.uniform(0.0, 1.0))
        scene.broker.restart()
        scene.ledger.connected()
        scene.load(scene.random.randint(0, 200))
    assert scene.verdict(within_s=15) == HOLDS


def test_a_broker_that_forgets_everything_is_subscribed_again(scene: Scene) -> None:
    scene.load()
    scene.mirrored.wait_count(400)
    scene.broker.kill()
    for left in scene.broker.folder.glob("*.db"):
        left.unlink()
    scene.broker.restart()
    scene.mirrored.ready()
    wait_for(lambda: scene.mirrored.link().connected, RECOVERY_S)
    scene.ledger.connected()
    assert scene.verdict() == HOLDS


def test_a_frozen_broker_is_noticed_and_loses_nothing(scene: Scene) -> None:
    scene.load()
    scene.broker.freeze()
    wait_for(lambda: not scene.mirrored.link().connected, 17)
    scene.broker.thaw()
    scene.ledger.connected()
    scene.load()
    assert scene.verdict() == HOLDS
