"""The compose file of a site: each factory has what docker-compose.yml has for its kind."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.accounts.__main__ import draw
from deploy.accounts.containers import files_of, hand_out
from deploy.factories import MOUNTED, PATTERN, compose, main, targets
from deploy.shared import SHARED
from omf.factories import DEFAULT_FACTORIES, read_factories

SITE = """\
factories:
  - {name: hall-2, kind: live, broker: "mqtt://default@192.168.2.100:1883"}
  - {name: hall-3, kind: live, broker: "mqtt://default@192.168.3.100:1883"}
  - {name: training, kind: mock}
  - {name: archive, kind: replay}
"""
WHOLE = yaml.safe_load(PATTERN.read_text("utf-8"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("site")
    (folder / "factories.yaml").write_text(SITE)
    out = folder / "compose.site.yml"
    more = ["--out", str(out), "--targets", str(folder / "targets.yml")]
    assert main([str(folder / "factories.yaml"), *more]) == 0
    found: dict[str, Any] = yaml.safe_load(out.read_text("utf-8"))
    return found


def _bare(service: dict[str, Any]) -> dict[str, Any]:
    """A service without what a site has besides, and without what chooses among the three."""
    told = dict(service.get("environment", {}))
    for name in ("OMF_FACTORIES", "OMF_ENVIRONMENTS", "OMF_UI_PARTS"):
        told.pop(name, None)
    mounts = [one for one in service.get("volumes", ()) if MOUNTED not in one]
    kept = {key: value for key, value in service.items() if key != "profiles"}
    return {**kept, "environment": told, "volumes": mounts}


def test_for_the_usual_three_names_it_is_the_pattern() -> None:
    found = compose(WHOLE, DEFAULT_FACTORIES, "factories.yaml", PATTERN.name)
    wanted = {name: one for name, one in WHOLE["services"].items() if name != "address"}
    assert found["services"].keys() == wanted.keys()
    for name, service in wanted.items():
        assert _bare(found["services"][name]) == _bare(service), name
    parts = [
        json.loads(one["services"]["ui"]["environment"]["OMF_UI_PARTS"]) for one in (found, WHOLE)
    ]
    assert parts[0] == parts[1]
    assert found["volumes"].keys() - WHOLE["volumes"].keys() == set()


def test_each_factory_has_every_part_of_its_kind_and_of_nobody_else(made: dict[str, Any]) -> None:
    told = {n: one.get("environment", {}) for n, one in made["services"].items()}
    counts = Counter(one["OMF_ENVIRONMENT"] for one in told.values() if "OMF_ENVIRONMENT" in one)
    assert counts == {"hall-2": 6, "hall-3": 6, "training": 7, "archive": 7}
    assert told["ingest-hall-2"]["OMF_MQTT_URL"] == "mqtt://default@192.168.2.100:1883"
    assert told["gateway-hall-3"]["OMF_STORE_URL"] == "redis://gateway-hall-3@store:6379/0"
    assert told["mock-training"]["OMF_MQTT_URL"] == "mqtts://mock@broker-training:8883"
    assert told["station-archive"]["OMF_STORE_URL"] == "redis://station@store:6379/0"
    assert told["ui"]["OMF_ENVIRONMENTS"] == "hall-2,hall-3,training,archive"
    assert {"broker-training", "broker-archive"} == {
        name for name in made["services"] if name.startswith("broker-")
    }
    assert not [n for n in made["services"] if n.endswith(("-live", "-mock", "-replay"))]


def test_prometheus_asks_each_part_and_is_told_the_kind(made: dict[str, Any]) -> None:
    found = targets(made["services"], read_factories(SITE))
    told = {one["targets"][0]: one["labels"] for one in found}
    assert len(told) == len(found) == 26
    kinds = {(one["environment"], one["kind"]) for one in told.values()}
    assert ("archive", "replay") in kinds
    labels = {"service": "station", "environment": "archive", "kind": "replay"}
    assert told["station-archive:9100"] == labels
    for kind in ("live", "mock", "replay"):
        shipped = yaml.safe_load(
            (PATTERN.parent / f"deploy/prometheus/targets/{kind}.yml").read_text()
        )
        ours = compose(WHOLE, DEFAULT_FACTORIES, "factories.yaml", PATTERN.name)["services"]
        same = [one for one in targets(ours, DEFAULT_FACTORIES) if one["labels"]["kind"] == kind]
        assert {t["targets"][0] for t in same} == {t["targets"][0] for t in shipped}


def test_no_container_waits_for_one_that_is_not_there(made: dict[str, Any]) -> None:
    for name, service in made["services"].items():
        assert set(service.get("depends_on", {})) <= made["services"].keys(), name
        mounts = {one.partition(":")[0] for one in service.get("volumes", ())}
        assert {one for one in mounts if not one.startswith(".")} <= made["volumes"].keys(), name


def test_every_secret_is_drawn_and_handed_out(
    made: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "factories.yaml").write_text(SITE)
    monkeypatch.setenv("OMF_FACTORIES", str(tmp_path / "factories.yaml"))
    draw(tmp_path / "secrets")
    (tmp_path / "compose.yml").write_text(yaml.safe_dump(made))
    hand_out(tmp_path / "secrets", tmp_path / "compose.yml")
    for name, service in made["services"].items():
        folder = tmp_path / "secrets/containers" / name
        assert all((folder / file).exists() for file in files_of(service)), name
    acl = (tmp_path / "secrets/store-users.acl").read_text()
    assert "user ingest-hall-2 " in acl
    assert "omf:{hall-2}:" in acl
    assert "{live}" not in acl
    assert (tmp_path / "secrets/factory-mqtt-hall-3").exists()


def test_a_file_that_does_not_fit_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "f.yaml").write_text(SITE + "  - {name: archive, kind: mock}\n")
    assert main([str(tmp_path / "f.yaml"), "--out", str(tmp_path / "out.yml")]) == 1
    assert "line 6, factories.4.name: two factories are called archive" in capsys.readouterr().err
    assert not (tmp_path / "out.yml").exists()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("shared")
    (folder / "factories.yaml").write_text(SITE)
    out, told = folder / "compose.site.yml", folder / "targets.yml"
    words = ["--shared", "--out", str(out), "--targets", str(told)]
    assert main([str(folder / "factories.yaml"), *words]) == 0
    return yaml.safe_load(out.read_text("utf-8")), yaml.safe_load(told.read_text("utf-8"))


def test_a_shared_container_has_what_each_of_its_factories_would_have(
    shared: tuple[dict[str, Any], list[dict[str, Any]]], made: dict[str, Any]
) -> None:
    services = shared[0]["services"]
    told = services["ingest"]["environment"]
    assert told["OMF_ENVIRONMENT"] == "hall-2,hall-3,training,archive"
    assert told["OMF_HALL_2_MQTT_URL"] == "mqtt://default@192.168.2.100:1883"
    assert told["OMF_TRAINING_STORE_URL"] == "redis://ingest-training@store:6379/0"
    assert told["OMF_TRAINING_MQTT_CA_FILE"] == "/run/secrets/training/ca.crt"
    assert "OMF_MQTT_URL" not in told, "one broker for several"
    mounts = services["ingest"]["volumes"]
    assert "./secrets/containers/ingest-hall-3:/run/secrets/hall-3:ro" in mounts
    assert not [name for name in services if name.startswith(("ingest-", "orders-"))]
    single = {name for name in made["services"] if name.partition("-")[0] in SHARED}
    assert made["services"].keys() - single == services.keys() - set(SHARED)


def test_pages_and_prometheus_ask_a_shared_container_for_each_factory(
    shared: tuple[dict[str, Any], list[dict[str, Any]]],
) -> None:
    compose_file, asked = shared
    parts = json.loads(compose_file["services"]["ui"]["environment"]["OMF_UI_PARTS"])
    assert parts["orders-hall-3"] == "http://orders:9100/hall-3"
    assert parts["station-archive"] == "http://station-archive:9100"
    ours = [one for one in asked if one["targets"] == ["orders:9100"]]
    pages = {one["labels"]["environment"]: one["labels"]["__metrics_path__"] for one in ours}
    assert pages["hall-3"] == "/hall-3/metrics"
    assert len(pages) == 4


def test_secrets_of_a_shared_container_lie_in_a_folder_of_each_factory(
    shared: tuple[dict[str, Any], list[dict[str, Any]]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "factories.yaml").write_text(SITE)
    monkeypatch.setenv("OMF_FACTORIES", str(tmp_path / "factories.yaml"))
    draw(tmp_path / "secrets")
    (tmp_path / "compose.yml").write_text(yaml.safe_dump(shared[0]))
    hand_out(tmp_path / "secrets", tmp_path / "compose.yml")
    for name in ("hall-2", "training"):
        folder = tmp_path / "secrets/containers" / f"ingest-{name}"
        assert (folder / "omf_store_password").exists()
    folders = [tmp_path / f"secrets/containers/orders-{name}" for name in ("hall-2", "hall-3")]
    assert len({(one / "omf_store_password").read_text() for one in folders}) == 2
