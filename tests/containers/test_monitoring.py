"""Profile monitoring: an alert fires and reaches a person; Grafana shows what was provisioned."""

import json
from collections.abc import Iterator

import httpx
import pytest

from tests.support.container_stack import NO_STAND_IN, Stack, wait_patiently
from tests.support.processes import ROOT
from tests.support.told_outside import HttpReceiver

pytestmark = [pytest.mark.containers, pytest.mark.timeout(2400)]

SERVER = "COMPOSE_PROFILES=mock,monitoring\nOMF_ENVIRONMENTS=mock\n"
TOLD_S = 240
"""30 s until the alert fires, and what Prometheus, Alertmanager, alarms and notifications wait."""
RECEIVER = """
receivers:
  - name: shift
    language: en
    environments: [mock]
    least_priority: 4
    addresses: [{name: hook, url: hook}]
"""
ALERT = "gateway mock does not answer"


@pytest.fixture(scope="module")
def monitored(containers: Stack) -> Iterator[Stack]:
    containers.gone()
    (containers.checkout / ".env").write_text(SERVER, "utf-8")
    containers.up()
    containers.wait_healthy()
    yield containers
    containers.gone()


@pytest.fixture
def person(monitored: Stack) -> Iterator[HttpReceiver]:
    """Who is told of alarms by a webhook on this machine, as docs/notifications.md says."""
    asked = ("network", "inspect", "-f", "{{(index .IPAM.Config 0).Gateway}}", "omf_backend")
    gateway = monitored.run(*asked).strip()
    receiver = HttpReceiver(gateway)
    folder = monitored.checkout
    with (folder / "secrets/notification-urls").open("a", encoding="utf-8") as addresses:
        addresses.write(f"hook json://{gateway}:{receiver.port}/\n")
    (folder / "deploy/notifications/receivers.yaml").write_text(RECEIVER, "utf-8")
    yield receiver
    receiver.close()


def said(person: HttpReceiver) -> str:
    return "\n".join(json.dumps(one.said) for one in person.taken)


def test_an_alert_fires_arrives_and_ends(monitored: Stack, person: HttpReceiver) -> None:
    monitored.compose("stop", "gateway-mock")
    wait_patiently(lambda: ALERT in said(person), TOLD_S, lambda: alarms(monitored) + said(person))
    assert "gateway" in alarms(monitored)
    before = len(person.taken)

    monitored.compose("start", "gateway-mock")
    wait_patiently(lambda: len(person.taken) > before, TOLD_S, lambda: said(person))
    wait_patiently(lambda: ALERT not in standing(monitored), TOLD_S, lambda: alarms(monitored))


def alarms(monitored: Stack) -> str:
    """What `omf alarms` prints."""
    return monitored.omf("alarms")


def standing(monitored: Stack) -> str:
    """What Alertmanager still tells of."""
    where = monitored.address("alertmanager", "backend")
    return httpx.get(f"http://{where}:9093/api/v2/alerts", timeout=10).text


@pytest.fixture
def grafana(monitored: Stack) -> Iterator[httpx.Client]:
    """Signed in as its admin, where there is one."""
    if NO_STAND_IN in monitored.without_image:
        pytest.xfail("no registry of images answers and no package has Grafana")
    where = f"http://{monitored.address('grafana', 'backend')}:3000"
    password = (monitored.checkout / "secrets/grafana-admin").read_text("utf-8").strip()
    with httpx.Client(base_url=where, auth=("admin", password), timeout=30) as client:
        yield client


def test_grafana_has_every_dashboard_that_lies_here(grafana: httpx.Client) -> None:
    files = (ROOT / "deploy/grafana/dashboards").glob("*.json")
    wanted = {json.loads(file.read_text("utf-8"))["uid"] for file in files}
    found = grafana.get("/api/search", params={"type": "dash-db"}).json()
    assert {board["uid"] for board in found} == wanted


def test_grafana_answers_a_question_out_of_prometheus(grafana: httpx.Client) -> None:
    asked = {"refId": "A", "datasource": {"uid": "omf-prometheus"}, "expr": 'up{job="omf"}'}
    query = {"queries": [asked | {"instant": True}], "from": "now-5m", "to": "now"}
    frames = grafana.post("/api/ds/query", json=query).json()["results"]["A"]["frames"]
    assert len(frames) >= 8


def test_grafana_shows_nobody_anything_without_a_password(grafana: httpx.Client) -> None:
    assert httpx.get(f"{grafana.base_url}/api/search", timeout=30).status_code == 401
