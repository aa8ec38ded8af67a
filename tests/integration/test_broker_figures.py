"""What a real broker throws away is a figure of ingest, and never a message of the factory."""

import os
import pwd
import re
from pathlib import Path

import httpx
import pytest

from services.common.mqtt.mqtt_link import MqttLink
from services.common.process.figures import read_figures
from services.supervisor.engines import program
from services.supervisor.ports import free_port, is_free
from services.supervisor.server import LocalServer
from tests.support.mirrored import Mirrored
from tests.support.processes import Processes, wait_for

TOPIC = "ccu/state/stock"
HELD, SENT = 5, 40
SMALL = ("sys_interval 1", f"max_queued_messages {HELD}")


def _figures(mirrored: Mirrored) -> dict[str, float]:
    text = httpx.get(f"{mirrored.ingest.health_url}/metrics").text
    return {name: float(value) for name, value in re.findall(r"(?m)^(omf_\w+) (\S+)$", text)}


def _broker(processes: Processes, folder: Path, *lines: str) -> str:
    """Address of a mosquitto of these lines."""
    port, conf = free_port(), folder / "broker.conf"
    # Started by root it would become another user, who may not read here.
    user = pwd.getpwuid(os.getuid()).pw_name
    own = (f"listener {port} 127.0.0.1", "allow_anonymous true", f"user {user}")
    conf.write_text("\n".join((*own, *lines, "")), "utf-8")
    child = processes.run(str(program("mosquitto")), "-c", str(conf))
    wait_for(lambda: not is_free(port), say=child.tail)
    return f"mqtt://127.0.0.1:{port}"


@pytest.mark.mosquitto
def test_what_the_broker_throws_away_is_counted(
    processes: Processes, store_url: str, tmp_path: Path
) -> None:
    url = _broker(processes, tmp_path, *SMALL)
    away = MqttLink(url, client_id="away", clean=False)
    away.subscribe([TOPIC])
    away.start()
    wait_for(lambda: away.state.subscribed)
    away.stop()
    mirrored = Mirrored(processes, store_url, url).ready()
    wait_for(lambda: _figures(mirrored).get("omf_broker_dropped_total") == 0)
    publisher = mirrored.publisher()
    for number in range(1, SENT + 1):
        publisher.publish(TOPIC, b"%d" % number).result(5)
        # A mirror that falls behind would lose by the same limit as the one who is away.
        mirrored.wait_count(number)
    publisher.stop()
    lost = SENT - HELD
    wait_for(lambda: _figures(mirrored)["omf_broker_dropped_total"] == lost)
    assert {message.topic for message in mirrored.messages()} == {TOPIC}
    assert _figures(mirrored)["omf_ingest_received_total"] == SENT
    mirrored.store.close()


@pytest.mark.mosquitto
def test_the_figures_of_a_broker_are_no_sign_of_life_of_the_factory(
    processes: Processes, store_url: str, tmp_path: Path
) -> None:
    mirrored = Mirrored(processes, store_url, _broker(processes, tmp_path, *SMALL)).ready()
    wait_for(lambda: "omf_broker_dropped_total" in _figures(mirrored))
    # Itself, the connection of the figures, and nobody else.
    wait_for(lambda: _figures(mirrored).get("omf_broker_clients") == 2)
    wait_for(
        lambda: {"omf_broker_uptime_seconds", "omf_broker_retained"} <= set(_figures(mirrored))
    )
    told = read_figures(httpx.get(f"{mirrored.ingest.health_url}/metrics").text)
    assert (told.broker or "").startswith("mosquitto version")
    figures = _figures(mirrored)
    assert figures["omf_ingest_last_message_timestamp_seconds"] == 0
    assert figures["omf_ingest_received_total"] == 0
    mirrored.store.close()


@pytest.mark.servers
def test_a_broker_that_tells_nothing_of_itself_is_mirrored_all_the_same(
    processes: Processes, store_url: str, tmp_path: Path
) -> None:
    broker = LocalServer("broker", tmp_path / "embedded", embedded=True)
    broker.start()
    try:
        mirrored = Mirrored(processes, store_url, broker.url).ready()
        publisher = mirrored.publisher()
        publisher.publish(TOPIC, b"{}").result(5)
        publisher.stop()
        mirrored.wait_count(1)
        figures = _figures(mirrored)
        assert "omf_broker_dropped_total" not in figures
        assert figures["omf_ingest_reconnects"] == 0
        mirrored.store.close()
    finally:
        broker.kill()


@pytest.mark.mosquitto
def test_a_broker_that_refuses_its_figures_takes_nothing_from_the_factory(
    processes: Processes, store_url: str, tmp_path: Path
) -> None:
    """The broker of a real factory is somebody else's, and so are its rights."""
    acl = tmp_path / "acl"
    acl.write_text("topic readwrite #\n", "utf-8")
    url = _broker(processes, tmp_path, f"acl_file {acl}", "sys_interval 1")
    mirrored = Mirrored(processes, store_url, url).ready()
    publisher = mirrored.publisher()
    publisher.publish(TOPIC, b"{}").result(5)
    publisher.stop()
    mirrored.wait_count(1)
    assert mirrored.link().refused_filters == ()
    assert "omf_broker_dropped_total" not in _figures(mirrored)
    mirrored.store.close()
