"""Which pages and commands read a field of a payload, found in the sources that are running.

A field is read where an attribute of its name is read, or one of the state that is made from it.
Derived from the code itself, so it cannot fall behind; a name that several models share may name a
reader too many. Takes a second or two at the first question: ask in a thread.
"""

import ast
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import NamedTuple

from omf.commands import KINDS
from omf.commands.interlocks.rule import InterlockRule
from omf.payload_shapes.documented import documented

FOLDED_IN = ("omf/state", "omf/workpieces", "omf/layout")
"""Where fields of messages become those of the state."""
DRAWN_IN = ("services/ui/views", "services/ui/widgets")
FEATURES = "services/ui/features"
NAMES_EVERYTHING = frozenset({"id", "type", "state", "timestamp", "ts", "name", "value"})
"""Attributes so common that they say nothing of the field they are made from."""


class FieldReaders(NamedTuple):
    """Who reads a field."""

    pages: tuple[str, ...]
    """Names of pages, as in their addresses."""
    commands: tuple[str, ...]
    """Kinds of commands that are checked or proven by it."""


class _Part(NamedTuple):
    """What one module or function reads and uses."""

    reads: frozenset[str]
    uses: frozenset[str]
    """Modules imported, or functions called."""


def readers_of(entry: str, path: str) -> FieldReaders:
    """Who reads a field of a catalogue entry; nobody reads one that is not described."""
    field = documented(entry).fields.get(path) if entry else None
    if field is None:
        return FieldReaders((), ())
    made = _made_from()
    first = {field.name, *made.get(field.name, ())} - NAMES_EVERYTHING
    names = first.union(*(made.get(one, set()) for one in first)) - NAMES_EVERYTHING
    pages = tuple(sorted(page for page, read in _pages().items() if names & read))
    commands = tuple(sorted(kind for kind, read in _commands().items() if names & read))
    return FieldReaders(pages, commands)


@cache
def _sources() -> dict[str, ast.Module]:
    found: dict[str, ast.Module] = {}
    for package, place in (("omf", files("omf")), ("services", files("services").joinpath("ui"))):
        root = package if package == "omf" else "services/ui"
        for name, text in _python_files(place, root):
            found[name] = ast.parse(text)
    return found


def _python_files(place: Traversable, name: str) -> Iterator[tuple[str, str]]:
    for one in place.iterdir():
        inner = f"{name}/{one.name}"
        if one.is_dir():
            yield from _python_files(one, inner)
        elif one.name.endswith(".py"):
            yield inner, one.read_text("utf-8")


def _reads(tree: ast.AST) -> frozenset[str]:
    return frozenset(
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
    )


@cache
def _made_from() -> dict[str, set[str]]:
    """By attribute of a message: those of the state that are set from an expression with it."""
    found: dict[str, set[str]] = {}
    for name, tree in _sources().items():
        if not name.startswith(FOLDED_IN):
            continue
        for node in ast.walk(tree):
            for made, value in _set(node):
                for source in _reads(value):
                    found.setdefault(source, set()).add(made)
            if isinstance(node, ast.FunctionDef) and _is_property(node):
                for source in _reads(node):
                    found.setdefault(source, set()).add(node.name)
    return found


def _is_property(node: ast.FunctionDef) -> bool:
    return any(getattr(one, "id", "") == "property" for one in node.decorator_list)


def _set(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Attribute):
                yield target.attr, node.value
    elif isinstance(node, ast.keyword) and node.arg:
        yield node.arg, node.value


@cache
def _pages() -> dict[str, frozenset[str]]:
    """By page: every attribute that its modules read, and the views and widgets they draw with."""
    parts = {
        name: _Part(_reads(tree), frozenset(_imported(tree)))
        for name, tree in _sources().items()
        if name.startswith((*DRAWN_IN, FEATURES))
    }
    found: dict[str, frozenset[str]] = {}
    for name in parts:
        if name.startswith(FEATURES) and name.count("/") > FEATURES.count("/") + 1:
            page = name.split("/")[3]
            found[page] = found.get(page, frozenset()) | _all_reads(name, parts)
    return found


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            base = node.module.replace(".", "/")
            yield f"{base}.py"
            yield from (f"{base}/{one.name}.py" for one in node.names)


def _all_reads(begin: str, parts: dict[str, _Part]) -> frozenset[str]:
    """What a part reads and all that it uses."""
    seen: set[str] = set()
    waiting = [begin]
    reads: frozenset[str] = frozenset()
    while waiting:
        name = waiting.pop()
        if name in seen or name not in parts:
            continue
        seen.add(name)
        reads |= parts[name].reads
        waiting += parts[name].uses
    return reads


@cache
def _commands() -> dict[str, frozenset[str]]:
    """By kind of command: every attribute that its interlocks read."""
    parts: dict[str, _Part] = {}
    for name, tree in _sources().items():
        if name.startswith("omf/commands"):
            _note_functions(tree, parts)
    return {
        name: frozenset[str]().union(*(_all_reads(rule, parts) for rule in kind.interlocks))
        for name, kind in KINDS.items()
    }


def _note_functions(tree: ast.Module, parts: dict[str, _Part]) -> None:
    """Each function by its name, and each interlock by its id, with what it reads and calls."""
    for node in ast.walk(tree):
        name = _name_of(node)
        if name is not None:
            reads = _reads(node)
            names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
            known = parts.get(name, _Part(frozenset(), frozenset()))
            parts[name] = _Part(known.reads | reads, known.uses | names | reads)


def _name_of(node: ast.AST) -> str | None:
    if isinstance(node, ast.FunctionDef):
        return node.name
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == InterlockRule.__name__:
        first = node.args[0] if node.args else None
        return str(first.value) if isinstance(first, ast.Constant) else None
    return None
