"""The folder of sequences that people wrote down, each file read as data and checked before use.

What a file may say: docs/sequences.md and `omf/sequences/written.py`.
"""

import hashlib
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from omf.sequences.reading import read_sequence
from omf.sequences.written import WrittenSequence
from omf.texts import Text, text, verbatim
from omf.yaml_files import YamlFileError

MAX_SEQUENCE_BYTES = 64_000
MAX_FILES = 100


class CommandSequence(BaseModel):
    """A file as the page shows it: ready to run, or with what is wrong with it."""

    model_config = ConfigDict(frozen=True)

    name: str
    version: str
    """The beginning of the digest of its bytes: two runs of one version did the same."""
    written: WrittenSequence | None = None
    complaint: Text | None = None


def library(folder: Path | None) -> list[CommandSequence]:
    """Every file of the folder by name, the broken ones with their flaw; empty without a folder."""
    if folder is None or not folder.is_dir():
        return []
    return [_found(file) for file in sorted(folder.glob("*.y*ml"))[:MAX_FILES]]


def _found(file: Path) -> CommandSequence:
    try:
        told = file.stat()
        if told.st_size > MAX_SEQUENCE_BYTES:
            return _broken(file, "", text("sequence_file.large", most=MAX_SEQUENCE_BYTES))
        return _read(file, told.st_mtime_ns, told.st_size)
    except OSError as error:
        return _broken(file, "", verbatim(str(error.strerror)))


@lru_cache(maxsize=2 * MAX_FILES)
def _read(file: Path, _written_ns: int, _size: int) -> CommandSequence:
    """Read once as long as the file is the same: whoever opens the page must not wait for it."""
    raw = file.read_bytes()
    version = hashlib.sha256(raw).hexdigest()[:8]
    try:
        written = read_sequence(raw.decode())
    except YamlFileError as error:
        return _broken(file, version, error.text)
    except UnicodeDecodeError as error:
        return _broken(file, version, verbatim(str(error)))
    return CommandSequence(name=file.stem, version=version, written=written)


def _broken(file: Path, version: str, what: Text) -> CommandSequence:
    return CommandSequence(name=file.stem, version=version, complaint=what)
