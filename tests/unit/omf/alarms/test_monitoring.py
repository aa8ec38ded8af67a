"""Alerts of Prometheus among the alarms: what a webhook may say, and what becomes of it."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from omf.alarms.changes import observe
from omf.alarms.monitoring import MAX_ALERT_WORDS, AlertWebhook
from omf.alarms.rules import alarms
from omf.state import FactoryState

ALERT: dict[str, Any] = {
    "status": "firing",
    "labels": {"alertname": "DiskLow", "severity": "info", "service": "historian"},
    "annotations": {"summary": "Disk is filling", "summary_de": "Platte wird voll"},
    "startsAt": "2026-01-05T08:00:00.123456789+01:00",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "http://prometheus:9090/graph",
    "fingerprint": "0123456789abcdef",
}


def _read(**changes: Any) -> AlertWebhook:
    return AlertWebhook.read(json.dumps({"version": "4", "alerts": [ALERT | changes]}).encode())


def test_an_alert_is_an_alarm_with_its_words_and_priority() -> None:
    state = FactoryState()
    state.monitoring_alerts = (_read().alerts[0].stands(0.0),)
    (alarm,) = [one for one in alarms(state, 1_767_600_000.0) if one.rule == "monitoring-alert"]
    assert (alarm.severity, alarm.since) == ("advisory", 1_767_596_400.123456)
    assert "Disk is filling" in alarm.text.en
    assert "Platte wird voll" in alarm.text.de
    assert "Disk is filling" in alarm.text.fr, "what is missing is said in English"
    assert "DiskLow" in alarm.action.en
    assert alarm.id == "monitoring-alert:DiskLow.0123456789abcdef"


def test_it_returns_once_it_is_resolved() -> None:
    state = FactoryState()
    state.monitoring_alerts = (_read().alerts[0].stands(0.0),)
    lives, _ = observe({}, alarms(state, 1.0), 1.0)
    state.monitoring_alerts = ()
    lives, entries = observe(lives, alarms(state, 2.0), 2.0)
    assert [one.state for one in lives.values()] == ["returned_unacknowledged"]
    assert [one.event for one in entries] == ["returned"]


@pytest.mark.parametrize(
    ("labels", "severity"),
    [
        ({"severity": "critical"}, "critical"),
        ({"severity": "page"}, "warning"),
        ({}, "warning"),
    ],
)
def test_a_severity_nobody_knows_is_a_warning(labels: dict[str, str], severity: str) -> None:
    alert = _read(labels=labels, annotations={}).alerts[0].stands(0.0)
    assert (alert.severity, alert.summary.en) == (severity, "?")


def test_the_id_is_that_of_the_labels_where_none_is_told() -> None:
    ids = {
        _read(fingerprint="", labels=labels).alerts[0].id
        for labels in ({"a": "1", "b": "2"}, {"b": "2", "a": "1"}, {"a": "1"})
    }
    assert len(ids) == 2


def test_long_words_are_cut() -> None:
    alert = _read(annotations={"summary": "x" * 2000}).alerts[0].stands(0.0)
    assert len(alert.summary.en) == MAX_ALERT_WORDS


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"{}",
        b"[]",
        b'{"alerts": []}',
        b'{"alerts": [{}]}',
        b'{"version": "5", "alerts": []}',
        b"\xff",
        json.dumps({"alerts": [ALERT | {"status": "perhaps"}]}).encode(),
        json.dumps({"alerts": [ALERT | {"labels": []}]}).encode(),
        json.dumps({"alerts": [ALERT | {"startsAt": "yesterday"}]}).encode(),
        json.dumps({"alerts": [ALERT | {"fingerprint": "../x"}]}).encode(),
        json.dumps({"alerts": [ALERT | {"labels": {"a": "x" * 3000}}]}).encode(),
        json.dumps({"alerts": [ALERT] * 501}).encode(),
    ],
)
def test_what_is_no_webhook_is_refused(body: bytes) -> None:
    with pytest.raises(ValidationError):
        AlertWebhook.read(body)
