"""Who is told of which alert: the shipped routes and inhibitions, in a real Alertmanager."""

import re
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.support.alertmanager import ALERTMANAGER_FILE, start_alertmanager
from tests.support.processes import ROOT, Processes, wait_for
from tests.support.prometheus import SHIPPED, rules

CONFIG: dict[str, Any] = yaml.safe_load(ALERTMANAGER_FILE.read_text("utf-8"))
ALERTS = {rule["alert"]: rule["labels"]["severity"] for rule in rules("alert")}
RECEIVERS = {"critical": "now", "warning": "today", "info": "list"}
NAMED = re.compile(r'alertname =~? "([\w|]+)"')


def _amtool(*words: str) -> str:
    done = subprocess.run(["amtool", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _routed(*labels: str) -> str:
    file = f"--config.file={ALERTMANAGER_FILE}"
    return _amtool("config", "routes", "test", file, *labels).strip()


@pytest.fixture
def url(processes: Processes, tmp_path: Path) -> str:
    return start_alertmanager(processes, tmp_path)


def _stand(url: str, *alerts: tuple[str, dict[str, str]]) -> dict[tuple[str, str], str]:
    """Let these alerts stand; for each, by name and environment, `active` or `suppressed`."""
    told = [{"labels": {"alertname": n, "severity": ALERTS[n], **more}} for n, more in alerts]
    assert httpx.post(f"{url}/api/v2/alerts", json=told).status_code == 200

    def found() -> dict[tuple[str, str], str]:
        standing = httpx.get(f"{url}/api/v2/alerts").json()
        return {
            (one["labels"]["alertname"], one["labels"].get("environment", "")): one["status"][
                "state"
            ]
            for one in standing
        }

    wait_for(lambda: len(found()) == len(alerts) and "unprocessed" not in found().values())
    return found()


@pytest.mark.alertmanager
def test_the_configuration_is_valid() -> None:
    assert "SUCCESS" in _amtool("check-config", str(ALERTMANAGER_FILE))


@pytest.mark.alertmanager
@pytest.mark.parametrize("severity", RECEIVERS)
def test_how_grave_an_alert_is_says_who_is_told(severity: str) -> None:
    words = (
        "config",
        "routes",
        "test",
        f"--config.file={ALERTMANAGER_FILE}",
        f"severity={severity}",
    )
    assert _amtool(*words).strip() == f"alarms,{RECEIVERS[severity]}"


@pytest.mark.alertmanager
def test_what_says_again_what_an_alarm_says_is_not_handed_back() -> None:
    assert _routed("severity=critical", "alertname=FactoryAlarm") == "now"
    assert "FactoryAlarm" in ALERTS


def test_every_severity_has_a_route_and_every_name_is_an_alert() -> None:
    routes = [one for one in CONFIG["route"]["routes"] if one["receiver"] != "alarms"]
    routed = {m for route in routes for m in route["matchers"]}
    assert routed == {f'severity = "{severity}"' for severity in set(ALERTS.values())}
    for rule in CONFIG["inhibit_rules"]:
        sources, targets = (
            {
                name
                for text in rule[side]
                for found in NAMED.findall(text)
                for name in found.split("|")
            }
            for side in ("source_matchers", "target_matchers")
        )
        assert sources <= set(ALERTS)
        assert targets <= set(ALERTS)
        assert not sources & targets
        assert "environment" in rule["equal"], "one environment says nothing of another"
        assert "PublishesDropped" not in targets, "what loses commands is always told"


@pytest.mark.alertmanager
@pytest.mark.servers
def test_the_cause_is_told_and_what_follows_from_it_is_not(url: str) -> None:
    live, mock, replay = ({"environment": name} for name in ("live", "mock", "replay"))
    standing = _stand(
        url,
        ("BrokerLinkDown", live | {"service": "ingest"}),
        ("BrokerLinkDown", replay | {"service": "gateway"}),
        ("HeartbeatLost", replay),
        ("FactorySilent", live),
        ("HeartbeatLost", live),
        ("StockLow", live),
        ("FactorySilent", mock),
        ("DeviceOffline", mock),
    )
    assert standing == {
        ("BrokerLinkDown", "live"): "active",
        ("BrokerLinkDown", "replay"): "active",
        ("HeartbeatLost", "replay"): "active",
        ("FactorySilent", "live"): "suppressed",
        ("HeartbeatLost", "live"): "suppressed",
        ("StockLow", "live"): "active",
        ("FactorySilent", "mock"): "active",
        ("DeviceOffline", "mock"): "suppressed",
    }


@pytest.mark.alertmanager
@pytest.mark.servers
def test_a_service_that_is_down_hides_its_own_alerts_alone(url: str) -> None:
    ingest = {"environment": "live", "service": "ingest"}
    gateway = {"environment": "live", "service": "gateway"}
    _stand(url, ("ServiceDown", ingest), ("ServiceNotReady", ingest), ("LoopStuck", gateway))
    hidden = httpx.get(f"{url}/api/v2/alerts?active=false").json()
    assert [(one["labels"]["alertname"], one["labels"]["service"]) for one in hidden] == [
        ("ServiceNotReady", "ingest")
    ]


def test_prometheus_of_the_containers_tells_the_one_beside_it() -> None:
    told = yaml.safe_load((SHIPPED / "alertmanagers/compose.yml").read_text("utf-8"))
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]
    (address,) = [target for group in told for target in group["targets"]]
    name, _, port = address.partition(":")
    assert port == "9093"
    assert compose[name]["profiles"] == compose["prometheus"]["profiles"] == ["monitoring"]
    assert set(compose[name]["networks"]) & set(compose["prometheus"]["networks"])
    assert "./deploy/alertmanager:/etc/alertmanager:ro" in compose[name]["volumes"]
