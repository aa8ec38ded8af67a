"""Questions in SQL about an archive, each in a process with limits of time and memory."""

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from services.history.manifest import ArchiveFile
from services.history.query import Question
from services.history.reader import History
from services.history.retention import DERIVED_KINDS

TIMEOUT_S = 30.0
MAX_ROWS = 100_000
_PASSED_ON = ("PATH", "PYTHONPATH", "LANG", "HOME")
"""Of the environment; what is secret in it stays here."""


class QuestionError(Exception):
    """A question that cannot be answered; the text says why and what to do."""


@dataclass(frozen=True)
class QuestionAnswer:
    """Columns and rows; `cut` if there were more rows than asked for."""

    columns: list[str]
    rows: list[list[Any]]
    cut: bool


def ask(
    history: History,
    sql: str,
    *,
    since_ms: int | None = None,
    until_ms: int | None = None,
    max_rows: int = MAX_ROWS,
    timeout_s: float = TIMEOUT_S,
) -> QuestionAnswer:
    """The answer to one SELECT over the views of query.py, of what was received in a time range.

    Blocking, for at most `timeout_s`. QuestionError says what is wrong with the question, or that
    it takes too long or too much memory, and how to narrow it.
    """
    found = _chosen(history, since_ms, until_ms)
    paths = {view: tuple(str(path.resolve()) for path, _ in files) for view, files in found.items()}
    question = Question(sql, paths, since_ms, until_ms, max_rows=max_rows)
    size_mb = sum(file.raw_bytes for files in found.values() for _, file in files) / 1e6
    narrower = (
        f"it may read {sum(map(len, paths.values()))} files of {size_mb:.0f} MB unpacked;"
        " narrow it by a shorter time range, a topic, or a LIMIT"
    )
    env = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "services.history.query"],
            input=json.dumps(asdict(question)),
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
            env=env,
        )
    except subprocess.TimeoutExpired:
        raise QuestionError(f"no answer within {timeout_s:.0f} s: {narrower}") from None
    return _read(done, narrower)


def _chosen(
    history: History, since_ms: int | None, until_ms: int | None
) -> dict[str, list[tuple[Path, ArchiveFile]]]:
    found: dict[str, list[tuple[Path, ArchiveFile]]] = {}
    for day in history.days():
        for file in day.files:
            early = since_ms is not None and file.last_ms < since_ms
            late = until_ms is not None and file.first_ms >= until_ms
            path = history.root / day.day / file.name
            if not early and not late and path.is_file():
                found.setdefault(_view(file.kind), []).append((path, file))
    return found


def _view(kind: str) -> str:
    if kind == "values":
        return "field_values"
    return kind if kind in DERIVED_KINDS else "messages"


def _read(done: subprocess.CompletedProcess[str], narrower: str) -> QuestionAnswer:
    lines = done.stdout.splitlines()
    last = json.loads(lines[-1]) if lines else None
    if not isinstance(last, dict):
        raise QuestionError(f"the question was ended ({done.returncode}): {narrower}")
    if error := last.get("error"):
        more = f"; {narrower}" if "Out of Memory" in error else ""
        raise QuestionError(f"{error}{more}")
    columns, *rows = (json.loads(line) for line in lines[:-1])
    return QuestionAnswer(columns, rows, bool(last["cut"]))
