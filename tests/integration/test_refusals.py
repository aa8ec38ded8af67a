"""A process that was told what it must not do ends at once, with one line that names the mend."""

import json

import pytest
from redis import Redis

from services.supervisor.server import LocalServer
from tests.support.processes import Processes, wait_for
from tests.support.servers import Addresses

UNFIT = 78
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
    started = processes.service(service, store_url=store.url, environment=environment)
    wait_for(lambda: not started.alive, say=started.tail)
    # Nothing comes between: it neither waits for a better store nor tries anything first.
    first, last = (json.loads(line) for line in started.tail().splitlines())
    assert first["text"] == "starting"
    assert (started.returncode, last["level"]) == (UNFIT, "critical")
    assert said in last["text"]


@pytest.mark.parametrize("service", ["ingest", "orders", "gateway"])
@pytest.mark.parametrize("rights", ["+@all", "+@all -config|get"])
def test_who_acknowledges_wants_a_store_that_syncs_before_it_answers(
    store: LocalServer, processes: Processes, service: str, rights: str
) -> None:
    asked = "appendfsync everysec" if rights == "+@all" else "+config|get"
    with Redis.from_url(store.url) as client:
        client.execute_command("ACL", "SETUSER", "default", *rights.split())
    started = processes.service(service, store_url=store.url, durability="always")
    wait_for(lambda: not started.alive, say=started.tail)
    last = json.loads(started.tail().splitlines()[-1])
    assert (started.returncode, last["level"]) == (UNFIT, "critical")
    assert "OMF_DURABILITY=always" in last["text"]
    assert asked in last["text"]


@pytest.mark.alike
def test_ingest_ends_when_the_store_no_longer_syncs_before_it_answers(
    servers: Addresses, processes: Processes
) -> None:
    with Redis.from_url(servers.store_url) as client:
        client.config_set("appendfsync", "always")
        told = {"store_url": servers.store_url, "mqtt_url": servers.mqtt_url}
        ingest = processes.service("ingest", **told, durability="always").wait_ready()
        client.config_set("appendfsync", "everysec")
        # It looks every half minute.
        wait_for(lambda: not ingest.alive, 60, ingest.tail)
    assert ingest.returncode == UNFIT


@pytest.mark.alike
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
