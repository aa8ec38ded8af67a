"""Which archived messages are asked for, and how they are found: part by part, told as found."""

import re
from base64 import b64decode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from omf.messages.message import Message
from omf.messages.regular_expression import RegexError, compiled
from omf.messages.stream_id import StreamId
from omf.topics import filters
from services.common.store.journal import BEGINNING
from services.history.field_condition import condition_sql
from services.history.manifest import ArchiveFile
from services.history.query import Question
from services.history.questions import (
    TIMEOUT_S,
    AnswerEnd,
    QuestionError,
    ReadSoFar,
    RowsAgain,
    RunningQuestion,
    WrongQuestionError,
    chosen,
)
from services.history.reader import History
from services.history.retention import DAY_MS
from services.history.rows import ArchivedMessage

LARGEST = 2**63 - 1
"""Number of a column; no id reaches it."""
PART_BYTES = 48_000_000
"""Unpacked messages that are searched at once: some hours of the factory, less than a second."""
QUICK_PARTS, GROWN = 4, 8
"""After so many parts of that size they are so many times larger."""
FEW = 1000
"""Messages of which a large part can be ordered in little memory."""
SAMPLED = 3
"""Files from which is told how much of all messages a topic filter takes."""
Found = tuple[Path, ArchiveFile]


class MessageQuestion(NamedTuple):
    """Which archived messages are asked for."""

    topic_filter: str = "#"
    text: str = ""
    """Only messages whose payload or properties contain this."""
    after: str = BEGINNING
    """Only messages behind this id; files that end before it are not read."""
    since_ms: int | None = None
    until_ms: int | None = None
    limit: int = 100
    regex: str = ""
    """Only messages in whose payload or properties this regular expression (RE2) is found."""
    where: str = ""
    """Only payloads with such a field: `path op value` (omf/messages/field_condition.py)."""
    newest_first: bool = False
    before: str = ""
    """Only messages in front of this id."""


@dataclass(frozen=True)
class SearchCost:
    """What a question would read at most, as the manifests and a sample of the files tell."""

    files: int
    days: float
    """Between the oldest and the newest message that is looked at."""
    read_bytes: int
    """Of payloads and topics, unpacked; what no file has to be opened for is not counted."""


def find_messages(
    history: History, asked: MessageQuestion, *, timeout_s: float = TIMEOUT_S
) -> tuple[list[Message], bool]:
    """Archived messages behind an id, oldest first, and whether there are more; as `ask`."""
    search = MessageSearch(history, asked, timeout_s=timeout_s)
    found = [line.message for line in search.lines() if isinstance(line, ArchivedMessage)]
    return found, search.cut


class MessageSearch:
    """One search under way; made, asked and read by one thread, stopped by any."""

    def __init__(
        self, history: History, asked: MessageQuestion, *, timeout_s: float = TIMEOUT_S
    ) -> None:
        """QuestionError if the question is none; nothing is read yet."""
        self.cut = False
        """There are more messages than asked for; known when `lines` has ended."""
        files = searched_files(history, asked)
        few = asked.limit <= FEW
        parts = list(_parts(files, newest_first=asked.newest_first, growing=few))
        self._empty = not parts
        question = _question(asked, parts)
        self._running = RunningQuestion(
            history, question, timeout_s=timeout_s, found={"messages": files}
        )

    def stop(self) -> None:
        """End it: `lines` raises QuestionStoppedError."""
        self._running.stop()

    def lines(self) -> Iterator[ArchivedMessage | ReadSoFar]:
        """What is found, in order, and between how far the search is."""
        if self._empty:
            return
        head = True
        for line in self._running.lines():
            if isinstance(line, AnswerEnd):
                self.cut = line.cut
            elif isinstance(line, ReadSoFar):
                yield line
            elif isinstance(line, RowsAgain):
                raise QuestionError("a file was damaged while it was read; ask again")
            elif head:
                head = False
            else:
                yield _archived(line)


def cost(history: History, asked: MessageQuestion) -> SearchCost:
    """What the question would read at most; blocking for a few files."""
    files = searched_files(history, asked)
    if not files:
        return SearchCost(0, 0.0, 0)
    first = max(min(file.first_ms for _, file in files), asked.since_ms or 0)
    last = max(file.last_ms for _, file in files)
    last = last if asked.until_ms is None else min(last, asked.until_ms)
    share = _share(history, files, asked.topic_filter)
    whole = sum(file.raw_bytes for _, file in files)
    return SearchCost(len(files), max(0.0, (last - first) / DAY_MS), round(whole * share))


