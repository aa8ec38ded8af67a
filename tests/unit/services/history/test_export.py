"""Files made of the archive: whole, in order, harmless to a spreadsheet, and honest when cut."""

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from omf.messages.message import Message
from services.history import export, tables
from services.history.export import FORMATS, export_messages, export_values
from services.history.field_search import FieldName
from services.history.message_search import MessageQuestion
from services.history.questions import QuestionError
from services.history.reader import History
from services.history.rows import ArchivedMessage
from tests.support.archives import LDR, START_MS, filled, lights, merged

EVIL = '=HYPERLINK("http://x")'
SAID = lights(90, every_ms=60_000)
ONE = {"a": EVIL, "b": {"-c": -1.50}, "l": [1, None]}
MORE = [
    Message(
        "evil/one",
        json.dumps({"a": EVIL, "b": {"-c": -1.50}, "l": [1, None]}).encode(),
        f"{START_MS + 5}-0",
    ),
    Message("evil/two", b"=1+1", f"{START_MS + 6}-0"),
    Message("evil/two", b"\xff\x00", f"{START_MS + 8}-0"),
]
WHOLE = sorted([*SAID, *MORE], key=lambda one: tuple(map(int, one.id.split("-"))))


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    root = tmp_path_factory.mktemp("exported")
    merged(filled(root, WHOLE))
    return History(root)


def records(pieces: Iterator[bytes]) -> list[list[str]]:
    text = b"".join(pieces).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def test_csv_has_each_message_and_no_formula(history: History) -> None:
    head, *rows = records(export_messages(history, MessageQuestion(limit=3), "csv"))
    assert tuple(head) == export.MESSAGE_COLUMNS
    assert [row[6] for row in rows] == [m.id for m in WHOLE]
    assert "'=1+1" in [row[7] for row in rows]


def test_flat_csv_has_a_column_for_each_field_and_no_formula(history: History) -> None:
    head, *rows = records(export_messages(history, MessageQuestion("evil/#"), "flat"))
    assert head == [*export.FLAT_COLUMNS, "a", "b.-c", "l[0]", "l[1]"]
    assert rows[0][3:] == [f"'{EVIL}", "-1.5", "1", "null"]
    assert [row[3:] for row in rows[1:]] == [[""] * 4] * 2
    both = records(export_messages(history, MessageQuestion(LDR, newest_first=True), "flat"))
    assert both[0] == [*export.FLAT_COLUMNS, "ts", "ldr", "br"]
    assert [row[4] for row in both[1:]] == [str(n) for n in range(87, -1, -3)]


def test_a_name_of_a_field_is_no_formula_either(tmp_path: Path) -> None:
    payload = json.dumps({"=cmd()": 1}).encode()
    filled(tmp_path, [Message("x", payload, f"{START_MS}-0")])
    head, row = records(export_messages(History(tmp_path), MessageQuestion(), "flat"))
    assert (head[3], row[3]) == ("'=cmd()", "1")


def test_too_many_fields_are_refused_before_the_file_begins(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MAX_FLAT_COLUMNS", 2)
    with pytest.raises(QuestionError, match="narrow"):
        export_messages(history, MessageQuestion(), "flat")


def test_jsonl_is_a_session_and_parquet_a_file_of_the_archive(
    history: History, tmp_path: Path
) -> None:
    lines = b"".join(export_messages(history, MessageQuestion(LDR), "jsonl")).splitlines()
    assert [json.loads(one)["payload"] for one in lines] == [m.payload.decode() for m in SAID[::3]]
    path = tmp_path / "x.parquet"
    path.write_bytes(b"".join(export_messages(history, MessageQuestion(), "parquet")))
    table = pq.read_table(path)
    assert table.schema.equals(tables.schema_of("messages"))
    assert [row.message for row in tables.archived_messages(table)] == WHOLE


@pytest.mark.parametrize("export_format", FORMATS)
def test_values_of_a_field(history: History, tmp_path: Path, export_format: Any) -> None:
    whole = b"".join(export_values(history, FieldName(LDR, "ldr"), None, None, export_format))
    wanted = [float(n) for n in range(0, 90, 3)]
    if export_format == "parquet":
        (tmp_path / "v").write_bytes(whole)
        assert pq.read_table(tmp_path / "v")["number"].to_pylist() == wanted
    elif export_format == "jsonl":
        assert [json.loads(line)["value"] for line in whole.splitlines()] == wanted
    else:
        found = records(iter([whole]))
        assert tuple(found[0]) == export.VALUE_COLUMNS
        assert [float(row[4]) for row in found[1:]] == wanted


@pytest.mark.parametrize("export_format", FORMATS)
def test_nothing_found_is_a_whole_and_empty_file(history: History, export_format: Any) -> None:
    whole = b"".join(export_messages(history, MessageQuestion("no/such"), export_format))
    assert b"not whole" not in whole
    assert (export_format == "jsonl") == (not whole)


@pytest.mark.parametrize("export_format", FORMATS)
def test_a_wrong_question_is_refused_before_the_file_begins(
    history: History, export_format: Any
) -> None:
    with pytest.raises(QuestionError):
        export_messages(history, MessageQuestion(regex="("), export_format)


@pytest.mark.parametrize("export_format", ["csv", "jsonl", "parquet"])
def test_a_file_that_breaks_off_says_so(
    history: History, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, export_format: Any
) -> None:
    def broken(*_: object) -> Iterator[ArchivedMessage]:
        yield ArchivedMessage(SAID[0])
        raise QuestionError("no answer within 2 s")

    monkeypatch.setattr(export, "_messages", broken)
    pieces = export_messages(history, MessageQuestion(), export_format)
    if export_format == "parquet":
        with pytest.raises(QuestionError):
            (tmp_path / "cut").write_bytes(b"".join(pieces))
        return
    last = b"".join(pieces).decode().splitlines()[-1]
    assert re.search("not whole.*after 1 rows", last)


def test_memory_is_bounded_by_the_pieces(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "CHUNK_BYTES", 500)
    monkeypatch.setattr(export, "EXPORT_BATCH_ROWS", 10)
    assert max(map(len, export_messages(history, MessageQuestion(LDR), "csv"))) < 1000
    assert len(list(export_messages(history, MessageQuestion(LDR), "parquet"))) == 4
