"""Recordings as other people's recorders wrote them: read, or refused by line and key."""

import bz2
import codecs
import gzip
import json
import lzma
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli import app
from services.common.sessions import files
from services.common.sessions.files import Damaged, Recorded, SessionError, read
from services.common.sessions.session_folder import DamagedSessionError, SessionFolder, plain_name
from tests.support.shared import shared_path

AT = 1786093143.1
LINE = {"ts": "2026-08-07T08:59:03.100Z", "topic": "a/b", "payload": "{}", "qos": 1}


def session(folder: Path, *rows: object, encoding: str = "utf-8") -> Path:
    path = folder / "a.jsonl"
    text = "\n".join(
        row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows
    )
    path.write_bytes(f"{text}\n".encode(encoding))
    return path


def only(path: Path) -> Recorded:
    (found,) = read(path)
    assert isinstance(found, Recorded), found
    return found


def without(key: str, **changes: object) -> dict[str, object]:
    return {k: v for k, v in LINE.items() if k != key} | changes


@pytest.mark.parametrize(
    ("name", "messages", "damaged"),
    [
        ("deep.jsonl.gz", 2, [2]),
        ("mosquitto-sub-j.jsonl", 2, []),
        ("recorder-timestamp-key.log", 3, []),
        ("retain-as-text.jsonl", 2, []),
        ("topic-escape.jsonl", 1, []),
    ],
)
def test_recordings_of_real_users_are_read(name: str, messages: int, damaged: list[int]) -> None:
    found = list(read(shared_path("cases", name)))
    recorded = [item for item in found if isinstance(item, Recorded)]
    assert len(recorded) == messages
    assert [item.line for item in found if isinstance(item, Damaged)] == damaged
    assert not any(item.retain for item in recorded)


@pytest.mark.parametrize(
    "told",
    [
        {"ts": "2026-08-07T08:59:03.100Z"},
        {"timestamp": "2026-08-07T08:59:03.100Z"},
        {"tst": "2026-08-07T10:59:03.100000+0200"},
        {"time": "2026-08-07 08:59:03.1"},
        {"ts": AT},
        {"timestamp": 1786093143100},
        {"tst": 1786093143100000},
        {"ts": 1786093143100000000},
        {"ts": "1786093143100"},
    ],
)
def test_the_time_is_found_under_the_keys_of_the_common_recorders(
    tmp_path: Path, told: dict[str, object]
) -> None:
    found = only(session(tmp_path, without("ts", **told)))
    assert found.at == pytest.approx(AT, abs=1e-3)


@pytest.mark.parametrize(
    ("told", "retained"),
    [
        *((value, False) for value in (False, 0, "false", "False", "0", "", None)),
        *((value, True) for value in (True, 1, "true", "TRUE", "1")),
    ],
)
def test_what_was_retained_may_be_told_as_text_or_number(
    tmp_path: Path, told: object, retained: object
) -> None:
    assert only(session(tmp_path, LINE | {"retain": told})).retain is retained


@pytest.mark.parametrize(("told", "qos"), [("1", 1), (2, 2), (0.0, 0), (None, 0)])
def test_the_qos_may_be_told_as_text(tmp_path: Path, told: object, qos: int) -> None:
    assert only(session(tmp_path, LINE | {"qos": told})).qos == qos


