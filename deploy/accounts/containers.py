"""What each container finds in its /run/secrets: a folder of its own with its files and no other.

docker-compose.yml names them as `x-secrets` of a service, written as `secrets` would be. A folder
can be mounted before there is anything in it, so a container may draw them at the first start.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

FOLDER = "containers"
"""In the folder of secrets; in it one for each container."""


def files_of(service: Mapping[str, Any]) -> dict[str, str]:
    """The files of a service of docker-compose.yml: name in /run/secrets -> file of the secrets."""
    named = service.get("x-secrets", ())
    pairs = ((e, e) if isinstance(e, str) else (e["target"], e["source"]) for e in named)
    return dict(pairs)


def folders_of(services: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    """Each folder and its files: one a service, of a shared one a factory."""
    for name, service in services.items():
        yield name, files_of(service)
        for part, named in service.get("x-secrets-of", {}).items():
            yield part, files_of({"x-secrets": named})


def hand_out(secrets: Path, compose: Path) -> None:
    """Give every container its files, as links: what is written in place is seen by all of them.

    What it was given before and has no longer, or what was put in place of it, goes.
    """
    services = yaml.safe_load(compose.read_text("utf-8"))["services"]
    for name, files in folders_of(services):
        if not files:
            continue
        folder = secrets / FOLDER / name
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)  # the users of the containers; the folder above is its owner's alone
        for old in folder.iterdir():
            if old.name not in files:
                old.unlink()
        for target, source in files.items():
            _link(secrets / source, folder / target)


def give_to_owner(secrets: Path, compose: Path) -> None:
    """Who was root gives all of it to whom the checkout belongs, so that they can read it."""
    owner = compose.stat()
    for path in (secrets, *secrets.rglob("*")):
        if path.stat().st_uid != owner.st_uid:
            os.chown(path, owner.st_uid, owner.st_gid)


def _link(source: Path, target: Path) -> None:
    if target.exists() and target.samefile(source):
        return
    target.unlink(missing_ok=True)
    try:
        target.hardlink_to(source)
    except OSError:  # a file system without links, as shared folders of some desktops
        shutil.copy2(source, target)
