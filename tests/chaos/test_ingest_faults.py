"""Ingest under load while it, its store and its broker die, freeze, fill up and forget.

Lost 0, doubled 0, in order, and working again ten seconds after the part is back (`scene`).
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from datetime import datetime
from itertools import islice
from pathlib import Path
from urllib.request import urlopen

import pytest

from omf.messages.message import Message
from omf.topics import catalogue
from omf.topics.filters import matches
from services.common.process.health import EXIT_STUCK, STUCK_S
from services.supervisor.server import LocalServer
from tests.bench.ingest import broker as broker_in_memory
from tests.bench.mirrors import load
from tests.chaos.scene import HOLDS, LONG, ROUNDS, Peak, Scene
from tests.fuzz import corpus, mutants
from tests.support.mirrored import Mirrored
from tests.support.processes import Processes, wait_for
from tests.support.servers import Addresses

FREEZES_S = (8.0, 30.0) if LONG else (12.0,)
FLOOD_RATE, FLOOD_TOPICS = 5000, 10_000
FLOOD_COUNT = FLOOD_RATE * (60 if LONG else 4)
KIB = 1024
UNLIMITED = resource.RLIM_INFINITY
# A broker keeps 200/s for five minutes: RELIABILITY F7.
AWAY_MESSAGES = 60_000 if LONG else 2_000
NONSENSE = 20_000 if LONG else 2_000

# A mosquitto that saves at each change takes a long queue ever more slowly.
pytestmark = pytest.mark.timeout(120 + 30 * ROUNDS + (3600 if LONG else 0))


def test_a_kill_at_any_moment_loses_and_doubles_nothing(busy_scene: Scene) -> None:
    uniform = busy_scene.random.uniform
    with busy_scene.under_load():
        for _ in range(ROUNDS):
            time.sleep(uniform(0.1, 2.5))
            busy_scene.mirrored.ingest.kill()
            time.sleep(uniform(0.0, 1.0))
            busy_scene.mirrored.launch()
        busy_scene.recovered()
    assert busy_scene.verdict() == HOLDS


@pytest.mark.parametrize("place", ["ingest.taken", "ingest.appended"])
def test_a_death_between_two_steps_loses_and_doubles_nothing(
    processes: Processes, store: LocalServer, broker: LocalServer, place: str
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
    assert scene.verdict() == HOLDS
    scene.ledger.stop()


def test_a_store_that_dies_again_and_again_loses_nothing(busy_scene: Scene) -> None:
    uniform = busy_scene.random.uniform
    with busy_scene.under_load():
        for _ in range(ROUNDS):
            time.sleep(uniform(0.1, 1.0))
            busy_scene.store.kill()
            time.sleep(uniform(0.0, 0.5))
            busy_scene.store.restart()
            busy_scene.recovered()
    assert busy_scene.verdict() == HOLDS


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
    processes: Processes,
    store_url: str,
    tmp_path: Path,
    record_property: Callable[[str, str], None],
) -> None:
    # A broker that writes each change to its disk cannot take five thousand messages a second.
    mosquitto, mqtt_url = broker_in_memory(tmp_path)
    mirrored = Mirrored(processes, store_url, mqtt_url).ready()
    peak = Peak(mirrored.ingest.pid)
    with load(mqtt_url.rpartition(":")[2], FLOOD_COUNT, FLOOD_RATE, topics=FLOOD_TOPICS) as flood:
        told, _ = flood.communicate("\n", timeout=100)
    assert len(told.splitlines()) == 2, "not all were acknowledged"
    first, last = map(float, told.splitlines())
    # A machine that cannot produce it proves less, and says so.
    record_property("flood", f"{FLOOD_COUNT / (last - first):.0f}/s of {FLOOD_RATE}/s wanted")
    wait_for(lambda: mirrored.counter("appended") == FLOOD_COUNT, 60)
    record_property("memory", f"{peak.grown_mb():.0f} MB of 50 MB allowed")
    assert peak.grown_mb() < 50
    address = f"{mirrored.ingest.health_url}/metrics"
    assert len(urlopen(address, timeout=5).read().splitlines()) < 2000  # noqa: S310 - our own
    mosquitto.kill()


def test_a_full_store_stops_the_mirror_and_room_lets_it_go_on(scene: Scene) -> None:
    scene.load()
    used = int(scene.mirrored.store.info("memory")["used_memory"])
    scene.mirrored.store.config_set("maxmemory", str(used + 64 * KIB))
    for _ in range(5):
        scene.ledger.publish(200, extra="x" * 500)
    wait_for(lambda: "maxmemory" in scene.mirrored.ingest.tail(200))
    assert scene.mirrored.ingest.alive
    scene.mirrored.store.config_set("maxmemory", "0")
    assert scene.verdict() == HOLDS


def test_an_emptied_store_is_told_once_and_filled_again(busy_scene: Scene) -> None:
    mirrored = busy_scene.mirrored
    with busy_scene.under_load():
        mirrored.wait_count(400)
        mirrored.store.flushall()
        before = busy_scene.ledger.sent
        mirrored.wait_count(400)
    verdict = busy_scene.verdict()
    assert mirrored.ingest.alive
    assert mirrored.ingest.tail(100).count("the store was emptied") == 1
    # What lay in the store is gone, and nothing that came behind it.
    assert verdict._replace(lost=[n for n in verdict.lost if n >= before]) == HOLDS


@pytest.mark.mosquitto
def test_a_store_that_is_away_for_long_finds_all_of_it_at_the_broker(scene: Scene) -> None:
    scene.load()
    scene.store.kill()
    scene.load(AWAY_MESSAGES)
    assert scene.mirrored.ingest.alive
    scene.store.restart()
    assert scene.verdict(within_s=60) == HOLDS


def test_a_full_disk_stops_the_mirror_and_room_lets_it_go_on(scene: Scene) -> None:
    scene.load()
    child = scene.store.child
    assert child
    parts = (scene.store.folder / "appendonlydir").glob("*.incr.aof")
    size = max(part.stat().st_size for part in parts)
    resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (size + 64 * KIB, UNLIMITED))
    scene.ledger.publish(400, extra="x" * 500)
    wait_for(lambda: "MISCONF" in scene.mirrored.ingest.tail(200), 60, scene.mirrored.ingest.tail)
    assert scene.mirrored.ingest.alive
    assert not scene.mirrored.ingest.ready()
    resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (UNLIMITED, UNLIMITED))
    assert scene.verdict() == HOLDS


def is_picture(message: Message) -> bool:
    """Those leave the journal earlier than the rest."""
    return any(matches(name, message.topic) for name in catalogue.PICTURES)


def test_nonsense_is_mirrored_as_it_is_and_stops_nothing(scene: Scene) -> None:
    sender = scene.mirrored.publisher()
    sent = []
    groups = [group for group in corpus() if not any(map(is_picture, group))]
    for message in islice(mutants(scene.random, groups), NONSENSE):
        sent.append((message.topic, message.payload))
        sender.publish(message.topic, message.payload).result(30)
    scene.mirrored.wait_count(NONSENSE, 60)
    sender.stop()
    assert [(m.topic, m.payload) for m in scene.mirrored.messages()] == sent
    assert scene.verdict() == HOLDS


DEAD = """
import services.common.mqtt.mqtt_link as m
def end(self): raise SystemExit
m.MqttLink._converse = end
"""
STANDING = """
import threading, services.common.mqtt.mqtt_link as m
m.MqttLink._converse = lambda _: threading.Event().wait()
"""
STUCK = """
import threading, services.ingest.inbound_queue as i
i.InboundQueue.take = lambda *_: threading.Event().wait()
"""
RUN = """
import sys
from services.ingest.__main__ import main
sys.argv[1:] = []
sys.exit(main())
"""


def lived_s(log: str) -> float:
    """From the first line to the last."""
    at = [datetime.fromisoformat(json.loads(line)["at"]) for line in log.splitlines()]
    return (at[-1] - at[0]).total_seconds()


def test_a_network_thread_that_is_dead_or_stands_and_a_stuck_loop_end_the_process(
    processes: Processes, servers: Addresses
) -> None:
    store_url, mqtt_url = servers
    given = {"OMF_STORE_URL": store_url, "OMF_MQTT_URL": mqtt_url, "OMF_UNPROTECTED": "true"}
    broken = [
        processes.run(sys.executable, "-c", fault + RUN, OMF_ENVIRONMENT=name, **given)
        for name, fault in (("mock", DEAD), ("replay", STUCK), ("live", STANDING))
    ]
    for process in broken:
        assert process.wait(90) == EXIT_STUCK, process.tail()
        assert "stuck" in process.tail(1)
        assert lived_s(process.tail(100)) > STUCK_S
