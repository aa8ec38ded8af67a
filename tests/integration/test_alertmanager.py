"""Alerts of Prometheus stand among the alarms: over HTTP, and from a real Alertmanager."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.common.store.keys import Role
from services.supervisor import probe
from tests.support.alarm_desk import AlarmDesk
from tests.support.alertmanager import start_alertmanager
from tests.support.api import Door, problem
from tests.support.circle import World
from tests.support.processes import Processes, wait_for
from tests.support.servers import Addresses

pytestmark = pytest.mark.alike
ALERT: dict[str, Any] = {
    "status": "firing",
    "labels": {"alertname": "DiskLow", "severity": "critical"},
    "annotations": {"summary": "Disk is filling", "summary_de": "Platte wird voll"},
    "startsAt": "2026-01-05T08:00:00Z",
    "fingerprint": "0123456789abcdef",
}
ALARM = "monitoring-alert:DiskLow.0123456789abcdef"


@pytest.fixture
def desk(processes: Processes, servers: Addresses) -> Iterator[AlarmDesk]:
    with World(processes, servers) as world:
        yield AlarmDesk(world)


@pytest.fixture
def door(processes: Processes, servers: Addresses) -> Iterator[Door]:
    door = Door(processes, servers.store_url)
    yield door.ready()
    door.close()


def _post(client: httpx.Client, **changes: Any) -> httpx.Response:
    return client.post("/alertmanager", json={"version": "4", "alerts": [ALERT | changes]})


def test_an_alert_is_an_alarm_until_it_is_resolved(desk: AlarmDesk, door: Door) -> None:
    for name in ("alarms", "orders"):
        desk.world.start(name).wait_ready()
    client = door.client("operator")
    for _ in range(2):
        assert _post(client).json() == {"standing": 1, "ended": 0, "left_out": 0}
    desk.becomes(ALARM, "unacknowledged")
    shown = client.get("/state").json()["alarms"]
    assert [one["id"] for one in shown if one["rule"] == "monitoring-alert"] == [ALARM]
    assert desk.act("anna", "alarm-acknowledge", ALARM).stage.value == "effect"
    assert _post(client, status="resolved").json() == {"standing": 0, "ended": 1, "left_out": 0}
    desk.becomes(ALARM, "normal")
    assert [one.event.value for one in desk.told(ALARM)] == ["raised", "acknowledged", "returned"]


def test_what_is_no_alert_is_refused_and_counted(door: Door) -> None:
    client = door.client("operator")
    for body in (b"", b"{", b"{}", b'{"alerts": [{"status": "firing"}]}', b"\xff"):
        said = problem(client.post("/alertmanager", content=body), 400, "no-alert")
        assert said["errors"]
    figures = probe.http_get(f"{door.service.health_url}/metrics")[1]
    assert "omf_api_alerts_refused_total 5.0" in figures
    large = json.dumps({"alerts": [ALERT] * 400})
    assert len(large) > 64 * 1024
    assert client.post("/alertmanager", content=large).status_code == 200


def test_who_may_hand_over_alerts(door: Door) -> None:
    problem(_post(door.client("")), 401, "unknown-client")
    problem(_post(door.client("viewer")), 403, "role")
    door.grant("alerts", Role.VIEWER, alerts=True)
    client = door.client("alerts")
    wait_for(lambda: _post(client).status_code == 200)
    command = {"kind": "alarm-acknowledge", "parameters": {"alarm": ALARM}}
    problem(client.post("/commands", json=command), 403, "role")


def test_an_alert_of_an_environment_that_is_not_served_is_left_out(door: Door) -> None:
    labels = ALERT["labels"] | {"environment": "live"}
    said = _post(door.client("operator"), labels=labels).json()
    assert said == {"standing": 0, "ended": 0, "left_out": 1}


@pytest.mark.alertmanager
def test_a_real_alertmanager_with_the_shipped_routes_delivers(
    desk: AlarmDesk, door: Door, processes: Processes, tmp_path: Path
) -> None:
    desk.world.start("alarms").wait_ready()
    token = door.grant("alertmanager", Role.VIEWER, alerts=True)
    url = start_alertmanager(processes, tmp_path, door.address, token)
    labels = {"alertname": "DiskLow", "severity": "critical", "environment": "mock"}
    alert = {"labels": labels, "annotations": ALERT["annotations"]}
    again = {"labels": labels | {"alertname": "FactoryAlarm"}, "annotations": {}}
    assert httpx.post(f"{url}/api/v2/alerts", json=[alert, again]).status_code == 200
    wait_for(lambda: [one for one in desk.lives() if one.startswith("monitoring-alert:DiskLow")])
    assert not [one for one in desk.lives() if "FactoryAlarm" in one]
    (life,) = [one for one in desk.lives().values() if one.rule == "monitoring-alert"]
    assert (life.severity, life.stands) == ("critical", True)
    assert "Platte wird voll" in life.text.de
    ended = alert | {"endsAt": "2026-01-05T08:00:00Z", "startsAt": "2026-01-05T07:00:00Z"}
    assert httpx.post(f"{url}/api/v2/alerts", json=[ended]).status_code == 200
    desk.becomes(life.id, "returned_unacknowledged", 40)
