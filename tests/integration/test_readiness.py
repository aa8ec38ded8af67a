"""A service whose store does not want it says why, and goes on by itself once it does."""

import pytest

from services.common.store.bus import store as client
from services.supervisor import probe
from services.supervisor.server import LocalServer
from tests.support.processes import Processes, wait_for

SERVICES = ("ingest", "orders", "gateway")


@pytest.mark.timeout(120)
def test_a_refused_login_is_named_by_every_service_and_needs_no_restart(
    processes: Processes, store: LocalServer, mqtt_url: str
) -> None:
    client(store.url).config_set("requirepass", "changed")
    started = [processes.service(n, store_url=store.url, mqtt_url=mqtt_url) for n in SERVICES]
    for service in started:
        ready = f"{service.health_url}/health/ready"
        wait_for(
            lambda at=ready: "Authentication required" in probe.http_get(at)[1], 40, service.tail
        )
        assert probe.http_get(ready)[0] == 503
        assert probe.http_status(f"{service.health_url}/health/live") == 200
    figures = probe.http_get(f"{started[0].health_url}/metrics")[1]
    assert 'omf_ingest_store_refuses{reason="rights"} 1.0' in figures
    owner = store.url.replace("redis://", "redis://:changed@")
    client(owner).config_set("requirepass", "")
    for service in started:
        service.wait_ready()
    figures = probe.http_get(f"{started[0].health_url}/metrics")[1]
    assert 'omf_ingest_store_refuses{reason="rights"} 0.0' in figures


def test_a_store_that_fills_up_makes_the_gateway_unready_and_does_not_end_it(
    processes: Processes, store: LocalServer, mqtt_url: str
) -> None:
    gateway = processes.service("gateway", store_url=store.url, mqtt_url=mqtt_url).wait_ready()
    client(store.url).config_set("maxmemory", "1kb")
    wait_for(lambda: not gateway.ready(), say=gateway.tail)
    assert "maxmemory" in probe.http_get(f"{gateway.health_url}/health/ready")[1]
    client(store.url).config_set("maxmemory", "0")
    gateway.wait_ready()
