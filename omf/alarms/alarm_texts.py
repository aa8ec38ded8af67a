"""How grave each alarm is; what it says is in the catalogues, under `alarm.`."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

Severity: TypeAlias = Literal["critical", "warning", "communication", "advisory"]

SEVERITY: Mapping[str, Severity] = {
    "device-fatal": "critical",
    "danger": "critical",
    "collision": "warning",
    "action-failed": "warning",
    "alarm-flood": "warning",
    "order-stuck": "warning",
    "order-standstill": "warning",
    "order-held-up": "warning",
    "module-unpaired": "warning",
    "request-unanswered": "advisory",
    "stock-conflict": "warning",
    "retained-command": "warning",
    "connection-lost": "communication",
    "device-silent": "communication",
    "vehicle-unlisted": "communication",
    "ingest-silent": "communication",
    "broker-lost": "communication",
    "power-off": "communication",
    "bridge-down": "communication",
    "ccu-silent": "communication",
    "subscription-refused": "communication",
    "sensor-silent": "communication",
    "camera-silent": "communication",
    "plc-lost": "communication",
    "device-blocked": "advisory",
    "position-unknown": "advisory",
    "battery-low": "advisory",
    "quality-failed": "advisory",
    "ccu-restarted": "advisory",
    "orders-lost": "advisory",
    "version-mismatch": "advisory",
    "layout-unusable": "advisory",
    "messages-rejected": "advisory",
    "message-partly-read": "advisory",
    "topics-overflow": "advisory",
    "topic-unlisted": "advisory",
    "crowded-out": "advisory",
}
