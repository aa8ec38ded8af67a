"""Files that say who is let in: JSON Lines, one record a line, each with a name of its own.

Empty lines and lines that begin with `#` are left out.
"""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import ValidationError

from omf import faults
from services.common.store.keys import StreamModel

MAX_RECORD_FILE_BYTES = 1_000_000
_log = logging.getLogger(__name__)


class RecordFileError(Exception):
    """The file cannot be used; the text names file, line and what is wrong."""


class NamedRecord(StreamModel):
    """One line of such a file."""

    name: str


RecordT = TypeVar("RecordT", bound=NamedRecord)


class RecordFile(Generic[RecordT]):
    """The records of one file, read again whenever it has changed.

    A change that cannot be used is told in the log and in `error`; the last good content stays.
    """

    def __init__(
        self,
        path: Path | None,
        model: type[RecordT],
        failure: type[RecordFileError],
        *,
        optional: bool = False,
    ) -> None:
        """Raises `failure`, naming file and line, if the file cannot be used.

        `path` None, and with `optional` a file that is not there: no records.
        """
        self.path = path
        self.error: str | None = None
        self._model = model
        self._failure = failure
        self._optional = optional
        self._version = self._stat()
        self._records = self.read()

    def all(self) -> dict[str, RecordT]:
        """Every record by its name, in the order of the file."""
        try:
            if (version := self._stat()) != self._version:
                self._records, self._version, self.error = self.read(), version, None
                _log.info("%s was read again", self.path, extra={"records": len(self._records)})
        except RecordFileError as error:
            if str(error) != self.error:
                _log.error("%s was changed and cannot be used: %s", self.path, error)
            self.error = str(error)
        return self._records

    def read(self) -> dict[str, RecordT]:
        """What stands in the file now; raises `failure`."""
        if self.path is None:
            return {}
        try:
            with self.path.open(encoding="utf-8") as file:
                lines = file.read(MAX_RECORD_FILE_BYTES).splitlines()
        except (OSError, UnicodeDecodeError) as error:
            if self._optional and isinstance(error, FileNotFoundError):
                return {}
            raise self._failure(f"{self.path}: {error}") from error
        found = list(self._parse(lines))
        records = {record.name: record for record in found}
        if len(records) != len(found):
            raise self._failure(f"{self.path}: a name stands in it twice")
        return records

    def _parse(self, lines: list[str]) -> Iterator[RecordT]:
        for number, line in enumerate(lines, 1):
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            where = f"{self.path}, line {number}"
            try:
                yield self._model.model_validate(json.loads(line))
            except ValidationError as error:
                first = error.errors(include_url=False, include_input=False)[0]
                field = ".".join(str(part) for part in first["loc"])
                raise self._failure(f"{where}: {field}: {faults.fault_text(first).en}") from None
            except ValueError:
                raise self._failure(f"{where}: not JSON") from None

    def version(self) -> object:
        """Another one as soon as the file was changed; None while there is none."""
        return self._stat()

    def _stat(self) -> tuple[int, int, int] | None:
        try:
            found = self.path.stat() if self.path else None
        except OSError as error:
            if self._optional and isinstance(error, FileNotFoundError):
                return None
            raise self._failure(f"{self.path}: {error.strerror}") from error
        return (found.st_mtime_ns, found.st_size, found.st_ino) if found else None
