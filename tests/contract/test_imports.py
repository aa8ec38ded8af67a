"""A process imports only packages that its image installs; here all of them lie side by side."""

import json
import subprocess
import sys

import pytest

from deploy import sbom
from tests.support.processes import ROOT, base_env

LOOK = """
import json, pkgutil, sys
from importlib.machinery import PathFinder
from importlib.metadata import packages_distributions

has = set(json.loads(sys.argv[2]))
normal = lambda name: name.lower().replace("_", "-").replace(".", "-")
kept_out = {
    module for module, names in packages_distributions().items()
    if not {normal(name) for name in names} & has
} - {"services", "omf", "deploy", "tests", "tools"}

class NotInstalled(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name.partition(".")[0] in kept_out:
            raise ModuleNotFoundError(f"{name} is not in the image", name=name)

sys.meta_path.insert(0, NotInstalled)
package = __import__(f"services.{sys.argv[1]}", fromlist=["x"])
for found in pkgutil.walk_packages(package.__path__, f"services.{sys.argv[1]}."):
    if found.name not in json.loads(sys.argv[3]):
        __import__(found.name)
"""
OPTIONAL = ["services.cli.__main__"]
"""It begins to work when it is imported."""


@pytest.mark.parametrize("service", sbom.images())
def test_all_of_a_service_is_imported_from_what_its_image_installs(service: str) -> None:
    pinned = sorted(sbom.pins(ROOT / f"deploy/requirements/{service}.txt"))
    words = [service, json.dumps(pinned), json.dumps(OPTIONAL)]
    done = subprocess.run(
        [sys.executable, "-c", LOOK, *words],
        env=base_env({}), cwd=ROOT, capture_output=True, text=True, check=False, timeout=110,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-1500:]
