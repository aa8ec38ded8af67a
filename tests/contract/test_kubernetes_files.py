"""What a pod of deploy/kubernetes finds as files: volumes, configuration, secrets."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contract.test_deploy import SERVICES
from tests.contract.test_kubernetes import PAGE, deployment, every_deployment, overlay_of
from tests.support.factory_server import mounts
from tests.support.kubernetes import (
    Manifest,
    container_of,
    files_of,
    folder_text,
    kubectl,
    of_kind,
    pod_of,
)
from tests.support.processes import ROOT

FILES = [
    ("store", "configuration", "valkey"),
    ("broker-mock", "configuration", "mosquitto"),
    ("orders-mock", "site", "site"),
    ("notifications-mock", "notifications", "notifications"),
    ("prometheus", "configuration", "prometheus"),
    ("alertmanager", "configuration", "alertmanager"),
    ("grafana", "provisioning", "grafana/provisioning"),
    ("grafana", "dashboards", "grafana/dashboards"),
]
NOT_READ = r"kustomization\.yaml|acl|bridge\.conf|native/.*|tests/.*"
"""Drawn anew as a secret, or for other ways to install."""


def mounted(deployed: Manifest) -> dict[str, bool]:
    """Where its volumes are -> whether they are read only."""
    mounts_ = container_of(deployed)["volumeMounts"]
    return {one["mountPath"]: one.get("readOnly", False) for one in mounts_}


@every_deployment
def test_a_pod_mounts_what_its_container_mounts(name: str) -> None:
    service: dict[str, Any] = SERVICES[name]
    wanted = dict.fromkeys(service["tmpfs"], False)
    for volume in service.get("volumes", ()):
        source, target, *mode = volume.split(":")
        # Of a ConfigMap whole folders are mounted, so that a change is seen.
        folder = target if not Path(source).suffix else str(Path(target).parent)
        wanted[folder] = mode == ["ro"]
    assert mounted(deployment(name)) == wanted


@every_deployment
def test_a_pod_is_given_the_secret_of_its_name_and_no_other(name: str) -> None:
    pod = pod_of(deployment(name))
    given = [v["secret"]["secretName"] for v in pod["volumes"] if "secret" in v]
    assert given == ([name] if mounts(name) else [])


@every_deployment
def test_what_a_pod_names_is_there(name: str) -> None:
    overlay = overlay_of(name)
    claims, configured = of_kind(overlay, "PersistentVolumeClaim"), of_kind(overlay, "ConfigMap")
    for volume in pod_of(deployment(name))["volumes"]:
        if "persistentVolumeClaim" in volume:
            assert volume["persistentVolumeClaim"]["claimName"] in claims
        for source in (volume, *volume.get("projected", {}).get("sources", ())):
            assert "configMap" not in source or source["configMap"]["name"] in configured


@pytest.mark.parametrize(("name", "volume", "folder"), FILES)
def test_a_server_finds_every_file_that_lies_here_for_it(
    name: str, volume: str, folder: str
) -> None:
    wanted = folder_text(ROOT / "deploy" / folder)
    found = files_of("live", deployment(name), volume)
    assert found == {k: v for k, v in wanted.items() if not re.fullmatch(NOT_READ, k)}


def test_the_lines_of_the_page_make_each_pod_its_secret(tmp_path: Path) -> None:
    (line,) = re.findall(r"(?m)^    (for folder in .*)$", PAGE)
    for name in ("ingest-mock", "api"):
        folder = tmp_path / "secrets/containers" / name
        folder.mkdir(parents=True)
        for file in mounts(name):
            (folder / file).write_text("drawn", "utf-8")
    said, _, applied = line.partition(" | ")
    assert applied == "kubectl apply --server-side -f -; done"
    told = f"{said}; done".replace("kubectl", kubectl())
    done = subprocess.run(
        ["sh", "-c", told], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
    )
    made = [*yaml.safe_load_all(re.sub(r"(?m)^apiVersion", "---\napiVersion", done.stdout))]
    found = {one["metadata"]["name"]: set(one["data"]) for one in made if one}
    assert found == {name: set(mounts(name)) for name in ("ingest-mock", "api")}
    assert {one["metadata"]["namespace"] for one in made if one} == {"omf"}
