"""A store that is frozen for twenty seconds, and a process that is: nothing ends itself."""

import signal
import time

import pytest

from services.supervisor import probe
from services.supervisor.ports import free_port
from services.supervisor.server import LocalServer
from tests.support.processes import Processes, Service, wait_for

FROZEN_S = 20.0
NAMES = ("ingest", "orders", "gateway", "api", "replay", "ui", "mock")


@pytest.fixture
def running(processes: Processes, store: LocalServer, mqtt_url: str) -> dict[str, Service]:
    ports = {"ui_port": str(free_port()), "api_port": str(free_port()), "environments": "mock"}
    where = {"store_url": store.url, "mqtt_url": mqtt_url}
    started = {name: processes.service(name, **where, **ports) for name in NAMES}
    for service in started.values():
        service.wait_ready()
    return started


@pytest.mark.timeout(240)
def test_waiting_for_a_store_is_not_being_stuck(
    running: dict[str, Service], store: LocalServer
) -> None:
    store.freeze()
    time.sleep(FROZEN_S)
    for service in running.values():
        # One that is stuck says so until it ends; one that only waits for a processor is late.
        wait_for(lambda: live(service), say=service.tail)  # noqa: B023 - at once
    store.thaw()
    for service in running.values():
        service.wait_ready()


def live(service: Service) -> bool:
    return probe.http_status(f"{service.health_url}/health/live") == 200


@pytest.mark.timeout(240)
def test_a_process_that_was_stopped_for_a_while_goes_on(running: dict[str, Service]) -> None:
    for service in running.values():
        service.send(signal.SIGSTOP)
    time.sleep(FROZEN_S)
    for service in running.values():
        service.send(signal.SIGCONT)
    time.sleep(3.0)
    for service in running.values():
        service.wait_ready()
