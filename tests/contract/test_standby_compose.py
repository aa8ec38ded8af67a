"""The second machine in docs/scale-out.md is one that docker-compose.yml could be beside."""

import re
from typing import Any

import pytest
import yaml

from services.common.process.settings import ServiceSettings
from services.common.store.leader_contracts import ROLES
from services.historian.settings import HistorianSettings
from services.ingest.settings import IngestSettings
from services.orders.settings import OrdersSettings
from tests.support.processes import ROOT

PAGE = (ROOT / "docs/scale-out.md").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
FIRST = COMPOSE["services"]
FOUND = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
SECOND: dict[str, Any] = yaml.safe_load(FOUND[1])["services"] if FOUND else {}
SETTINGS = {"ingest": IngestSettings, "orders": OrdersSettings, "historian": HistorianSettings}
ONLY_THERE = {"OMF_NODE", "OMF_STORE_CA_FILE"}


def test_each_role_stands_by_and_nothing_else() -> None:
    assert sorted(SECOND) == sorted(f"{role}-live" for role in ROLES)


@pytest.mark.parametrize("role", ROLES)
def test_a_stand_by_is_what_the_first_machine_has_under_another_name(role: str) -> None:
    one, other = SECOND[f"{role}-live"], FIRST[f"{role}-live"]
    assert one["image"] == f"omf-{role}"
    told, there = one["environment"], set(other["environment"])
    assert set(told) <= there | ONLY_THERE
    assert told["OMF_NODE"] == SECOND["orders-live"]["environment"]["OMF_NODE"]
    assert told["OMF_ENVIRONMENT"] == other["environment"]["OMF_ENVIRONMENT"]
    assert f"//{role}-live@" in told["OMF_STORE_URL"]
    assert ("OMF_MQTT_URL" in told) == ("OMF_MQTT_URL" in there)
    assert set(one["volumes"]) <= set(other["volumes"])


@pytest.mark.parametrize("role", ROLES)
def test_its_process_takes_these_settings(role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told = SECOND[f"{role}-live"]["environment"]
    for name in {"OMF_STORE_CA_FILE", "OMF_SECRETS"} & set(told):
        told = {**told, name: str(ROOT / "README.md") if name.endswith("FILE") else str(ROOT)}
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("OMF_STORE_PASSWORD", "n0t-drawn-by-anybody-but-long-enough")
    monkeypatch.setenv("OMF_MQTT_PASSWORD", "n0t-drawn-by-anybody-but-long-enough")
    settings = SETTINGS.get(role, ServiceSettings).read()
    assert (settings.node, settings.environment) == ("second", "live")
