"""How orders and gateway begin and end."""

import json
import signal
import urllib.error
import urllib.request

import pytest

from services.supervisor.ports import free_port
from services.supervisor.server import LocalServer
from tests.support.processes import Processes, wait_for
from tests.support.servers import Addresses


@pytest.mark.parametrize("name", ["orders", "gateway"])
def test_a_service_asked_to_end_ends_clean(
    processes: Processes, servers: Addresses, name: str
) -> None:
    service = processes.service(name, **servers._asdict()).wait_ready()
    service.send(signal.SIGTERM)
    assert service.wait(60) == 0


@pytest.mark.parametrize("name", ["orders", "gateway"])
def test_a_service_waits_for_a_store_that_starts_later_and_can_be_ended_meanwhile(
    processes: Processes, mqtt_url: str, store: LocalServer, name: str
) -> None:
    store.stop()
    service = processes.service(name, store_url=store.url, mqtt_url=mqtt_url)
    wait_for(lambda: "waiting for the store" in service.tail())
    store.restart()
    service.wait_ready()
    absent = f"redis://127.0.0.1:{free_port()}/0"
    waiting = processes.service(name, store_url=absent, mqtt_url=mqtt_url)
    wait_for(lambda: "waiting for the store" in waiting.tail())
    waiting.send(signal.SIGTERM)
    assert waiting.wait(60) == 0


def test_a_gateway_without_a_broker_runs_and_says_what_is_missing(
    processes: Processes, store_url: str, broker: LocalServer
) -> None:
    broker.stop()
    gateway = processes.service("gateway", store_url=store_url, mqtt_url=broker.url)
    wait_for(lambda: "broker" in _missing(gateway.health_url))
    broker.restart()
    gateway.wait_ready()
    assert _missing(gateway.health_url) == ""


def _missing(health_url: str) -> str:
    """What the process says it lacks; empty while it is ready or does not answer yet."""
    try:
        with urllib.request.urlopen(f"{health_url}/health/ready", timeout=5):  # noqa: S310 - our own child
            return ""
    except urllib.error.HTTPError as refusal:
        with refusal:
            return str(json.load(refusal)["wrong"])
    except OSError:
        return ""
