"""Requirements of security standards: how each is met, and which tests and documents show it."""

import ast
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

FOLDER = Path(__file__).parent
STANDARDS = FOLDER / "standards"
State = Literal["met", "partly", "open", "not applicable"]
NonEmpty = Annotated[str, Field(min_length=1)]


class StandardError(ValueError):
    """A file of requirements cannot be used: the text says which, where and why."""


class Requirement(BaseModel):
    """One requirement of a standard."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: NonEmpty
    title: NonEmpty
    how: str = ""
    state: State = "met"
    since: date | None = None
    """Since when it is known to be open or met in part only."""
    tests: tuple[NonEmpty, ...] = ()
    """`tests/x.py`, all of that file, or `tests/x.py::test_y`."""
    documents: tuple[NonEmpty, ...] = ()

    @model_validator(mode="after")
    def _shown(self) -> Self:
        if self.state in {"met", "partly"} and not (self.tests or self.documents):
            raise ValueError(f"{self.id} is called {self.state}, but no test or document shows it")
        if self.state in {"partly", "open"} and not (self.since and self.how):
            raise ValueError(f"{self.id} is {self.state}: say since when and what is missing")
        return self


class Standard(BaseModel):
    """A standard and those of its requirements that a product like ours can meet."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: NonEmpty
    source: NonEmpty
    requirements: tuple[Requirement, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        ids = [one.id for one in self.requirements]
        if twice := {one for one in ids if ids.count(one) > 1}:
            raise ValueError(f"listed twice: {', '.join(sorted(twice))}")
        return self


def standards(folder: Path = STANDARDS) -> list[Standard]:
    """Every standard of the folder, by file name; StandardError names the file and the entry."""
    return [_read(file) for file in sorted(folder.glob("*.yaml"))]


def _read(file: Path) -> Standard:
    try:
        return Standard.model_validate(yaml.safe_load(file.read_text("utf-8")))
    except yaml.YAMLError as error:
        raise StandardError(f"{file.name}: {error}") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise StandardError(f"{file.name}: {where}: {first['msg']}") from None


def missing(one: Requirement, root: Path) -> Iterator[str]:
    """Tests and documents that the requirement names and the tree does not have."""
    for reference in one.tests:
        path, _, name = reference.partition("::")
        if not (root / path).is_file() or (name and name not in test_names(root / path)):
            yield reference
    yield from (path for path in one.documents if not (root / path).is_file())


def test_names(path: Path) -> set[str]:
    """The test functions a file defines."""
    tree = ast.parse(path.read_text("utf-8"))
    functions = (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
    return {function.name for function in functions if function.name.startswith("test_")}
