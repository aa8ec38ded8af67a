"""What keeps the tree readable: `python -m tools.house_rules`, part of `make check`.

Each rule looks at the sources and says what breaks it, one line each; the program ends with 1 if
there is any.
"""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import grimp

from tools.shared_names import SHARED_NAMES

ROOT = Path(__file__).parents[1]
FOLDERS = ("omf", "services", "deploy", "tests", "tools")
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 50
VAGUE = re.compile(r"util|helper|manager|misc", re.IGNORECASE)
ALLOWED_NAMES = {"WorkflowOrderManager"}
CLOCK = "services/common/process/clock.py"
TIME = re.compile(r"\b(?:time\.(?:time|monotonic)|datetime\.(?:now|utcnow)|date\.today)\(")
STREAM_ID = "omf/messages/stream_id.py"
TAKEN_APART = re.compile(r"(?:\b|_)id\)?\.(?:r?partition|split)\(b?\"-\"")
KINDS_OF_FACTORY = {"live", "mock", "replay"}
KIND_HOME = "services/common/store/environments.py"
KIND_HOMES = {KIND_HOME, "deploy/accounts/broker.py"}
"""The accounts of a broker bear the names of our services, one of which is the mock."""
PUBLIC_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]+")


class SourceFile(NamedTuple):
    """A Python file."""

    name: str
    """Its path from the root of the repository."""
    text: str

    @property
    def ours(self) -> bool:
        """Whether it is part of the product, and no test, tool or configuration."""
        return self.name.startswith(("omf/", "services/"))

    @property
    def module(self) -> str:
        """As it is imported."""
        return self.name.removesuffix(".py").replace("/", ".").removesuffix(".__init__")

    def tree(self) -> ast.Module:
        """What stands in it."""
        return ast.parse(self.text)


Rule = Callable[[Sequence[SourceFile]], Iterator[str]]


def sources() -> list[SourceFile]:
    """Every Python file of the repository."""
    paths = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
    return [SourceFile(str(p.relative_to(ROOT)), p.read_text(encoding="utf-8")) for p in paths]


def long_files(files: Sequence[SourceFile]) -> Iterator[str]:
    """A file fits into three hundred lines."""
    for file in files:
        if (lines := len(file.text.splitlines())) > MAX_FILE_LINES:
            yield f"{file.name}: {lines} lines, more than {MAX_FILE_LINES}"


def long_functions(files: Sequence[SourceFile]) -> Iterator[str]:
    """A function fits on a screen."""
    for file in filter(lambda one: one.ours, files):
        for node in ast.walk(file.tree()):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if (lines := (node.end_lineno or 0) - node.lineno + 1) > MAX_FUNCTION_LINES:
                yield f"{file.name}:{node.lineno}: {node.name} has {lines} lines"


def vague_names(files: Sequence[SourceFile]) -> Iterator[str]:
    """Nothing bears a name that could be anything."""
    for file in filter(lambda one: one.ours, files):
        classes = {node.name for node in ast.walk(file.tree()) if isinstance(node, ast.ClassDef)}
        for name in sorted({Path(file.name).stem, *classes} - ALLOWED_NAMES):
            if VAGUE.search(name):
                yield f"{file.name}: {name} says nothing"


def other_clocks(files: Sequence[SourceFile]) -> Iterator[str]:
    """Only the clock asks for the time."""
    for file in filter(lambda one: one.ours and one.name != CLOCK, files):
        yield from (
            f"{file.name}: {call}...) belongs to {CLOCK}" for call in TIME.findall(file.text)
        )


def ids_taken_apart(files: Sequence[SourceFile]) -> Iterator[str]:
    """The id of a message is read by `StreamId`."""
    for file in filter(lambda one: one.ours and one.name != STREAM_ID, files):
        for number, line in enumerate(file.text.splitlines(), 1):
            if TAKEN_APART.search(line):
                yield f"{file.name}:{number}: take an id apart by StreamId.parse ({STREAM_ID})"


def kinds_by_name(files: Sequence[SourceFile]) -> Iterator[str]:
    """What kind a factory is stands in the file of factories, not in its name."""
    for file in files:
        if not file.name.startswith(("omf/", "services/", "deploy/")) or file.name in KIND_HOMES:
            continue
        for node in ast.walk(file.tree()):
            if not isinstance(node, ast.Compare | ast.Subscript):
                continue
            if isinstance(node, ast.Compare):
                found = [node.left, *node.comparators]
            else:
                found = [node.slice]
            if any(
                isinstance(one, ast.Constant) and one.value in KINDS_OF_FACTORY for one in found
            ):
                yield f"{file.name}:{node.lineno}: ask is_live, is_mock or is_replay ({KIND_HOME})"


def shared_names(
    files: Sequence[SourceFile], allowed: frozenset[str] = SHARED_NAMES
) -> Iterator[str]:
    """A class name and an UPPER_CASE constant are defined in one module."""
    homes: dict[str, set[str]] = defaultdict(set)
    for file in filter(lambda one: one.ours, files):
        for name in _public_names(file.tree()):
            homes[name].add(file.name)
    shared = {name: where for name, where in homes.items() if len(where) > 1}
    for name in sorted(shared.keys() - allowed):
        where = ", ".join(sorted(shared[name]))
        yield f"{name} is defined in {where}: import it, or say which one it is"
    for name in sorted(allowed - shared.keys()):
        yield f"tools/shared_names.py: {name} has one home now, take it off the list"


def _public_names(tree: ast.Module) -> Iterator[str]:
    """Classes and constants at the top of a file; what begins with a line is its own affair."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node.name
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            targets = [node.target]
        for name in (part for target in targets for part in ast.walk(target)):
            if isinstance(name, ast.Name) and PUBLIC_CONSTANT.fullmatch(name.id):
                yield name.id


def circles(files: Sequence[SourceFile]) -> Iterator[str]:
    """No file imports itself by way of others: at its top, in a function, for types or by name."""
    graph = grimp.build_graph(
        "omf", "services", exclude_type_checking_imports=False, cache_dir=None
    )
    imports = {name: set(graph.find_modules_directly_imported_by(name)) for name in graph.modules}
    for file in filter(lambda one: one.ours, files):
        imports[file.module] |= _imported_by_name(file.tree()) & imports.keys()
    if found := circle(imports):
        yield f"a circle of imports: {' -> '.join(found)}"


def _imported_by_name(tree: ast.Module) -> set[str]:
    """Modules a file imports at run time, by `import_module("...")`."""
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args)
    named = (c.args[0] for c in calls if ast.unparse(c.func).endswith("import_module"))
    return {str(name.value) for name in named if isinstance(name, ast.Constant)}


def circle(imports: Mapping[str, Iterable[str]]) -> list[str]:
    """Modules that import each other in a ring; empty if there is none."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


RULES: tuple[Rule, ...] = (
    long_files,
    long_functions,
    vague_names,
    other_clocks,
    ids_taken_apart,
    kinds_by_name,
    shared_names,
    circles,
)


def main() -> int:
    """Say what breaks a rule; 1 if anything does."""
    files = sources()
    found = [line for rule in RULES for line in rule(files)]
    sys.stderr.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
