"""What keeps the tree readable is checked, not hoped for."""

import ast
import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[2]
FOLDERS = ("omf", "services", "deploy", "tests", "tools")
EVERY = sorted(p for folder in FOLDERS for p in (ROOT / folder).rglob("*.py"))
SOURCES = sorted(p for folder in ("omf", "services") for p in (ROOT / folder).rglob("*.py"))
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 50
VAGUE = re.compile(r"util|helper|manager|misc", re.IGNORECASE)
ALLOWED_NAMES = {"WorkflowOrderManager"}
CLOCK = ROOT / "services" / "common" / "process" / "clock.py"
TIME = re.compile(r"\b(?:time\.(?:time|monotonic)|datetime\.(?:now|utcnow)|date\.today)\(")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _lines(path: Path) -> int:
    return len(_text(path).splitlines())


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _nodes(path: Path, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
    return (node for node in ast.walk(ast.parse(_text(path))) if isinstance(node, kinds))


def test_a_file_fits_into_three_hundred_lines() -> None:
    assert not {_name(p): size for p in EVERY if (size := _lines(p)) > MAX_FILE_LINES}


def test_a_function_fits_on_a_screen() -> None:
    long = {
        f"{_name(path)}:{node.lineno}": size
        for path in SOURCES
        for node in _nodes(path, ast.FunctionDef, ast.AsyncFunctionDef)
        if (size := (node.end_lineno or 0) - node.lineno + 1) > MAX_FUNCTION_LINES
    }
    assert not long


def test_nothing_bears_a_vague_name() -> None:
    vague = {
        f"{_name(path)}: {name}"
        for path in SOURCES
        for name in {path.stem, *(node.name for node in _nodes(path, ast.ClassDef))} - ALLOWED_NAMES
        if VAGUE.search(name)
    }
    assert not vague


def test_only_the_clock_asks_for_the_time() -> None:
    asking = {_name(p): TIME.findall(_text(p)) for p in SOURCES if p != CLOCK}
    assert not {name: found for name, found in asking.items() if found}


def _imported_by_name(path: Path) -> set[str]:
    """Modules a file imports at run time, by `import_module("...")`."""
    return {
        str(node.args[0].value)
        for node in _nodes(path, ast.Call)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith("import_module")
        and isinstance(next(iter(node.args), None), ast.Constant)
    }


def _imports() -> dict[str, set[str]]:
    """What each file imports: at its top, in a function, for its types only, or by name."""
    graph = grimp.build_graph(
        "omf", "services", exclude_type_checking_imports=False, cache_dir=None
    )
    imports = {name: set(graph.find_modules_directly_imported_by(name)) for name in graph.modules}
    for path in SOURCES:
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        imports[name] |= _imported_by_name(path) & imports.keys()
    return imports


def _circle(imports: dict[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_file_imports_itself_by_way_of_others() -> None:
    assert not _circle(_imports())


def test_a_circle_of_imports_is_found() -> None:
    assert _circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": set()})
