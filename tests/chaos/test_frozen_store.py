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
    assert all(probe.http_status(f"{s.health_url}/health/live") == 200 for s in running.values())
    store.thaw()
    for name, service in running.items():
        wait_for(lambda: service.ready() or not service.alive, 30)  # noqa: B023 - at once
        assert service.alive, f"{name}: {service.returncode}\n{service.tail()}"


@pytest.mark.timeout(240)
def test_a_process_that_was_stopped_for_a_while_goes_on(running: dict[str, Service]) -> None:
    for service in running.values():
        service.send(signal.SIGSTOP)
    time.sleep(FROZEN_S)
    for service in running.values():
        service.send(signal.SIGCONT)
    time.sleep(3.0)
    for name, service in running.items():
        wait_for(lambda: service.ready() or not service.alive, 30)  # noqa: B023 - at once
        assert service.alive, f"{name}: {service.returncode}\n{service.tail()}"
