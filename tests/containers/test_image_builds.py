"""Two builds of one tree give the same image: every file, its rights, its owner and its time.

Listed is whose time the engine sets, where no recipe can: it says when something was taken away,
and when it made the folders that something was copied into.
"""

import hashlib
import io
import json
import os
import tarfile
from pathlib import Path

import pytest

from tests.support.container_stack import BUILD_S, Stack

pytestmark = [pytest.mark.containers, pytest.mark.timeout(2 * BUILD_S)]

SERVICE = "alarms"
"""The one with the fewest packages; the recipe is that of all."""
Entry = tuple[object, ...]
TAKEN_AWAY = ".wh."
COPIED_INTO = frozenset({"opt", "opt/omf"})


def touched(checkout: Path) -> None:
    """Make every file of a checkout one of another hour, as another clone has it."""
    for folder in ("omf", "services", "deploy"):
        for path in (checkout / folder).rglob("*"):
            if path.is_file() and "secrets" not in path.parts:
                os.utime(path, (path.stat().st_mtime - 3600,) * 2)


def built(containers: Stack, tag: str) -> str:
    """The name of an image that was built with nothing left over from another build."""
    recipe = ("-f", "deploy/Dockerfile", "--build-arg", f"SERVICE={SERVICE}")
    words = ("build", "--no-cache", "--quiet", *recipe, "-t", tag, ".")
    containers.run(*words, timeout_s=BUILD_S)
    return tag


def layers(containers: Stack, image: str, folder: Path) -> list[dict[str, Entry]]:
    """Of each layer of an image: path -> what it is."""
    packed = folder / f"{image}.tar"
    containers.run("save", "-o", str(packed), image)
    with tarfile.open(packed) as archive:
        (manifest,) = json.loads(read(archive, "manifest.json"))
        found = [contents(read(archive, name)) for name in manifest["Layers"]]
    packed.unlink()
    return found


def read(archive: tarfile.TarFile, name: str) -> bytes:
    """A file of an archive."""
    taken = archive.extractfile(name)
    assert taken
    return taken.read()


def contents(layer: bytes) -> dict[str, Entry]:
    """Path -> kind, rights, owner, time, where a link leads, digest."""
    with tarfile.open(fileobj=io.BytesIO(layer)) as files:
        return {one.name: entry(one, files) for one in files}


def entry(one: tarfile.TarInfo, files: tarfile.TarFile) -> Entry:
    digest = hashlib.sha256(read(files, one.name)).hexdigest() if one.isfile() else ""
    listed = one.name in COPIED_INTO or Path(one.name).name.startswith(TAKEN_AWAY)
    time = 0 if listed else one.mtime
    return one.type, oct(one.mode), one.uid, one.gid, time, one.linkname, digest


def test_two_builds_give_the_same_image(containers: Stack, tmp_path: Path) -> None:
    first = layers(containers, built(containers, "omf-built-once"), tmp_path)
    touched(containers.checkout)
    again = layers(containers, built(containers, "omf-built-twice"), tmp_path)
    assert len(first) == len(again)
    different = [
        f"layer {number}, {path}: {one.get(path)} and {other.get(path)}"
        for number, (one, other) in enumerate(zip(first, again, strict=True))
        for path in sorted(one.keys() | other.keys())
        if one.get(path) != other.get(path)
    ]
    containers.measured("files_different_between_builds", len(different))
    assert different == []


GUIDES = (
    "from services.ui.features.help.documents import DOCUMENTS, help_document as asked;"
    "print(*(f'{name}.{tongue}' for name in DOCUMENTS for tongue in ('en', 'de', 'fr')"
    " if not asked(name, tongue).text))"
)
"""Prints which guide is missing in which language."""


def test_the_image_of_the_pages_has_every_guide(containers: Stack) -> None:
    asked = ("run", "--rm", "--network", "none", "--entrypoint", "python", "omf-ui", "-c", GUIDES)
    assert containers.run(*asked).split() == []
