"""A real Prometheus with the configuration that is shipped; only its targets are others."""

import json
import re
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import yaml

from services.supervisor import probe
from services.supervisor.child import Child
from services.supervisor.ports import free_port
from tests.support.processes import ROOT, base_env, wait_for

SHIPPED = ROOT / "deploy" / "prometheus"
RULES = sorted((SHIPPED / "rules").glob("*.yml"))
HTTP_OK = 200

_SELECTOR = re.compile(r"\b(?:omf_|omf:|up\b|process_)[a-z0-9_:]*(?:\{[^}]*\})?")

Target = tuple[str, dict[str, str]]
"""`host:port` and its labels."""


def rules(kind: str) -> list[dict[str, Any]]:
    """Every rule that is shipped; `kind` is `alert` or `record`."""
    groups = (g for path in RULES for g in yaml.safe_load(path.read_text("utf-8"))["groups"])
    return [rule for group in groups for rule in group["rules"] if kind in rule]


def selectors(expression: str) -> list[str]:
    """The series an expression is made of, without what it asks of their values."""
    return _SELECTOR.findall(re.sub(r"\b(?:by|on|without) *\([^)]*\)", "", expression))


def asked_by_dashboards() -> list[str]:
    """Every expression of every panel, with Grafana's variables filled in."""
    boards = (ROOT / "deploy" / "grafana" / "dashboards").glob("*.json")
    panels = (p for path in boards for p in json.loads(path.read_text("utf-8"))["panels"])
    asked = {target["expr"] for panel in panels for target in panel["targets"]}
    filled = (e.replace("$environment", ".*").replace("$__rate_interval", "1m") for e in asked)
    return sorted(filled)


def targets_of(metrics: dict[str, str]) -> list[Target]:
    """The services of a run.json, labelled as those of the containers are."""
    found = []
    for part, url in metrics.items():
        service, _, environment = part.partition("-")
        environment = environment or ("mock" if part == "mock" else "")
        labels = {"service": service} | ({"environment": environment} if environment else {})
        found.append((url.removeprefix("http://").removesuffix("/metrics"), labels))
    return found


OF_PEOPLE = (
    *("omf_alarm_acknowledge_seconds", "omf_alarm_shift_acknowledge_seconds"),
    *("omf_notification_seconds", "omf_notification_address_failing", "omf_notices_waiting"),
    *("omf_notification_failures_total", "omf_notifications_sent_total"),
)
"""Figures of people: in a test nobody has acknowledged an alarm or is told of one outside."""


class PrometheusApi:
    """Questions to a server that somebody started; `url` is where it answers."""

    def __init__(self, url: str) -> None:
        self.url = url

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The series an expression gives now; AssertionError if it is none."""
        answer = self.get(f"query?query={quote(expression)}")
        found = answer["result"]
        if answer["resultType"] == "scalar":
            return [{"metric": {}, "value": found}]
        return list(found)

    def firing(self, name: str, **labels: str) -> list[dict[str, Any]]:
        """The alerts of that name that are pending or firing, with their annotations."""
        alerts = self.get("alerts")["alerts"]
        wanted = {"alertname": name, **labels}.items()
        return [alert for alert in alerts if wanted <= alert["labels"].items()]

    def told(self, expression: str) -> bool:
        """True when an expression gives a figure now."""
        return any(series["value"][1] != "NaN" for series in self.query(expression))

    def get(self, path: str) -> Any:
        """What a page below /api/v1 has as its data."""
        answer = httpx.get(f"{self.url}/api/v1/{path}", timeout=10)
        assert answer.status_code == HTTP_OK, f"{answer.url}: {answer.text}"
        return answer.json()["data"]


class Prometheus(PrometheusApi):
    """One server over some targets; `close` ends it."""

    def __init__(self, folder: Path, targets: list[Target]) -> None:
        """Copy the configuration, change the targets, start."""
        shutil.copytree(
            SHIPPED, folder, ignore=shutil.ignore_patterns("targets", "tests", "alertmanagers")
        )
        (folder / "targets").mkdir()
        listed = [{"targets": [address], "labels": labels} for address, labels in targets]
        (folder / "targets" / "run.yml").write_text(yaml.safe_dump(listed), "utf-8")
        port = free_port()
        super().__init__(f"http://127.0.0.1:{port}")
        command = ["prometheus", f"--config.file={folder / 'prometheus.yml'}"]
        command += [f"--storage.tsdb.path={folder / 'data'}", "--log.level=warn"]
        command += [f"--web.listen-address=127.0.0.1:{port}"]
        self.child = Child(command, folder / "prometheus.log", base_env({}))
        wait_for(lambda: probe.http_answers(f"{self.url}/-/ready"), 30, self.child.tail)

    def close(self) -> None:
        """End it."""
        self.child.stop()
