"""`omf history` of an archive that no historian writes at the moment."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from services.cli import app
from services.common.process import clock
from services.history.reader import History
from tests.support.archives import HOUR_MS, LDR, START_MS, filled, lights, merged

SAID = lights(200, every_ms=60_000)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    merged(filled(tmp_path / "history" / "mock", SAID))
    return tmp_path


def omf(data: Path, *words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["history", *words, "--run", str(data)])
    return done.exit_code, done.stdout, done.stderr


def told(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def test_the_list_says_what_each_day_and_kind_holds(data: Path) -> None:
    code, text, _ = omf(data, "list", "--json")
    assert code == 0
    day, *kinds = told(text)
    assert (day["day"], day["messages"], day["missing"]) == ("2026-05-13", 200, 0)
    assert {row["kind"]: row["rows"] for row in kinds}["camera"] == 66
    assert all(row["full_in"] for row in kinds if row["kind"] in {"camera", "messages"})
    assert sum(row["bytes"] for row in kinds) == day["bytes"]
    code, text, _ = omf(data, "list")
    assert "2026-05-13" in text
    assert "camera" in text


def test_messages_are_narrowed_by_topic_time_text_and_number(data: Path) -> None:
    since, until = clock.iso(START_MS / 1000), clock.iso((START_MS + HOUR_MS) / 1000)
    words = ("messages", "--topic", LDR, "--from", since, "--to", until, "--json")
    code, text, _ = omf(data, *words)
    assert code == 0
    assert [row["id"] for row in told(text)] == [m.id for m in SAID[:60:3]]
    assert told(text)[0]["direction"] == "from_factory"
    code, text, _ = omf(data, "messages", "--text", '"ldr": 17,', "--json")
    assert [row["id"] for row in told(text)] == [SAID[17].id]
    code, text, _ = omf(data, "messages", "-n", "3")
    assert text.count("\n") == 3


def test_messages_are_narrowed_by_an_expression_and_a_field_newest_first(data: Path) -> None:
    code, text, _ = omf(data, "messages", "--regex", '"ldr": 1[78],', "--newest", "--json")
    assert code == 0
    assert [row["id"] for row in told(text)] == [SAID[18].id, SAID[17].id]
    code, text, _ = omf(data, "messages", "--where", "ldr>=197", "--topic", LDR, "--json")
    assert [row["id"] for row in told(text)] == [SAID[198].id]


def test_fields_and_values_are_told_as_lines_and_as_json(data: Path) -> None:
    code, text, _ = omf(data, "fields", "--topic", LDR, "--json")
    assert code == 0
    assert [(row["path"], row["numbers"]) for row in told(text)] == [("br", 67), ("ldr", 67)]
    assert "ldr" in omf(data, "fields")[1]
    code, text, _ = omf(data, "values", LDR, "ldr", "--json")
    assert [row["value"] for row in told(text)] == list(range(0, 200, 3))
    code, text, _ = omf(data, "values", LDR, "ldr", "--columns", "2", "--json")
    assert [(row["low"], row["high"]) for row in told(text)] == [(0, 99), (102, 198)]
    assert omf(data, "values", LDR, "ldr")[1].count("\n") == 67
    assert omf(data, "values", LDR, "nothing")[:2] == (0, "")


@pytest.mark.parametrize("form", ["csv", "flat", "jsonl", "parquet"])
def test_what_is_found_is_written_as_a_file(data: Path, form: str) -> None:
    for words in (["messages", "--topic", LDR], ["values", LDR, "ldr"]):
        asked = ["history", *words, "--format", form, "--run", str(data)]
        done = CliRunner().invoke(app, asked)
        assert done.exit_code == 0
        begins = {"parquet": b"PAR1", "jsonl": b"{"}.get(form, b"\xef\xbb\xbfreceived_at,")
        assert done.stdout_bytes.startswith(begins)
        if form != "parquet":
            assert done.stdout_bytes.count(b"\n") == 67 + (form != "jsonl")


@pytest.mark.parametrize(
    "words",
    [
        ("--topic", "a/#/b"),
        ("--from", "someday"),
        ("-n", "0"),
        ("--regex", "("),
        ("--where", "ldr < x"),
        ("--format", "xls"),
    ],
)
def test_what_cannot_be_asked_is_refused_at_sight(data: Path, words: tuple[str, str]) -> None:
    assert omf(data, "messages", *words)[0] == 2


def test_without_an_archive_it_says_so(tmp_path: Path) -> None:
    for words in (("list",), ("messages",), ("verify", "--no-journal")):
        code, _, error = omf(tmp_path, *words)
        assert code == 1
        assert str(tmp_path / "history" / "mock") in error


def test_verify_finds_the_archive_whole_and_names_what_is_damaged(data: Path) -> None:
    code, text, error = omf(data, "verify", "--no-journal", "--json")
    assert (code, error) == (0, "")
    [report] = told(text)
    assert (report["messages"], report["states"], report["faults"]) == (200, 2, [])
    assert report["same_in_journal"] is None
    root = data / "history" / "mock"
    [day] = History(root).days()
    victim = root / day.day / day.of("messages")[0].name
    victim.write_bytes(victim.read_bytes()[:-9] + b"x" * 9)
    code, text, error = omf(data, "verify", "--no-journal")
    assert code == 1
    assert str(victim) in error
    assert omf(data, "verify", "2020-01-01", "--no-journal")[0] == 1


def test_verify_folds_each_state_again(data: Path) -> None:
    root = data / "history" / "mock"
    [day] = History(root).days()
    lights_off = [m._replace(payload=b"{}") for m in SAID]
    for path in root.glob("*/*"):
        path.unlink()
    archive = filled(root, SAID)
    [of_day] = archive.days.values()
    # Other messages than those the states were folded of, in files that are whole.
    other = filled(data / "other", lights_off)
    [of_other] = other.days.values()
    for file in of_other.of("messages"):
        path = root / day.day / file.name
        path.write_bytes((data / "other" / day.day / file.name).read_bytes())
    files = tuple(
        next((o for o in of_other.of("messages") if o.name == f.name), f) for f in of_day.files
    )
    archive._store(of_day.model_copy(update={"files": files}))
    code, _, error = omf(data, "verify", "--no-journal")
    assert code == 1
    assert "is not the fold of the messages before it" in error


def test_a_question_is_answered_and_a_wrong_one_says_why(data: Path) -> None:
    counted = "SELECT topic, count(*) AS n FROM messages GROUP BY topic ORDER BY topic"
    code, text, _ = omf(data, "query", counted, "--json")
    assert code == 0
    assert [row["n"] for row in told(text)] == [67, 66, 67]
    code, text, error = omf(data, "query", "SELECT id FROM messages", "-n", "3")
    assert text.splitlines()[0].strip() == "id"
    assert "more rows than 3" in error
    code, _, error = omf(data, "query", "SELECT nothing FROM messages")
    assert code == 1
    assert "nothing" in error


def test_an_archive_is_copied_while_it_grows_and_again_only_what_is_new(
    data: Path, tmp_path: Path
) -> None:
    target = tmp_path / "copies"
    code, text, error = omf(data, "copy", str(target), "--json")
    assert (code, error) == (0, "")
    [first] = told(text)
    assert first["files"] == sum(len(d.files) for d in History(target / "mock").days()) > 3
    assert [row.message for row in History(target / "mock").messages()] == SAID
    _, text, _ = omf(data, "copy", str(target), "--json")
    assert told(text)[0]["files"] == 0
    more = lights(20, START_MS + 5 * HOUR_MS)
    merged(filled(data / "history" / "mock", more))
    _, text, _ = omf(data, "copy", str(target), "--json")
    assert 0 < told(text)[0]["files"] < 10
    copy = History(target / "mock")
    assert [row.message for row in copy.messages()] == [*SAID, *more]
    there = {path.name for path in (target / "mock").glob("*/*.parquet")}
    assert there == {file.name for day in copy.days() for file in day.files}
    code, _, error = omf(data, "copy", str(data / "history"))
    assert code == 1
    assert "not into itself" in error


def test_a_damaged_file_ends_a_copy_that_stays_what_it_was(data: Path, tmp_path: Path) -> None:
    root = data / "history" / "mock"
    [day] = History(root).days()
    victim = root / day.day / day.of("messages")[0].name
    victim.write_bytes(victim.read_bytes()[:-9] + b"x" * 9)
    code, _, error = omf(data, "copy", str(tmp_path / "copies"))
    assert code == 1
    assert f"{victim} is damaged" in error
    assert not History(tmp_path / "copies" / "mock").days()
