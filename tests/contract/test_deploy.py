"""The containers name only things that exist; no engine is needed to see that."""

import importlib
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.common.settings import ServiceSettings

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = sorted(name for name, service in SERVICES.items() if "build" in service)
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "optional-dependencies"
]


def _variables(service: str) -> set[str]:
    module = f"services.{service}.settings"
    classes: list[type[ServiceSettings]] = [ServiceSettings]
    if find_spec(module):
        own = vars(importlib.import_module(module)).values()
        classes += [c for c in own if isinstance(c, type) and issubclass(c, ServiceSettings)]
    return {f"OMF_{field.upper()}" for c in classes for field in c.model_fields}


@pytest.mark.parametrize("name", OURS)
def test_a_container_of_ours_runs_a_service_that_exists(name: str) -> None:
    build = SERVICES[name]["build"]
    service = build["args"]["SERVICE"]
    assert (ROOT / build["dockerfile"]).is_file()
    assert find_spec(f"services.{service}.__main__"), f"python -m services.{service} must run"
    assert service in EXTRAS, "the image installs the extra of its service"


@pytest.mark.parametrize("name", OURS)
def test_a_container_is_told_only_what_its_service_reads(name: str) -> None:
    service = SERVICES[name]["build"]["args"]["SERVICE"]
    assert set(SERVICES[name]["environment"]) <= _variables(service)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_container_is_hardened(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["restart"] == "unless-stopped"
    assert {"mem_limit", "pids_limit", "stop_grace_period", "networks"} <= set(service)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_what_a_container_mounts_and_joins_exists(name: str) -> None:
    service = SERVICES[name]
    for volume in service.get("volumes", []):
        source = volume.partition(":")[0]
        assert source in COMPOSE["volumes"] or (ROOT / source).is_file()
    assert set(service["networks"]) <= set(COMPOSE["networks"])
    assert set(service.get("depends_on", {})) <= set(SERVICES)


def test_only_the_page_and_loopback_doors_are_published() -> None:
    published = {name: s["ports"] for name, s in SERVICES.items() if "ports" in s}
    assert published == {
        "ui": ["8080:8080"],
        "api": ["127.0.0.1:8081:8081"],
        "broker-replay": ["127.0.0.1:1884:1883"],
    }


def test_every_environment_has_its_own_three_processes() -> None:
    for environment in ("live", "mock", "replay"):
        for service in ("ingest", "orders", "gateway"):
            told = SERVICES[f"{service}-{environment}"]["environment"]
            assert told["OMF_ENVIRONMENT"] == environment
