"""The bill of materials: every package of the lock as CycloneDX, with licence and hashes.

`python -m deploy.sbom > build/sbom.cdx.json`. What an image contains is `required` and names the
services that install it; what only tests and checks use is `excluded`. `python -m deploy.sbom DIR`
writes one for each image, `DIR/<service>.cdx.json`, with what is in that image alone.
"""

import importlib.metadata
import json
import re
import sys
import uuid
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
REQUIREMENTS = ROOT / "deploy" / "requirements"
PIN = re.compile(r"^([A-Za-z0-9_.-]+)==(\S+)", re.MULTILINE)


def pins(path: Path) -> dict[str, str]:
    """Version of every package a file of requirements pins, by its normalised name."""
    return {_normal(name): version for name, version in PIN.findall(path.read_text("utf-8"))}


def hashes(path: Path) -> dict[str, list[str]]:
    """SHA-256 of every file of every package that a file of requirements allows."""
    found: dict[str, list[str]] = {}
    for block in re.split(r"\n(?=\S)", path.read_text("utf-8")):
        if named := PIN.match(block):
            found[_normal(named[1])] = re.findall(r"--hash=sha256:([0-9a-f]{64})", block)
    return found


def document() -> dict[str, Any]:
    """The bill of the present lock; the same lock gives the same document."""
    users = _users()
    lock = pins(ROOT / "requirements.lock")
    for name, version in (pin for pinned in users.values() for pin in pinned.items()):
        lock.setdefault(name, version)
    return _bill(lock, users)


def document_of(service: str) -> dict[str, Any]:
    """The bill of one image: what its service installs, and nothing that only builds it."""
    users = {service: pins(REQUIREMENTS / f"{service}.txt")}
    image = {"type": "container", "bom-ref": f"omf-{service}", "name": f"omf-{service}"}
    return _bill(users[service], users) | {"metadata": {"component": image}}


def images() -> list[str]:
    """The services of which there is an image."""
    return sorted(set(_users()) - {"build", "otel"})


def _users() -> dict[str, dict[str, str]]:
    return {path.stem: pins(path) for path in sorted(REQUIREMENTS.glob("*.txt"))}


def _bill(wanted: dict[str, str], users: dict[str, dict[str, str]]) -> dict[str, Any]:
    files = (REQUIREMENTS / f"{service}.txt" for service in users)
    known = {name: found for path in files for name, found in hashes(path).items()}
    components = [
        _component(name, version, [service for service, has in users.items() if name in has])
        | ({"hashes": _sha256(known[name])} if name in known else {})
        for name, version in sorted(wanted.items())
    ]
    content = json.dumps(components, sort_keys=True)
    # The same content has the same name, so that what is said of it later can point to it.
    serial = uuid.uuid5(uuid.NAMESPACE_URL, f"{sorted(users)} {content}")
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "components": components,
    }


def _component(name: str, version: str, services: list[str]) -> dict[str, Any]:
    purl = f"pkg:pypi/{name}@{version}"
    made: dict[str, Any] = {"type": "library", "bom-ref": purl, "purl": purl}
    made |= {"name": name, "version": version, "scope": "required" if services else "excluded"}
    if licence := _licence(name):
        made["licenses"] = [{"license": {"name": licence}}]
    made["properties"] = [{"name": "omf:service", "value": service} for service in services]
    return made


def _sha256(found: list[str]) -> list[dict[str, str]]:
    return [{"alg": "SHA-256", "content": one} for one in found]


def _licence(name: str) -> str:
    """As the installed package states it in one line; "" if it is not here or says nothing."""
    try:
        told = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        return ""
    stated = next((told[key] for key in ("License-Expression", "License") if key in told), "")
    return next(iter(stated.strip().splitlines()), "")


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main(folder: str = "") -> None:
    """The whole bill to the terminal, or one for each image into a folder."""
    if not folder:
        json.dump(document(), sys.stdout, indent=1)
        return
    Path(folder).mkdir(parents=True, exist_ok=True)
    for service in images():
        text = json.dumps(document_of(service), indent=1)
        Path(folder, f"{service}.cdx.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