@pytest.mark.parametrize(
    ("told", "payload"),
    [
        ({"payload": {"a": [1, "ü"]}}, '{"a":[1,"ü"]}'),
        ({"payload": []}, "[]"),
        ({"payload": 21.5}, "21.5"),
        ({"payload": False}, "false"),
        ({"payload": None, "payloadlen": 0}, ""),
        ({"payload": ""}, ""),
    ],
)
def test_a_payload_may_be_told_as_a_json_value(
    tmp_path: Path, told: dict[str, object], payload: str
) -> None:
    assert only(session(tmp_path, without("payload", **told))).payload == payload.encode()


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (without("topic"), "the key topic is missing"),
        (LINE | {"topic": 7}, "topic: 7 is no text"),
        (LINE | {"topic": "a/+"}, "topic: "),
        (without("ts"), "a time is missing: none of the keys ts, timestamp"),
        (LINE | {"ts": "yesterday"}, 'ts: "yesterday" is no time'),
        (without("ts", timestamp=True), "timestamp: true is no time"),
        (LINE | {"ts": -1}, "ts: -1 is no time between 1970"),
        ('{"ts":NaN,"topic":"a","payload":""}', "ts: NaN is no time"),
        ('{"ts":1e999,"topic":"a","payload":""}', "ts: Infinity is no time"),
        (LINE | {"ts": "0001-01-01T00:00:00+14:00"}, "ts: "),
        (without("payload"), "the key payload is missing"),
        (LINE | {"payload": None}, 'an empty payload is ""'),
        ('{"ts":1,"topic":"a","payload":[NaN]}', "payload: a number in it is none of JSON"),
        (LINE | {"payload_base64": "!"}, "payload_base64: "),
        (LINE | {"payload_base64": 7}, "payload_base64: 7 is no text"),
        (LINE | {"qos": 3}, "qos: 3 is none of 0, 1, 2"),
        (LINE | {"qos": True}, "qos: true is none of 0, 1, 2"),
        (LINE | {"qos": 0.5}, "qos: 0.5 is none of 0, 1, 2"),
        (LINE | {"qos": "high"}, 'qos: "high" is none of 0, 1, 2'),
        (LINE | {"retain": "maybe"}, 'retain: "maybe" is neither true nor false'),
        (LINE | {"retain": 2}, "retain: 2 is neither true nor false"),
        (LINE | {"retain": []}, "retain: [] is neither true nor false"),
        ("[" * 200_000, "nested too deeply"),
        ('{"a":' * 200_000, "nested too deeply"),
        ("a/b {}", "no JSON: "),
        ("[1,2]", "no JSON object"),
        ("9" * 5000, "limit"),
    ],
)
def test_a_damaged_line_is_named_with_its_key(tmp_path: Path, row: object, why: str) -> None:
    first, damaged, last = read(session(tmp_path, LINE, row, LINE))
    assert isinstance(damaged, Damaged)
    assert damaged.line == 2
    assert why in damaged.why
    assert first == last


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("array", [False, True])
def test_the_encodings_of_other_systems_are_recognised(
    tmp_path: Path, encoding: str, *, array: bool
) -> None:
    rows = [LINE | {"payload": '{"größe": "Ω\u2028 😀"}'}] * 3
    lines = [json.dumps(rows, indent=1)] if array else rows
    path = session(tmp_path, *lines, encoding=encoding)
    assert [item.payload.decode() for item in read(path) if isinstance(item, Recorded)] == [
        '{"größe": "Ω\u2028 😀"}'
    ] * 3


@pytest.mark.parametrize("end", ["]", ",\n]", ',\n{"ts":"2026', ",", ""])
def test_an_array_cut_off_or_ill_ended_is_read_as_far_as_it_goes(tmp_path: Path, end: str) -> None:
    path = tmp_path / "a.json"
    row = json.dumps(LINE)
    path.write_text(f"[\n{row},\n{row}{end}")
    found = list(read(path))
    assert [one.topic for one in found if isinstance(one, Recorded)] == ["a/b"] * 2
    assert [one.line for one in found if isinstance(one, Damaged)] == ([4] if "ts" in end else [])


def test_an_array_too_large_to_be_read_as_a_whole_is_read_line_by_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_ARRAY_BYTES", 50)
    path = tmp_path / "a.json"
    path.write_text("[" + ",\n".join([json.dumps(LINE)] * 3) + "]\n")
    assert [type(one) for one in read(path)] == [Recorded] * 3


@pytest.mark.parametrize(
    "row",
    [
        {"payload": {"type": "Buffer", "data": [91, 93]}},
        {"payload": "[]", "payload_base64": None},
        {"payload": None, "payload_base64": "W10="},
        {"payload": "[]", "ts": None, "timestamp": LINE["ts"]},
        {"payload": "[]", "ts": None, "tst": None, "time": LINE["ts"]},
    ],
)
def test_null_says_nothing_and_a_buffer_is_its_bytes(
    tmp_path: Path, row: dict[str, object]
) -> None:
    found = only(session(tmp_path, LINE | row))
    assert (found.payload, found.at) == (b"[]", only(session(tmp_path, LINE)).at)


