"""Ingest divided into shards, and its store into a cluster: the ledger holds all the same."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from omf.constants import SERVICE_SILENCE_S
from omf.topics import catalogue
from services.common.store.keys import JOURNAL
from services.ingest.shards import Shard
from tests.support.cluster import Cluster
from tests.support.ledger import TOPICS, Ledger, Verdict
from tests.support.mirrored import Mirrored
from tests.support.processes import Processes, wait_for
from tests.support.servers import Addresses

HOLDS = Verdict([], [], [])
NAMES = ("module_state", "fts_state", "ccu_state_stock")


def stamps(mirrored: Mirrored, topic_filter: str) -> list[tuple[int, ...]]:
    found = (message.id for message in mirrored.messages(topic_filter))
    return [tuple(map(int, stamp.split("-"))) for stamp in found]


@pytest.fixture
def parts(processes: Processes, servers: Addresses) -> Iterator[list[Mirrored]]:
    started = [Mirrored(processes, *servers, shard=f"{n}/3") for n in (1, 2, 3)]
    for part in started:
        part.ready()
    yield started
    for part in started:
        part.store.close()


def test_three_shards_together_mirror_every_message_once_and_in_order(
    parts: list[Mirrored],
) -> None:
    assert len({Shard(1, 3).has(topic) for topic in TOPICS}) == 2, "the load must meet two shards"
    first = parts[0]
    ledger = Ledger(first.mqtt_url, 7).start()
    ledger.publish(1500)
    first.wait_count(1500)
    ledger.stop()
    assert ledger.check(first.messages()) == HOLDS
    assert first.counter("appended") == 1500
    journal = stamps(first, JOURNAL)
    assert all(a < b for a, b in pairwise(journal))
    for name in NAMES[:2]:
        assert set(stamps(first, catalogue.find(name).pattern)) <= set(journal)


def test_a_shard_that_dies_is_told_by_the_first_and_catches_up(parts: list[Mirrored]) -> None:
    first = parts[0]
    wait_for(lambda: not first.link().detail)
    ledger = Ledger(first.mqtt_url, 8).start()
    ledger.publish(200)
    for part in parts[1:]:
        part.ingest.kill()
    ledger.publish(400)
    wait_for(lambda: "link:ingest:2/3 is silent" in first.link().detail)
    assert first.link().at - first.link().last_packet_at >= SERVICE_SILENCE_S
    for part in parts[1:]:
        part.launch()
        part.ready()
    ledger.publish(200)
    first.wait_count(800)
    ledger.stop()
    assert ledger.check(first.messages()) == HOLDS
    wait_for(lambda: not first.link().detail)


def test_another_number_of_shards_ends_the_old_ones(parts: list[Mirrored]) -> None:
    old = parts[2].ingest
    parts[0]._settings["shard"] = "1/2"
    parts[0].launch()
    parts[0].ready()
    publisher = parts[0].publisher()
    topic = next(t for t in TOPICS if Shard(3, 3).has(t))
    publisher.publish(topic, b"1").result(5)
    wait_for(lambda: not old.alive, 15)
    assert old.returncode == 75
    publisher.stop()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path / "cluster")
    yield cluster
    cluster.close()


def test_the_ledger_holds_on_a_cluster_whose_node_dies(
    processes: Processes, cluster: Cluster, mqtt_url: str
) -> None:
    mirrored = Mirrored(processes, cluster.url, mqtt_url).ready()
    ledger = Ledger(mqtt_url, 9).start()
    ledger.publish(500)
    mirrored.wait_count(500)
    holder = cluster.owner("mock")
    cluster.kill(holder)
    ledger.publish(300)
    cluster.restart(holder)
    ledger.publish(300)
    mirrored.wait_count(1100, 60)
    ledger.stop()
    assert mirrored.ingest.alive
    assert ledger.check(mirrored.messages()) == HOLDS


def test_a_cluster_that_comes_late_is_waited_for(processes: Processes, mqtt_url: str) -> None:
    ingest = processes.service("ingest", store_url="redis+cluster://127.0.0.1:1", mqtt_url=mqtt_url)
    wait_for(lambda: "waiting for the store" in ingest.tail())
    assert ingest.alive
    ingest.stop()
    assert ingest.returncode == 0
