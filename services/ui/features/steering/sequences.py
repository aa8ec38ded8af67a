"""Sequences of commands that people wrote down: YAML files, read as data and checked before use.

    title: {de: Drei rote, en: Three red ones}
    steps:
      - {kind: production-order, parameters: {colour: RED}}
      - {kind: park, patient: true}

`patient` waits until nothing stands against a step; any other step that is blocked ends the run.
"""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from omf import faults
from omf.commands import KINDS
from omf.texts import Text
from services.ui.views.command_batch import BatchEntry

MAX_SEQUENCE_BYTES = 64_000
MAX_STEPS = 50
MAX_FILES = 100


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SequenceStep(_Strict):
    """One command; its parameters are those of `omf send`."""

    kind: str
    parameters: dict[str, Any] = {}
    patient: bool = False

    @field_validator("kind")
    @classmethod
    def _known(cls, kind: str) -> str:
        if kind not in KINDS:
            raise ValueError(f"there is no kind of command {kind!r}; `omf send --list` names them")
        if KINDS[kind].typed_word:
            raise ValueError(f"{kind} wants a typed word, so a person must give it by itself")
        return kind


class WrittenSequence(_Strict):
    """The content of a file."""

    title: Text
    steps: Annotated[list[SequenceStep], Field(min_length=1, max_length=MAX_STEPS)]


class CommandSequence(_Strict):
    """A file as the page shows it: ready to run, or with what is wrong with it."""

    name: str
    version: str
    """The beginning of the digest of its bytes: two runs of one version did the same."""
    written: WrittenSequence | None = None
    complaint: str = ""

    @property
    def wishes(self) -> list[BatchEntry]:
        """Its steps, in order; none while something is wrong."""
        steps = self.written.steps if self.written else []
        return [BatchEntry(step.kind, step.parameters, step.patient) for step in steps]


def library(folder: Path | None) -> list[CommandSequence]:
    """Every file of the folder by name, the broken ones with their flaw; empty without a folder."""
    if folder is None or not folder.is_dir():
        return []
    return [_found(file) for file in sorted(folder.glob("*.y*ml"))[:MAX_FILES]]


def _found(file: Path) -> CommandSequence:
    try:
        told = file.stat()
        if told.st_size > MAX_SEQUENCE_BYTES:
            return CommandSequence(
                name=file.stem, version="", complaint=f"more than {MAX_SEQUENCE_BYTES} bytes"
            )
        return _read(file, told.st_mtime_ns, told.st_size)
    except OSError as error:
        return CommandSequence(name=file.stem, version="", complaint=str(error.strerror))


@lru_cache(maxsize=2 * MAX_FILES)
def _read(file: Path, _written_ns: int, _size: int) -> CommandSequence:
    """Read once as long as the file is the same: whoever opens the page must not wait for it."""
    raw = file.read_bytes()
    version = hashlib.sha256(raw).hexdigest()[:8]
    try:
        written = WrittenSequence.model_validate(yaml.load(raw, yaml.CSafeLoader))
        _check(written)
    except Exception as error:  # noqa: BLE001 - the reader of YAML raises whatever it stumbles over
        return CommandSequence(name=file.stem, version=version, complaint=_flaw(error))
    return CommandSequence(name=file.stem, version=version, written=written)


def _check(written: WrittenSequence) -> None:
    """Parameters are checked by the form of their kind before anybody relies on them."""
    for number, step in enumerate(written.steps, 1):
        try:
            KINDS[step.kind].parameters.model_validate(step.parameters)
        except ValidationError as error:
            raise ValueError(f"step {number}, {step.kind}: {_flaw(error)}") from None


def _flaw(error: Exception) -> str:
    """The first thing that is wrong, with its place."""
    if not isinstance(error, ValidationError):
        return " ".join(str(error).split()) or type(error).__name__
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {faults.fault_text(first).en}"