@pytest.mark.parametrize("octets", [[256], ["x"], [1.5]])
def test_a_buffer_of_no_bytes_is_named(tmp_path: Path, octets: list[object]) -> None:
    path = session(tmp_path, LINE, LINE | {"payload": {"type": "Buffer", "data": octets}})
    _, damaged = read(path)
    assert damaged == Damaged(2, "payload: the data of the Buffer are no bytes")


def test_text_that_breaks_its_encoding_is_said_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    whole = f"{json.dumps(LINE)}\n".encode("utf-16-le")
    path.write_bytes(codecs.BOM_UTF16_LE + whole * 2 + b"\x00\xd8\x00")
    with pytest.raises(SessionError, match=r"after line \d"):
        list(read(path))
    path.write_bytes(json.dumps(LINE).encode() + b"\n" + b'{"topic":"\xff"}\n')
    assert [item.why for item in read(path) if isinstance(item, Damaged)] == ["no UTF-8 at byte 11"]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_packed_files_are_known_by_their_content_not_their_name(
    tmp_path: Path, pack: object
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(pack(json.dumps(LINE).encode()))  # type: ignore[operator]
    assert only(path).topic == "a/b"


@pytest.mark.parametrize(
    ("begin", "named"),
    [
        (b"PK\x03\x04....", "ZIP"),
        (b"\x28\xb5\x2f\xfd....", "zstd"),
        (b"SQLite format 3\x00", "SQLite"),
        (b"PAR1....", "Parquet"),
    ],
)
def test_what_is_no_session_is_refused_by_name(tmp_path: Path, begin: bytes, named: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(begin)
    with pytest.raises(SessionError, match=named):
        list(read(path))


def test_a_line_without_end_costs_no_memory_and_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_LINE_BYTES", 200)
    path = session(tmp_path, LINE, "x" * 5000, LINE)
    first, damaged, last = read(path)
    assert damaged == Damaged(2, "longer than 200 bytes")
    assert first == last


@pytest.mark.parametrize("content", [b"", b"\n\n", b'{"_kind":"session_meta"}\n', b"[]", b"{}"])
def test_a_file_without_a_message_is_an_error_everywhere(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    with pytest.raises(SessionError, match="holds no message"):
        list(read(path))
    with pytest.raises(SessionError, match="holds no message"):
        SessionFolder(tmp_path / "library").add(path, "a", skip_damaged=True)
    for command in ("analyse", "schema", "replay"):
        more = ["--broker", "mqtt://127.0.0.1:9"] if command == "replay" else []
        result = CliRunner().invoke(app, [command, str(path), *more])
        assert result.exit_code == 1, command
        assert "holds no message" in result.output


def test_the_first_damaged_line_explains_why_there_is_no_message(tmp_path: Path) -> None:
    path = session(tmp_path, {"_kind": "meta"}, LINE | {"ts": "noon"}, LINE | {"qos": 9})
    with pytest.raises(SessionError, match='line 2: ts: "noon" is no time'):
        list(read(path))


def test_an_import_names_the_damaged_lines(tmp_path: Path) -> None:
    library = SessionFolder(tmp_path / "library")
    path = session(tmp_path, LINE, LINE | {"retain": "maybe"})
    with pytest.raises(DamagedSessionError) as error:
        library.add(path, "a")
    assert [item.line for item in error.value.damaged] == [2]
    assert [item.line for item in library.add(path, "a", skip_damaged=True)] == [2]
    assert only(library.path("a")).topic == "a/b"


@pytest.mark.parametrize("name", ["day.jsonl", "day.jsonl.gz", "day.log", "day.ndjson"])
def test_the_name_in_the_library_is_without_the_ending(name: str) -> None:
    assert plain_name(Path(name)) == "day"
