"""All services and tools on a cluster of three stores and their replicas."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.accounts import store as accounts
from services.common.backup.backup import save
from services.common.backup.restore import restore
from services.common.process.exit_codes import ExitCode
from services.common.store.bus import Bus, store
from services.common.store.keys import key
from services.supervisor.server import LocalServer
from tests.support.cluster import Cluster
from tests.support.processes import HTTP_OK, Processes, wait_for
from tests.support.system import System

pytestmark = [pytest.mark.servers, pytest.mark.xdist_group("cluster"), pytest.mark.timeout(400)]
KEEPERS = ("ingest", "orders", "historian")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp("cluster"), replicas=True)
    cluster.move("replay", (cluster.owner("mock") + 1) % 3)
    yield cluster
    cluster.close()


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory, cluster: Cluster) -> Iterator[System]:
    """`omf up` of two factories whose keys lie on two nodes, and a broker for each."""
    brokers = [LocalServer("broker", tmp_path_factory.mktemp(f"broker-{n}")) for n in range(2)]
    for broker in brokers:
        broker.start()
    running = System(
        tmp_path_factory.mktemp("clustered") / "data",
        "--environments",
        "mock,replay",
        "--external",
        OMF_MOCK_MQTT_URL=brokers[0].url,
        OMF_REPLAY_MQTT_URL=brokers[1].url,
        OMF_STORE_URL=cluster.url,
    )
    try:
        yield running.start()
    finally:
        running.close()
        for broker in brokers:
            broker.kill()


def test_an_order_of_each_colour_has_its_effect(system: System, cluster: Cluster) -> None:
    assert cluster.owner("mock") != cluster.owner("replay")
    for colour in ("RED", "WHITE", "BLUE"):
        done = system.omf("send", "production-order", f"colour={colour}", "--wait", "90")
        assert done.returncode == 0, done.stdout + done.stderr + system.story()
    wait_for(lambda: system.omf("status").returncode == 0, 60, lambda: system.omf("status").stdout)
    for page in ("/site", "/mock/overview", "/mock/orders", "/replay/overview"):
        told = httpx.get(f"{system.run.ui}{page}", follow_redirects=True, timeout=60)
        assert told.status_code == HTTP_OK
    assert not system.tracebacks()


def test_its_keys_lie_on_one_node(system: System, cluster: Cluster) -> None:
    assert system.run.redis == cluster.url
    owner = cluster.owner("mock")
    with store(cluster.url, "mock") as client:
        assert client.info("server")["tcp_port"] == cluster.ports[owner]
        assert client.xlen(key("mock", "audit")) >= 3


async def test_a_copy_is_taken_and_put_back(cluster: Cluster, tmp_path: Path) -> None:
    copy = tmp_path / "copy.jsonl.gz"
    async with Bus(cluster.url, "live") as bus:
        journal, states = bus.key("buffer:#"), bus.key("latest")
        await bus.client.xadd(journal, {"t": "a/b", "p": "1", "q": 1, "r": 0, "d": 0}, "5-1")
        await bus.client.hset(states, "a/b", "1")
        saved = await save(bus, copy)
        assert saved.entries == 1
        assert await restore(bus, copy, replace=True) == saved
        assert [entry_id for entry_id, _ in await bus.client.xrange(journal)] == [b"5-1"]
        assert await bus.client.hget(states, "a/b") == b"1"


def test_the_accounts_of_a_factory_server_suffice(
    cluster: Cluster, processes: Processes, mqtt_url: str
) -> None:
    secret = "q7Jx0v-PzR2mW9sKd4Tb"  # noqa: S105 - of a store that is gone with the test
    digest = hashlib.sha256(secret.encode()).hexdigest()
    started = []
    for name in ("ingest", "orders", "gateway"):
        words = accounts.line(f"{name}-live", digest).split(" ", 1)[1]
        cluster.ask_all("ACL", "SETUSER", *re.findall(r"\([^)]*\)|\S+", words))
        own = cluster.url.replace("://", f"://{name}-live:{secret}@")
        given = {"store_url": own, "mqtt_url": mqtt_url}
        started.append(processes.service(name, environment="live", **given))
    for service in started:
        service.wait_ready()
        assert "NOPERM" not in service.tail(100)


@pytest.fixture
def lacking(tmp_path: Path) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path / "lacking")
    cluster.drop_slots(100, 103)
    yield cluster
    cluster.close()


def test_a_cluster_that_lacks_a_slot_is_refused_in_one_line(
    processes: Processes, lacking: Cluster, mqtt_url: str
) -> None:
    given = {"store_url": lacking.url, "mqtt_url": mqtt_url}
    for service in [processes.service(name, **given) for name in KEEPERS]:
        assert service.wait(60) == ExitCode.UNFIT_STORE, service.tail()
        told = [line for line in service.tail().splitlines() if "nobody owns the slots" in line]
        assert len(told) == 1
        assert "100-103" in told[0]
        assert "Traceback" not in service.tail()


def test_a_single_store_is_no_cluster(processes: Processes, store_url: str, mqtt_url: str) -> None:
    address = store_url.replace("redis://", "redis+cluster://")
    service = processes.service("orders", store_url=address, mqtt_url=mqtt_url)
    assert service.wait(60) == ExitCode.UNFIT_STORE
    assert "is no node of a cluster; write redis://" in service.tail()