def _share(history: History, files: Sequence[Found], topic_filter: str) -> float:
    """How much of the messages is of these topics, by some files evenly taken from all."""
    if topic_filter == "#":
        return 1.0
    taken = files[:: max(1, len(files) // SAMPLED)][:SAMPLED]
    sampled = RunningQuestion(
        history,
        Question(_SHARE, parameters=(filters.pattern(topic_filter),)),
        found={"messages": taken},
    )
    rows = [line for line in sampled.lines() if isinstance(line, list)]
    part, whole = rows[1]
    return (part or 0) / whole if whole else 1.0


_SHARE = """
SELECT sum(octet_length(payload) + strlen(topic)) FILTER (WHERE regexp_full_match(topic, $1)),
  sum(octet_length(payload) + strlen(topic)) FROM messages
"""


def searched_files(history: History, asked: MessageQuestion) -> list[Found]:
    """The files a question has to look into, oldest first."""
    after = StreamId.parse(asked.after)
    before = StreamId.parse(asked.before) if asked.before else None

    def wanted(file: ArchiveFile) -> bool:
        early = StreamId.parse(file.last) <= after
        return not early and (before is None or StreamId.parse(file.first) < before)

    found = chosen(history, asked.since_ms, asked.until_ms, ["messages"], wanted)
    return sorted(found.get("messages", []), key=lambda one: StreamId.parse(one[1].first))


def _parts(files: Sequence[Found], *, newest_first: bool, growing: bool) -> Iterator[list[Found]]:
    """Groups of files that follow each other: no message of one lies between those of another.

    Where `growing`, those behind the first few are larger: what was not found at once is searched
    with less ado.
    """
    groups = list(_apart(files))
    part: list[Found] = []
    size = count = 0
    for group in reversed(groups) if newest_first else groups:
        own = sum(file.raw_bytes for _, file in group)
        if part and size + own > PART_BYTES * (GROWN if growing and count >= QUICK_PARTS else 1):
            yield part
            part, size, count = [], 0, count + 1
        part, size = part + group, size + own
    if part:
        yield part


def _apart(files: Iterable[Found]) -> Iterator[list[Found]]:
    group: list[Found] = []
    end = StreamId(0)
    for path, file in files:
        if group and StreamId.parse(file.first) > end:
            yield group
            group = []
        group.append((path, file))
        end = max(end, StreamId.parse(file.last))
    if group:
        yield group


def _question(asked: MessageQuestion, parts: Sequence[Sequence[Found]]) -> Question:
    conditions: list[str] = []
    parameters: list[Any] = []

    def placed(value: Any) -> str:
        parameters.append(value)
        return f"${len(parameters)}"

    conditions += _topics(asked.topic_filter, placed)
    if asked.after != BEGINNING:
        conditions.append(_beside(asked.after, ">", placed))
    if asked.before:
        conditions.append(_beside(asked.before, "<", placed))
    if asked.text:
        wanted = placed(asked.text)
        conditions.append(
            f"(contains(decode(payload), {wanted}) OR contains(properties, {wanted}))"
        )
    if asked.regex:
        _check_regex(asked.regex)
        pattern = placed(asked.regex)
        found = f"regexp_matches(decode(payload), {pattern})"
        conditions.append(f"({found} OR regexp_matches(properties, {pattern}))")
    if asked.where:
        conditions += condition_sql(asked.where, "decode(payload)", placed)
    where = " AND ".join(conditions) or "true"
    way = "DESC" if asked.newest_first else "ASC"
    # Conditions are made of texts of this module; what was asked for stands in the parameters.
    sql = (
        f"SELECT {_COLUMNS} FROM messages WHERE {where}"  # noqa: S608
        f" ORDER BY {_ID_MS} {way}, id_seq {way} LIMIT {asked.limit + 1:d}"
    )
    return Question(
        sql,
        since_ms=asked.since_ms,
        until_ms=asked.until_ms,
        max_rows=asked.limit,
        parameters=parameters,
        parts=[[str(path.resolve()) for path, _ in part] for part in parts],
        part_bytes=[sum(file.raw_bytes for _, file in part) for part in parts],
        otherwise=sql.replace("decode(payload)", "TRY(decode(payload))"),
    )


_ID_MS = "epoch_ms(time) + id_offset_ms"
_COLUMNS = (
    "id, topic, to_base64(payload), qos, retain, dup, recorded_at, session, properties, direction,"
    " command_id"
)


def _beside(message_id: str, sign: str, placed: Any) -> str:
    ms, sequence = (min(number, LARGEST) for number in StreamId.parse(message_id))
    at = placed(ms)
    return f"({_ID_MS} {sign} {at} OR ({_ID_MS} = {at} AND id_seq {sign} {placed(sequence)}))"


def _topics(topic_filter: str, placed: Any) -> list[str]:
    """Files are sorted by topic: a whole topic, or how it begins, leaves most of them unread."""
    if topic_filter == "#":
        return ["NOT starts_with(topic, '$')"]
    begin = re.split(r"[+#]", topic_filter, maxsplit=1)[0]
    if begin == topic_filter:
        return [f"topic = {placed(topic_filter)}"]
    conditions = [f"regexp_full_match(topic, {placed(filters.pattern(topic_filter))})"]
    if deep := begin.removesuffix("/"):
        conditions.insert(0, f"topic >= {placed(deep)}")
        conditions.insert(1, f"topic < {placed(deep[:-1] + chr(ord(deep[-1]) + 1))}")
    return conditions


def _check_regex(regex: str) -> None:
    try:
        compiled(regex)
    except RegexError as error:
        raise WrongQuestionError(f"no regular expression: {error}") from error


def _archived(row: list[Any]) -> ArchivedMessage:
    message_id, topic, payload, qos, retain, dup, recorded_at, session, told, *sender = row
    said = Message(topic, b64decode(payload), message_id, qos, retain, dup, recorded_at, session)
    direction, command = sender
    said = said._replace(properties=told) if told else said
    return ArchivedMessage(said, direction or "", command or "")
