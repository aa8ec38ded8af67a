"""Alerts of the monitoring (Prometheus), as Alertmanager's webhook hands them over."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from omf.alarms.rule_data import Severity
from omf.texts import LANGUAGES, Text, stored

MONITORING_RULE = "monitoring-alert"
MAX_ALERTS = 500
"""Of one environment that stand at a time, and of one webhook."""
MAX_ALERT_WORDS = 400
_SEVERITIES: Mapping[str, Severity] = {
    "critical": "critical",
    "warning": "warning",
    "info": "advisory",
}
Label = Annotated[str, StringConstraints(max_length=2000)]
Labels = Annotated[dict[Label, Label], Field(max_length=100)]


class MonitoringAlert(BaseModel):
    """One alert that stands."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    """Alertmanager's fingerprint of its labels."""
    name: str
    service: str
    severity: Severity
    summary: Text
    description: Text
    since: float
    """Unix s, clock of Prometheus."""
    heard_at: float = 0.0
    """Store clock, when it was told last."""


class WebhookAlert(BaseModel):
    """One alert of a webhook (Alertmanager, webhook version 4)."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    status: Literal["firing", "resolved"]
    labels: Labels
    annotations: Labels = {}
    starts_at: datetime = Field(alias="startsAt")
    fingerprint: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{0,64}$")] = ""

    @property
    def id(self) -> str:
        """The same for the same labels."""
        if self.fingerprint:
            return self.fingerprint
        told = repr(sorted(self.labels.items()))
        return hashlib.sha256(told.encode(errors="replace")).hexdigest()[:16]

    def stands(self, heard_at: float) -> MonitoringAlert:
        """It as it is kept."""
        labels = self.labels
        name = labels.get("alertname", "")[:100] or "?"
        return MonitoringAlert(
            id=self.id,
            name=name,
            service=labels.get("service", "")[:100],
            severity=_SEVERITIES.get(labels.get("severity", ""), "warning"),
            summary=self._said("summary", name),
            description=self._said("description", ""),
            since=_utc(self.starts_at),
            heard_at=heard_at,
        )

    def _said(self, name: str, without: str) -> Text:
        """An annotation, with its translations where the rule has some."""
        said = {"en": self.annotations.get(name, "").strip() or without}
        for language in LANGUAGES:
            if words := self.annotations.get(f"{name}_{language}", "").strip():
                said[language] = words
        return stored(**said).cut(MAX_ALERT_WORDS)


class AlertWebhook(BaseModel):
    """The body of a webhook; what else stands there says nothing more."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: Literal["4"] = "4"
    alerts: Annotated[tuple[WebhookAlert, ...], Field(min_length=1, max_length=MAX_ALERTS)]

    @classmethod
    def read(cls, body: bytes) -> Self:
        """ValidationError if the body is no webhook."""
        return cls.model_validate_json(body)


def _utc(at: datetime) -> float:
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
