"""Questions in SQL about an archive, each in a process with limits of time and memory."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

from services.history.manifest import ArchiveError, ArchiveFile
from services.history.query import COLUMNS, Question
from services.history.reader import History
from services.history.rows import DERIVED_KINDS

TIMEOUT_S = 30.0
_PASSED_ON = ("PATH", "PYTHONPATH", "LANG", "HOME")
"""Of the environment; what is secret in it stays here."""
FoundFiles = Mapping[str, Sequence[tuple[Path, ArchiveFile]]]
"""Files and what the manifest says of them, by view."""


class QuestionError(Exception):
    """A question that cannot be answered; the text says why and what to do."""


class WrongQuestionError(QuestionError):
    """It is no question; the text says what is wrong and how one is written."""


class QuestionStoppedError(QuestionError):
    """It was stopped by whoever asked it."""


@dataclass(frozen=True)
class QuestionAnswer:
    """Columns and rows; `cut` if there were more rows than asked for."""

    columns: list[str]
    rows: list[list[Any]]
    cut: bool


class ReadSoFar(NamedTuple):
    """How far a question is: bytes of messages, unpacked."""

    read: int
    whole: int


class RowsAgain(NamedTuple):
    """What was told before does not count: a file turned out to be damaged."""


class AnswerEnd(NamedTuple):
    """The last line of an answer."""

    rows: int
    cut: bool
    """There are more rows than were asked for."""


AnswerLine = list[Any] | ReadSoFar | RowsAgain | AnswerEnd
"""The first list has the names of the columns, every other one is a row."""


def ask(
    history: History,
    question: Question,
    *,
    timeout_s: float = TIMEOUT_S,
    views: Sequence[str] = (),
) -> QuestionAnswer:
    """The answer to one SELECT over the views of query.py; `files` of the question are filled in.

    With `views` it has the files of these alone: a year has thousands of others.

    Blocking, for at most `timeout_s`. QuestionError says what is wrong with the question, or that
    it takes too long or too much memory, and how to narrow it. A file that cannot be read is named
    in the `faults` of the history, and the rest answers.
    """
    rows: list[list[Any]] = []
    # What the question does not name it cannot read.
    text = f"{question.sql} {question.otherwise}".lower()
    named = views or [view for view in COLUMNS if view in text]
    found = chosen(history, question.since_ms, question.until_ms, named)
    running = RunningQuestion(history, question, timeout_s=timeout_s, found=found)
    for line in running.lines():
        if isinstance(line, list):
            rows.append(line)
        elif isinstance(line, RowsAgain):
            del rows[1:]
        elif isinstance(line, AnswerEnd):
            return QuestionAnswer(rows[0], rows[1:], line.cut)
    raise QuestionError("the question ended without an answer")


class RunningQuestion:
    """A question under way. `lines` is read by one thread; `stop` may be called by any."""

    def __init__(
        self,
        history: History,
        question: Question,
        *,
        found: FoundFiles,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """`found` are the files it has (`chosen`). Nothing is asked before `lines` is read."""
        self._history, self._question, self._timeout_s = history, question, timeout_s
        self._found = found
        self._process: subprocess.Popen[str] | None = None
        self._stopped = self._late = False
        self._guard = threading.Lock()

    def stop(self) -> None:
        """End it: `lines` raises QuestionStoppedError."""
        with self._guard:
            self._stopped = True
            self._kill()

    def lines(self) -> Iterator[AnswerLine]:
        """The answer as it is found, an AnswerEnd last; raises as `ask`. Ended early, it stops."""
        question, narrower = self._with_files()
        process = self._started()
        timer = threading.Timer(self._timeout_s, self._expire)
        timer.start()
        try:
            yield from self._told(process, question, narrower)
        finally:
            timer.cancel()
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()

    def _with_files(self) -> tuple[Question, str]:
        asked = self._question
        paths = {
            view: tuple(str(path.resolve()) for path, _ in got) for view, got in self._found.items()
        }
        if asked.parts:
            paths.pop("messages", None)
        files = [file for got in self._found.values() for _, file in got]
        size_mb = sum(file.raw_bytes for file in files) / 1e6
        narrower = (
            f"it may read {len(files)} files of {size_mb:.0f} MB unpacked;"
            " narrow it by a shorter time range, a topic, or a LIMIT"
        )
        return replace(asked, files=paths, timeout_s=self._timeout_s), narrower

    def _started(self) -> subprocess.Popen[str]:
        env = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        with self._guard:
            if self._stopped:
                raise QuestionStoppedError("the question was stopped")
            self._process = subprocess.Popen(
                [sys.executable, "-m", "services.history.query"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                env=env,
            )
            return self._process

    def _told(
        self, process: subprocess.Popen[str], question: Question, narrower: str
    ) -> Iterator[AnswerLine]:
        with suppress(BrokenPipeError), cast("IO[str]", process.stdin) as given:
            given.write(json.dumps(asdict(question)))
        for text in cast("IO[str]", process.stdout):
            line = _parsed(text)
            if line is None:
                break
            told = line if isinstance(line, list) else self._noted(line, narrower)
            if told is not None:
                yield told
            if isinstance(told, AnswerEnd):
                return
        if self._stopped:
            raise QuestionStoppedError("the question was stopped")
        if self._late:
            raise QuestionError(f"no answer within {self._timeout_s:.0f} s: {narrower}")
        raise QuestionError(f"the question was ended ({process.wait()}): {narrower}")

    def _noted(self, line: Mapping[str, Any], narrower: str) -> AnswerLine | None:
        """What a line says that is no row."""
        if "rows" in line:
            return AnswerEnd(line["rows"], line["cut"])
        if "read" in line:
            return ReadSoFar(line["read"], line["of"])
        if "again" in line:
            return RowsAgain()
        if "damaged" in line:
            self._history.note_fault(ArchiveError(f"{line['damaged']} is damaged"))
            return None
        more = f"; {narrower}" if "Out of Memory" in line["error"] else ""
        raise QuestionError(f"{line['error']}{more}")

    def _expire(self) -> None:
        with self._guard:
            self._late = True
            self._kill()

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        # It was ended in the middle of a line.
        return None


def chosen(
    history: History,
    since_ms: int | None,
    until_ms: int | None,
    views: Collection[str] = COLUMNS,
    wanted: Callable[[ArchiveFile], bool] = lambda _: True,
) -> dict[str, list[tuple[Path, ArchiveFile]]]:
    """The files with something of a time range, by view; what is missing is named as a fault.

    QuestionError where they lie elsewhere and are more than is copied to this machine at once.
    """
    files = [
        (day.day, file)
        for day in history.days()
        for file in day.files
        if _view(file.kind) in views and _in_time(file, since_ms, until_ms) and wanted(file)
    ]
    _check_size([file for _, file in files], history.storage.query_bytes)
    found: dict[str, list[tuple[Path, ArchiveFile]]] = {}
    for day_name, file in files:
        try:
            path = history.storage.local(day_name, file)
        except ArchiveError as error:
            history.note_fault(error)
            continue
        found.setdefault(_view(file.kind), []).append((path, file))
    return found


def _in_time(file: ArchiveFile, since_ms: int | None, until_ms: int | None) -> bool:
    early = since_ms is not None and file.last_ms < since_ms
    return not early and (until_ms is None or file.first_ms < until_ms)


def _check_size(files: Sequence[ArchiveFile], limit: int | None) -> None:
    size = sum(file.size for file in files)
    if limit is not None and size > limit:
        raise QuestionError(
            f"it would copy {len(files)} files of {size / 1e6:.0f} MB from S3, and"
            f" {limit / 1e6:.0f} MB is the limit; narrow it by a shorter time range, or raise"
            " cache_mb in OMF_HISTORY"
        )


def _view(kind: str) -> str:
    if kind == "values":
        return "field_values"
    return kind if kind in DERIVED_KINDS else "messages"
