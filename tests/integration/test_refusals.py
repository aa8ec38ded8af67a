"""A process that was told what it must not do ends at once, with one line that names the mend."""

import json
import os
import time

import pytest
from redis import Redis

from services.supervisor.server import LocalServer
from tests.support.processes import Processes, wait_for

UNFIT = 78
WORK_S = 2.0
"""Of a processor. Idle it takes half a second to one, and promised are five."""
WRITERS = ("ingest", "orders", "gateway", "replay")


@pytest.mark.parametrize("service", WRITERS)
@pytest.mark.parametrize(
    ("option", "value", "said"),
    [("maxmemory-policy", "allkeys-lru", "noeviction"), ("appendonly", "no", "appendonly yes")],
)
def test_no_writer_starts_on_a_store_that_could_forget(
    store: LocalServer, processes: Processes, service: str, option: str, value: str, said: str
) -> None:
    with Redis.from_url(store.url) as client:
        client.config_set(option, value)
    environment = "replay" if service == "replay" else "mock"
    before, began = os.times(), time.monotonic()
    started = processes.service(service, store_url=store.url, environment=environment)
    wait_for(lambda: not started.alive, say=started.tail)
    took, after = time.monotonic() - began, os.times()
    # Its own work, so that neighbours on a busy machine prove nothing against it.
    worked = after.children_user + after.children_system - sum(before[2:4])
    assert worked < WORK_S, f"it worked for {worked:.2f} s and took {took:.2f} s"
    last = json.loads(started.tail().splitlines()[-1])
    assert (started.returncode, last["level"]) == (UNFIT, "critical")
    assert said in last["text"]


@pytest.mark.parametrize("service", [*WRITERS, "mock", "ui"])
def test_no_process_starts_with_a_secret_everybody_knows(
    processes: Processes, service: str
) -> None:
    environment = "replay" if service == "replay" else "mock"
    started = processes.service(
        service,
        environment=environment,
        store_url="redis://someone@127.0.0.1:1/0",
        store_password="changeme-changeme",  # noqa: S106 - it is refused
    )
    wait_for(lambda: not started.alive, say=started.tail)
    assert started.returncode == 2
    assert "omf_store_password is an example that everybody knows" in started.tail()
