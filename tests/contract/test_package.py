"""An installed copy holds all that a checkout holds: scripts for the store, texts, styles."""

import subprocess
import tomllib
from fnmatch import fnmatch
from pathlib import Path

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
