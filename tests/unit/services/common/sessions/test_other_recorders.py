"""What other recorders wrote is read as a session: databases, tables and text."""

import csv
import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from omf.messages.message import Message
from services.common.sessions.files import Damaged, Recorded, SessionError, read
from services.ui.features.messages.downloads import COLUMNS, csv_line

AT = 1_754_560_000.5
STATE = '{"a": "b, c\n\\"d\\""}'


def recorded(path: Path) -> list[Recorded]:
    return [one for one in read(path) if isinstance(one, Recorded)]


def damaged(path: Path) -> list[Damaged]:
    return [one for one in read(path) if isinstance(one, Damaged)]


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def database(path: Path, table: str, columns: str, *rows: tuple[object, ...]) -> Path:
    marks = ", ".join("?" for _ in columns.split(","))
    with closing(sqlite3.connect(path)) as base, base:
        base.execute("CREATE TABLE about (key TEXT, value TEXT)")
        base.execute(f'CREATE TABLE "{table}" ({columns})')
        base.executemany(f'INSERT INTO "{table}" VALUES ({marks})', rows)  # noqa: S608 - ours
    return path


def test_the_session_of_an_earlier_dashboard(tmp_path: Path) -> None:
    path = database(
        tmp_path / "old.db",
        "mqtt_messages",
        "id, timestamp, direction, topic, payload, qos, retained, message_id",
        (1, "2026-08-07T09:11:27.016000", "received", "ccu/state", STATE, 1, 0, "x"),
        (2, "2026-08-07T09:11:28", "sent", "ccu/order", b"\xff\x00", 2, 1, "y"),
        (3, "never", "sent", "ccu/order", "{}", 0, 0, "z"),
        (4, "2026-08-07T09:11:29", "sent", "ccu/#", "{}", 0, 0, "z"),
        (5, 1786000000, "sent", "a/b", 17, 0, None, "z"),
    )
    first, second, third = recorded(path)
    assert first[1:5] == ("ccu/state", STATE.encode(), 1, False)
    assert second[1:5] == ("ccu/order", b"\xff\x00", 2, True)
    assert (third.at, third.payload) == (1786000000, b"17")
    assert [one.line for one in damaged(path)] == [3, 4]


@pytest.mark.parametrize("columns", ["topic, payload", "ts, topic", "ts, payload"])
def test_a_database_without_messages_says_what_it_lacks(tmp_path: Path, columns: str) -> None:
    path = database(tmp_path / "any.db", "other", columns)
    with pytest.raises(SessionError, match="no table in it has columns for ts, topic, payload"):
        list(read(path))


def test_a_damaged_database_and_a_packed_one_are_refused_in_words(tmp_path: Path) -> None:
    whole = database(tmp_path / "a.db", "m", "ts, topic, payload", (AT, "a/b", "c" * 9000))
    content = whole.read_bytes()
    with pytest.raises(SessionError, match="an SQLite database"):
        list(read(written(tmp_path, "cut.db", content[:4096] + b"\xaa" * 9000)))
    with pytest.raises(SessionError, match="unpack it first"):
        list(read(written(tmp_path, "a.db.gz", gzip.compress(content))))


def test_what_our_own_list_of_messages_exports(tmp_path: Path) -> None:
    sent = (
        Message("module/v1/ff/X/state", STATE.encode(), "1754560000500-0", 1, retain=True),
        Message("a/b", b"=1+1", "1754560001500-0", 0, retain=False),
    )
    path = tmp_path / "messages.csv"
    head = ",".join(COLUMNS)
    path.write_text(f"\ufeff{head}\r\n{''.join(map(csv_line, sent))}", "utf-8", newline="")
    assert recorded(path) == [
        Recorded(1754560000.5, sent[0].topic, sent[0].payload, 1, retain=True),
        Recorded(1754560001.5, "a/b", b"=1+1", 0, retain=False),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_by_the_names_of_its_columns(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "table.csv"
    with path.open("w", newline="") as file:
        out = csv.writer(file, delimiter=delimiter)
        out.writerow(["Topic", "Received At", "Message", "QoS"])
        out.writerows(
            [["a/b", AT, STATE, 1], ["a/b"], ["a/c", "soon", "{}", 0], ["a/d", AT, "", 2]]
        )
    assert recorded(path) == [Recorded(AT, "a/b", STATE.encode(), 1), Recorded(AT, "a/d", b"", 2)]
    why = {one.line: one.why for one in damaged(path)}
    assert [word.partition(":")[0] for word in why.values()] == [
        "1 cells, and the head names more",
        "ts",
    ]


def test_text_of_mosquitto_sub_with_times(tmp_path: Path) -> None:
    lines = '2026-08-07T09:11:27+0000 a/b {"x": 1}\n1786000000.5 c/d \n\nno line\n'
    path = written(tmp_path, "sub.txt", lines)
    assert recorded(path) == [
        Recorded(1786093887.0, "a/b", b'{"x": 1}'),
        Recorded(1786000000.5, "c/d", b""),
    ]
    assert [one.line for one in damaged(path)] == [4]


def test_text_without_times_is_dated_by_its_senders_as_far_as_they_go_on(tmp_path: Path) -> None:
    lines = (
        "a/b hello\n"
        'a/c {"timestamp": "2026-08-07T09:11:27Z"}\n'
        'a/c {"timestamp": "2025-01-01T00:00:00Z"}\n'
        'a/c {"timestamp": "2999-01-01T00:00:00Z"}\n'
        'a/d {"ts": 1786093888000}\n'
    )
    path = written(tmp_path, "sub.log", lines)
    times = [one.at for one in recorded(path)]
    assert times == [1786093887.0] * 4 + [1786093888.0]


def test_text_in_which_nothing_has_a_time_is_no_session(tmp_path: Path) -> None:
    with pytest.raises(SessionError, match="no line of the file has a time"):
        list(read(written(tmp_path, "sub.log", "a/b 1\na/c 2\n")))


def test_json_lines_stay_json_lines_whatever_their_first_line_is(tmp_path: Path) -> None:
    good = '{"ts":"2026-08-07T09:11:27Z","topic":"a/b","payload":"{}"}\n'
    path = written(tmp_path, "a.jsonl", '{"ts": broken/line\n' + good)
    assert len(recorded(path)) == 1
    assert damaged(path)[0].why.startswith("no JSON")
