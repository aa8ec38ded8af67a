"""Which service uses which key of the store, found in the source.

Followed are the names given to the functions in NAMES_A_KEY, through every function of the shared
packages that a service calls. Where a name is put together elsewhere, all names of the table count
that stand in the same function or class. Whether a key is read or written is not told from here:
the rights of the store's accounts are (tests/security/test_store_rights.py).
"""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
SHARED = ("common", "history")
"""Folders under `services` that are no process: what they use, their callers use."""
COPIES = "services.common.backup"
"""Copies every key, whatever it is."""
PROCESS_OF = {"cli": "omf"}
BUS = "services.common.store.bus.Bus"
STREAM_FUNCTIONS = ("add", "follow_models", "models", "newest_models", "stream", "StreamConsumer")
NAMES_A_KEY = frozenset((*STREAM_FUNCTIONS, "told", "key", "_key", "_keys"))
OF_A_LINK = frozenset(("link", "set_link"))
"""Methods of the bus whose key is `link:` and their first argument."""


@dataclass
class _Unit:
    """A function, or a class with all its methods: the keys it names and what it calls."""

    folder: str
    keys: set[str] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)


@dataclass
class _File:
    """A source file, and what its names stand for."""

    module: str
    tree: ast.Module
    names: dict[str, str]


def used_keys(known: Iterable[str]) -> dict[str, set[str]]:
    """Keys of the table that each service uses; `known` are all, as `latest` or `claim:<what>`."""
    units = _units({name.partition("<")[0]: name for name in known})
    found: dict[str, set[str]] = defaultdict(set)
    for unit in units.values():
        if unit.folder not in SHARED:
            process = PROCESS_OF.get(unit.folder, unit.folder)
            found[process].update(*(reached.keys for reached in _reached(unit, units)))
    return found


def _reached(unit: _Unit, units: dict[str, _Unit]) -> list[_Unit]:
    """A unit and all of the shared packages it calls."""
    reached, seen = [unit], set[str]()
    for here in reached:
        new = {name for name in here.calls - seen if name in units and units[name].folder in SHARED}
        seen |= new
        reached += [units[name] for name in new]
    return reached


def _units(known: dict[str, str]) -> dict[str, _Unit]:
    files = list(_files())
    texts: dict[str, list[str]] = defaultdict(list)
    for file in files:
        for name, text in _texts(file.tree):
            texts[f"{file.module}.{name}"].append(text)
    units: dict[str, _Unit] = {}
    for file in files:
        reader = _KeyUseVisitor(file, texts, known)
        for node in file.tree.body:
            name = f"{file.module}.{getattr(node, 'name', '')}"
            inner = node.body if name == BUS and isinstance(node, ast.ClassDef) else []
            parts = {f"{BUS}.{getattr(method, 'name', '')}": method for method in inner}
            units |= {part: reader.unit(found) for part, found in (parts or {name: node}).items()}
    return units


def _files() -> Iterator[_File]:
    for path in sorted((ROOT / "services").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if module.startswith(COPIES):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {
            alias.asname or alias.name: f"{node.module}.{alias.name}"
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        own = [str(node.name) for node in tree.body if hasattr(node, "name")]
        own += [name for name, _ in _texts(tree)]
        yield _File(module, tree, names | {name: f"{module}.{name}" for name in own})


def _texts(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Constants of a file that are texts, and functions that only begin one, as `claim_name`."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and isinstance(node.body[-1], ast.Return):
            built = node.body[-1].value
            first = built.values[0] if isinstance(built, ast.JoinedStr) else None
            if isinstance(first, ast.Constant):
                yield node.name, str(first.value)
        if not isinstance(node, ast.Assign):
            continue
        target, value = node.targets[0], node.value
        pairs: list[tuple[ast.expr, ast.expr]] = [(target, value)]
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            pairs = list(zip(target.elts, value.elts, strict=True))
        for name, found in pairs:
            if isinstance(name, ast.Name):
                texts = found.elts if isinstance(found, ast.Tuple) else [found]
                yield from ((name.id, str(t.value)) for t in texts if isinstance(t, ast.Constant))


class _KeyUseVisitor:
    """Reads the units of one file."""

    def __init__(self, file: _File, texts: dict[str, list[str]], known: dict[str, str]) -> None:
        self._file = file
        self._texts = texts
        self._known = known

    def unit(self, node: ast.AST) -> _Unit:
        """What stands in a function or class; a class does what the classes it is made of do."""
        unit = _Unit(f"{self._file.module}.".split(".")[1])
        if isinstance(node, ast.ClassDef):
            unit.calls |= {self._file.names.get(_last(base), "") for base in node.bases}
        for call in ast.walk(node):
            if isinstance(call, ast.Call):
                unit.calls |= set(self._targets(call))
                unit.keys |= set(self._keys(call, node))
        return unit

    def _keys(self, call: ast.Call, within: ast.AST) -> Iterator[str]:
        name = _last(call.func)
        if name == "buffer_key":
            yield self._known["buffer:"]
        elif name in NAMES_A_KEY or (name in OF_A_LINK and self._on_bus(call.func)):
            lead = "link:" if name in OF_A_LINK else ""
            texts = set(self._said(call.args))
            if not texts and name not in STREAM_FUNCTIONS:
                texts = set(self._said(ast.walk(within)))
            yield from (self._known[lead + text] for text in texts if lead + text in self._known)

    def _targets(self, call: ast.Call) -> Iterator[str]:
        """What is called, and what is handed over to be called."""
        for node in (call.func, *call.args, *(keyword.value for keyword in call.keywords)):
            if isinstance(node, ast.Name):
                yield self._file.names.get(node.id, "")
            elif self._on_bus(node):
                yield f"{BUS}.{_last(node)}"
            elif isinstance(node, ast.Attribute):
                yield f"{self._file.names.get(_last(node.value), '')}.{node.attr}"

    def _on_bus(self, node: ast.AST) -> bool:
        owner = _last(node.value) if isinstance(node, ast.Attribute) else ""
        return owner.endswith("bus") or (owner == "self" and BUS.startswith(self._file.module))

    def _said(self, found: Iterable[ast.AST]) -> Iterator[str]:
        """Texts that stand there, and the beginnings of those that are put together."""
        for node in found:
            if isinstance(node, ast.Constant):
                yield str(node.value)
            elif isinstance(node, ast.JoinedStr):
                yield from self._begun(node)
            elif isinstance(node, ast.Name):
                yield from self._texts.get(self._file.names.get(node.id, ""), ())
            elif isinstance(node, ast.Attribute):
                owner = self._file.names.get(_last(node.value), "")
                yield from self._texts.get(f"{owner}.{node.attr}", ())

    def _begun(self, text: ast.JoinedStr) -> Iterator[str]:
        """`command:` of f"command:{id}", `presets:` of f"{KEY}:{person}"."""
        first = text.values[0]
        if isinstance(first, ast.FormattedValue):
            yield from (f"{known}:" for known in self._said([first.value]))
        else:
            yield from self._said([first])


def _last(node: ast.AST) -> str:
    return str(getattr(node, "attr", getattr(node, "id", "")))
