"""What keeps the tree readable is checked, not hoped for."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(p for folder in ("omf", "services") for p in (ROOT / folder).rglob("*.py"))
MAX_FILE_LINES = 300
MAX_MEDIAN_FILE_LINES = 100
MAX_FUNCTION_LINES = 50
VAGUE = re.compile(r"util|helper|manager|misc", re.IGNORECASE)
ALLOWED_NAMES = {"WorkflowOrderManager"}
CLOCK = ROOT / "services" / "common" / "clock.py"


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_a_file_fits_into_three_hundred_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_FILE_LINES


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_a_function_fits_on_a_screen(path: Path) -> None:
    long = {
        node.name: size
        for node in _functions(path)
        if (size := (node.end_lineno or 0) - node.lineno + 1) > MAX_FUNCTION_LINES
    }
    assert not long


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_nothing_bears_a_vague_name(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    classes = {n.name for n in ast.walk(tree) if isinstance(n, ast.ClassDef)} - ALLOWED_NAMES
    vague = {name for name in classes | {path.stem} if VAGUE.search(name)}
    assert not vague


@pytest.mark.parametrize("path", [p for p in SOURCES if p != CLOCK], ids=_name)
def test_only_the_clock_asks_for_the_time(path: Path) -> None:
    asks = re.findall(
        r"\b(?:time\.(?:time|monotonic)|datetime\.(?:now|utcnow)|date\.today)\(",
        path.read_text(encoding="utf-8"),
    )
    assert not asks


def test_the_usual_file_is_short() -> None:
    sizes = [len(p.read_text(encoding="utf-8").splitlines()) for p in SOURCES]
    assert median(sizes) <= MAX_MEDIAN_FILE_LINES
