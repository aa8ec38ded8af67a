"""An installed copy holds all that a checkout holds: scripts for the store, texts, styles."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest
from typer.testing import CliRunner

from omf import __version__
from services.cli import app
from services.common.process.health import Health
from services.ui.features.help.documents import DOCUMENTS

ROOT = Path(__file__).parents[2]


def test_every_file_that_is_no_module_is_packed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    globs = project["tool"]["setuptools"]["package-data"]["*"]
    tracked = subprocess.run(
        ["git", "ls-files", "omf", "services"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    data = [Path(name) for name in tracked if not name.endswith(".py")]
    assert data
    for path in data:
        package = path.parent
        while not (ROOT / package / "__init__.py").is_file():
            package = package.parent
        inside = str(path.relative_to(package))
        assert any(fnmatch(inside, glob) for glob in globs), f"{path} would be left out"


def test_the_guides_are_packed_with_it_and_copied_into_an_image() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    globs = project["tool"]["setuptools"]["data-files"]["share/omf/docs"]
    packed = {path.name for glob in globs for path in ROOT.glob(glob)}
    for name in DOCUMENTS:
        assert {f"{name}.md", f"{name}.en.md"} & packed
    assert "COPY docs docs" in (ROOT / "deploy/Dockerfile").read_text("utf-8")
    assert "!docs/*.md" in (ROOT / ".dockerignore").read_text("utf-8").split()


def test_the_version_is_that_of_the_newest_release_in_the_changelog() -> None:
    """What is not released yet may stand above it under `## Unreleased`."""
    headings = re.findall(r"(?m)^## (.+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"))
    releases = [one for one in headings if one != "Unreleased"]
    assert headings in (releases, ["Unreleased", *releases])
    numbers = [tuple(map(int, one.split("."))) for one in releases]
    assert numbers == sorted(set(numbers), reverse=True)
    assert releases[0] == __version__


def test_the_version_is_written_down_once() -> None:
    """The package, the figures of a process and `omf --version` take it from `omf`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["dynamic"] == ["version"]
    told = project["tool"]["setuptools"]["dynamic"]["version"]
    assert told == {"attr": "omf.__version__"}
    (built,) = (one for one in Health().collect() if one.name == "omf_build")
    assert [sample.labels for sample in built.samples] == [{"version": __version__}]
    assert CliRunner().invoke(app, ["--version"]).stdout == f"{__version__}\n"


@pytest.mark.timeout(300)
def test_two_builds_of_the_wheel_are_the_same_to_the_last_byte(tmp_path: Path) -> None:
    """As the recipe of the images builds it, from two copies of other times and owners' rights."""
    recipe = (ROOT / "deploy/Dockerfile").read_text("utf-8")
    (epoch,) = re.findall(r"(?m)^ARG SOURCE_DATE_EPOCH=(\d+)$", recipe)
    made = []
    for number, age_s in enumerate((0, 90_000)):
        source, out = tmp_path / f"source-{number}", tmp_path / f"wheel-{number}"
        source.mkdir()
        for name in ("pyproject.toml", "README.md"):
            shutil.copy2(ROOT / name, source)
        for name in ("omf", "services"):
            shutil.copytree(
                ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        for path in source.rglob("*.py"):
            os.utime(path, (path.stat().st_mtime - age_s,) * 2)
        build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
        build += ["--no-build-isolation", "--no-cache-dir", "--wheel-dir", str(out), "."]
        env = {**os.environ, "SOURCE_DATE_EPOCH": epoch, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        subprocess.run(build, cwd=source, env=env, check=True)
        (wheel,) = out.iterdir()
        made.append(hashlib.sha256(wheel.read_bytes()).hexdigest())
    assert made[0] == made[1]
