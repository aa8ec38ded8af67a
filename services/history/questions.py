"""Questions in SQL about an archive, each in a process with limits of time and memory."""

import json
import os
import re
import subprocess
import sys
from base64 import b64decode
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from services.common.process import clock
from services.common.store.journal import BEGINNING
from services.history.manifest import ArchiveError, ArchiveFile
from services.history.query import Question
from services.history.reader import History
from services.history.retention import DERIVED_KINDS

TIMEOUT_S = 30.0
LARGEST = 2**63 - 1
"""Number of a column; no id reaches it."""
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


_MESSAGES = """
SELECT id, topic, to_base64(payload), qos, retain, dup, recorded_at, session FROM messages
WHERE regexp_full_match(topic, $1) AND ($2 = '' OR contains(text, $2))
  AND (epoch_ms(time) + id_offset_ms > $3 OR (epoch_ms(time) + id_offset_ms = $3 AND id_seq > $4))
ORDER BY epoch_ms(time) + id_offset_ms, id_seq
"""


class MessageQuestion(NamedTuple):
    """Which archived messages are asked for."""

    topic_filter: str = "#"
    text: str = ""
    """Only payloads that contain this."""
    after: str = BEGINNING
    since_ms: int | None = None
    until_ms: int | None = None
    limit: int = 100


def find_messages(history: History, asked: MessageQuestion) -> tuple[list[Message], bool]:
    """Archived messages behind an id, oldest first, and whether there are more; as `ask`."""
    if "messages" not in _chosen(history, asked.since_ms, asked.until_ms):
        return [], False
    after = (min(number, LARGEST) for number in StreamId.parse(asked.after))
    question = Question(
        f"{_MESSAGES} LIMIT {asked.limit + 1:d}",
        since_ms=asked.since_ms,
        until_ms=asked.until_ms,
        max_rows=asked.limit,
        parameters=(filter_pattern(asked.topic_filter), asked.text, *after),
    )
    found = ask(history, question)
    return list(map(_message, found.rows)), found.cut


def _message(row: list[Any]) -> Message:
    message_id, topic, payload, qos, retain, dup, recorded_at, session = row
    return Message(topic, b64decode(payload), message_id, qos, retain, dup, recorded_at, session)


def filter_pattern(topic_filter: str) -> str:
    """The regular expression of the topics that an MQTT filter matches, whole."""
    levels = topic_filter.split("/")
    deep = levels[-1] == "#"
    kept = levels[:-1] if deep else levels
    if not kept:
        return r"([^$](.|\n)*)?"
    parts = ["[^/]*" if level == "+" else re.escape(level) for level in kept]
    if kept[0] == "+":
        parts[0] = "([^$/][^/]*)?"
    return "/".join(parts) + (r"(/(.|\n)*)?" if deep else "")


def ask(history: History, question: Question, *, timeout_s: float = TIMEOUT_S) -> QuestionAnswer:
    """The answer to one SELECT over the views of query.py; `files` of the question are filled in.

    Blocking, for at most `timeout_s`. QuestionError says what is wrong with the question, or that
    it takes too long or too much memory, and how to narrow it. A file that cannot be read is named
    in the `faults` of the history, and the rest answers.
    """
    until = clock.monotonic() + timeout_s
    damaged: set[Path] = set()
    while True:
        found = _chosen(history, question.since_ms, question.until_ms, damaged)
        left_s = max(0.1, until - clock.monotonic())
        try:
            return _answer(found, question, left_s, timeout_s)
        except QuestionError as error:
            paths = (path for files in found.values() for path, _ in files)
            named = {path for path in paths if str(path.resolve()) in str(error)}
            if not named:
                raise
            damaged |= named


def _answer(
    found: Mapping[str, Sequence[tuple[Path, ArchiveFile]]],
    question: Question,
    left_s: float,
    timeout_s: float,
) -> QuestionAnswer:
    paths = {view: tuple(str(path.resolve()) for path, _ in files) for view, files in found.items()}
    question = replace(question, files=paths)
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
            timeout=left_s,
            check=False,
            env=env,
        )
    except subprocess.TimeoutExpired:
        raise QuestionError(f"no answer within {timeout_s:.0f} s: {narrower}") from None
    return _read(done, narrower)


def _chosen(
    history: History, since_ms: int | None, until_ms: int | None, damaged: Collection[Path] = ()
) -> dict[str, list[tuple[Path, ArchiveFile]]]:
    found: dict[str, list[tuple[Path, ArchiveFile]]] = {}
    for day in history.days():
        for file in day.files:
            early = since_ms is not None and file.last_ms < since_ms
            late = until_ms is not None and file.first_ms >= until_ms
            path = history.root / day.day / file.name
            if early or late:
                continue
            if path in damaged or not path.is_file():
                wrong = "is damaged" if path in damaged else "is missing"
                history.note_fault(ArchiveError(f"{path} {wrong}"))
                continue
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
