"""What goes into an image is named, locked and proven by hash; no secret and no trapdoor does."""

import json
import re
import subprocess
import tomllib
from importlib.metadata import requires
from itertools import chain
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement

from deploy import sbom
from tests.support.factory_server import SERVICES as FILE_SERVICES

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCK = sbom.pins(ROOT / "requirements.lock")
FILES = sorted((ROOT / "deploy/requirements").glob("*.txt"))
SERVICES = [path.stem for path in FILES if path.stem != "build"]
EXTRAS = PROJECT["project"]["optional-dependencies"]
SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b|\bxox[baprs]-[A-Za-z0-9-]{10,}"
    r"|\$argon2id?\$v=\d+\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]{16,}\$[A-Za-z0-9+/]{40,}"
)
TRAPDOORS = {
    "S102": "exec",
    "S301": "pickle",
    "S307": "eval",
    "S501": "certificates unchecked",
    "S506": "yaml.load",
    "S602": "shell=True",
    "S605": "a shell",
}
PASSABLE = {"services/common/process/answering.py: S301 - of our own process"}
"""What a child process of the pages made of what it read: its pipe has no other writer."""


def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    names = [name for name in listed.stdout.decode().split("\0") if name]
    # Outside a checkout, as in an image, everything that lies here counts.
    return [ROOT / name for name in names] or sorted((ROOT / "services").rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_image_installs_what_is_locked_and_each_file_has_its_hash(path: Path) -> None:
    pinned, hashes = sbom.pins(path), sbom.hashes(path)
    assert pinned
    assert set(hashes) == set(pinned)
    assert all(hashes.values())
    assert {name: LOCK.get(name, version) for name, version in pinned.items()} == pinned
    assert "://" not in path.read_text("utf-8"), "no index address"


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_has_all_that_its_service_needs_and_no_more(service: str) -> None:
    pinned = sbom.pins(ROOT / f"deploy/requirements/{service}.txt")
    open_ = [*PROJECT["project"]["dependencies"], *EXTRAS[service]]
    needed: set[str] = set()
    waiting = [(Requirement(text), "") for text in open_]
    while waiting:
        wanted, extra = waiting.pop()
        name = sbom._normal(wanted.name)
        marker = wanted.marker
        if marker and not marker.evaluate({"extra": extra}):
            continue
        if name not in pinned:
            pytest.fail(f"{name} is missing from {service}.txt; run `make hashes`")
        known = name in needed
        needed.add(name)
        own = [Requirement(text) for text in requires(wanted.name) or ()]
        for chosen in ("", *wanted.extras) if not known or wanted.extras else ():
            waiting += [(one, chosen) for one in own if one.name != wanted.name]
    assert needed == set(pinned) - {"async-timeout"}


def test_the_bill_of_materials_names_everything_that_is_locked() -> None:
    document = sbom.document()
    found = {c["name"]: c for c in document["components"]}
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.5")
    assert LOCK.items() <= {name: c["version"] for name, c in found.items()}.items()
    assert all(c["purl"] == f"pkg:pypi/{n}@{c['version']}" for n, c in found.items())
    assert len({c["bom-ref"] for c in found.values()}) == len(found)
    shipped = [c for c in found.values() if c["scope"] == "required"]
    assert shipped
    assert all(c["hashes"] and c["properties"] for c in shipped)
    assert found["pytest"]["scope"] == "excluded"
    assert sbom.document() == document


@pytest.mark.parametrize("service", sbom.images())
def test_each_image_has_a_bill_of_its_own_with_what_it_installs(
    service: str, tmp_path: Path
) -> None:
    sbom.main(str(tmp_path))
    text = (tmp_path / f"{service}.cdx.json").read_text("utf-8")
    assert JsonStrictValidator(SchemaVersion.V1_5).validate_str(text) is None
    told = json.loads(text)
    assert told["metadata"]["component"]["type"] == "container"
    listed = {c["name"]: c["version"] for c in told["components"]}
    assert listed == sbom.pins(ROOT / f"deploy/requirements/{service}.txt")
    assert all(c["hashes"] and c["scope"] == "required" for c in told["components"])
    assert "setuptools" not in listed, "what builds an image does not come with it"


def test_there_is_a_bill_for_every_image_that_is_built() -> None:
    recipes = {str(s["build"]["args"]["SERVICE"]) for s in FILE_SERVICES.values() if "build" in s}
    assert set(sbom.images()) == recipes


def test_the_bill_of_materials_is_what_its_standard_asks_for() -> None:
    """By the official schema, which lies in the package: no network is asked."""
    judge = JsonStrictValidator(SchemaVersion.V1_5)
    assert judge.validate_str(json.dumps(sbom.document())) is None
    # It finds faults, too: a component without a name is none.
    broken = sbom.document()
    del broken["components"][0]["name"]
    assert judge.validate_str(json.dumps(broken))


def test_no_secret_lies_in_the_tree() -> None:
    held = []
    for path in _tracked():
        if path.suffix in {".png", ".gz", ".jpg", ".woff2"} or not path.is_file():
            continue
        held += [str(path.relative_to(ROOT))] * bool(
            SECRET.search(path.read_text("utf-8", "replace"))
        )
    assert [name for name in held if not name.startswith("tests/")] == []


def test_no_secret_can_come_into_the_tree_or_an_image() -> None:
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert {"secrets/", "data/"} <= set(ignored)
    assert (ROOT / ".dockerignore").read_text("utf-8").splitlines()[1] == "*"


def test_the_linter_forbids_what_opens_a_door() -> None:
    rules = PROJECT["tool"]["ruff"]["lint"]
    assert rules["select"] == ["ALL"]
    switched_off = {*rules["ignore"], *chain(*rules["per-file-ignores"].values())}
    assert not switched_off & set(TRAPDOORS)
    waived = {
        f"{path.relative_to(ROOT)}: {found}"
        for folder in ("omf", "services", "deploy")
        for path in (ROOT / folder).rglob("*.py")
        for found in re.findall(r"# noqa: (.*)", path.read_text("utf-8"))
        if set(re.findall(r"S\d+", found)) & set(TRAPDOORS)
    }
    assert waived == PASSABLE


def test_a_failpoint_is_armed_by_tests_alone() -> None:
    """Nothing a server is given names one."""
    for path in (ROOT / "docker-compose.yml", *(ROOT / "deploy").rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            assert "FAILPOINT" not in path.read_text("utf-8", "replace"), path
