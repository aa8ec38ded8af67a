"""The broker of ingest, and the line to it: stopped, killed, forgetful, frozen, slow, silent."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from services.common.mqtt.mqtt_link import MqttLink
from services.orders.decision import MAX_VIEW_AGE_S
from services.supervisor.server import LocalServer
from tests.chaos.scene import HOLDS, LONG, PATIENCE, RECOVERY_S, ROUNDS, Scene, resident_mb
from tests.support.circle import Desk
from tests.support.processes import Processes, wait_for
from tests.support.proxy import Proxy

AWAY_S = 60.0 if LONG else 3.0
MIB = 1024 * 1024

pytestmark = pytest.mark.timeout(120 + 30 * ROUNDS)


@contextmanager
def behind_a_proxy(
    processes: Processes, store: LocalServer, broker: LocalServer
) -> Iterator[tuple[Scene, Proxy]]:
    """Only ingest passes the proxy; the publisher's line stays good."""
    proxy = Proxy(broker.url)
    scene = Scene(processes, store, broker, proxy.url)
    yield scene, proxy
    scene.close()
    proxy.close()


def objections(desk: Desk, name: str) -> set[str]:
    """Names of what stands against moving something now."""
    return {reason.id for reason in desk.final(desk.order(name)).reasons}


@pytest.mark.mosquitto
def test_a_broker_that_was_stopped_is_missed_at_once_and_found_again(scene: Scene) -> None:
    scene.load()
    scene.broker.stop()
    wait_for(lambda: not scene.mirrored.link().connected)
    time.sleep(AWAY_S)
    scene.broker.restart()
    wait_for(lambda: scene.mirrored.link().connected, PATIENCE * RECOVERY_S)
    assert scene.mirrored.link().session_present
    scene.ledger.connected()
    scene.load()
    assert scene.verdict() == HOLDS


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
        scene.recovered()
        scene.load(scene.random.randint(0, 200))
    assert scene.verdict() == HOLDS


def test_a_broker_that_forgets_everything_is_subscribed_again(scene: Scene) -> None:
    scene.load()
    scene.mirrored.wait_count(400)
    scene.broker.kill()
    for left in scene.broker.folder.glob("*.db"):
        left.unlink()
    scene.broker.restart()
    scene.mirrored.ready()
    wait_for(lambda: scene.mirrored.link().connected, PATIENCE * RECOVERY_S)
    scene.ledger.connected()
    assert scene.verdict() == HOLDS


def test_a_frozen_broker_is_noticed_and_loses_nothing(scene: Scene) -> None:
    scene.load()
    scene.broker.freeze()
    wait_for(lambda: not scene.mirrored.link().connected, 60)
    scene.broker.thaw()
    scene.recovered()
    scene.load()
    assert scene.verdict() == HOLDS


def test_on_a_line_that_falls_silent_nothing_is_moved_and_in_the_end_it_is_called_broken(
    processes: Processes, store: LocalServer, broker: LocalServer
) -> None:
    with behind_a_proxy(processes, store, broker) as (scene, proxy):
        processes.service("orders", store_url=store.url).wait_ready()
        desk, link = Desk(store.url), scene.mirrored.link
        scene.load()
        scene.mirrored.wait_count(400)
        quiet = link().at
        wait_for(lambda: link().at > quiet + MAX_VIEW_AGE_S + 1)
        assert "old-view" not in objections(desk, "quiet")
        proxy.black_hole = True
        heard_at = link().last_packet_at
        scene.load()
        wait_for(lambda: link().at > heard_at + MAX_VIEW_AGE_S + 1)
        # A machine that is slow here has called it broken by now: nothing is moved for that.
        assert objections(desk, "silent") & {"old-view", "no-link"}
        wait_for(lambda: not link().connected, 60)
        proxy.black_hole = False
        assert scene.verdict() == HOLDS


def test_a_slow_line_is_only_slow(
    processes: Processes, store: LocalServer, broker: LocalServer
) -> None:
    with behind_a_proxy(processes, store, broker) as (scene, proxy):
        before = resident_mb(scene.mirrored.ingest.pid)
        proxy.delay_s, proxy.bytes_per_s = 0.5, 20_000
        scene.load(600)
        time.sleep(3)
        assert scene.mirrored.link().connected
        proxy.delay_s, proxy.bytes_per_s = 0.0, 0
        assert scene.verdict() == HOLDS
        assert scene.mirrored.link().reconnects == 0
        assert resident_mb(scene.mirrored.ingest.pid) - before < 20


def test_a_line_that_breaks_again_and_again_loses_and_doubles_nothing(
    processes: Processes, store: LocalServer, broker: LocalServer
) -> None:
    with behind_a_proxy(processes, store, broker) as (scene, proxy):
        for _ in range(ROUNDS):
            scene.load(scene.random.randint(50, 500))
            proxy.down()
            scene.load(scene.random.randint(50, 500))
            time.sleep(scene.random.uniform(0.0, 1.5))
        assert scene.verdict() == HOLDS


@pytest.mark.mosquitto
def test_fifty_megabytes_stop_at_the_broker_and_stop_nothing(scene: Scene) -> None:
    scene.load()
    before = resident_mb(scene.mirrored.ingest.pid)
    sender = MqttLink(scene.broker.url, client_id="fat")
    sender.start()
    wait_for(lambda: sender.state.connected, 20)
    sender.publish("module/v1/ff/L1/state", bytes(50 * MIB)).exception(60)
    sender.stop()
    assert scene.verdict() == HOLDS
    assert scene.mirrored.link().reconnects == 0
    assert resident_mb(scene.mirrored.ingest.pid) - before < 60
