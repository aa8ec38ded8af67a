"""`omf workpieces`: of a session and of an archive, as a list, event by event, JSON and CSV."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from services.cli import app
from services.common.process import clock
from tests.support.archives import filled, merged
from tests.support.shared import recording, shared_path

SESSION = "ml-wrb-red-nok_20260807_130729"
RED = "be88d734ab51c7"


def omf(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["workpieces", *words])
    return done.exit_code, done.stdout, done.stderr


def rows(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def session() -> str:
    return str(shared_path("recordings", f"{SESSION}.jsonl.gz"))


def test_the_lives_of_a_session(session: str) -> None:
    code, text, _ = omf("--session", session)
    assert code == 0
    assert [line.split()[1:3] for line in text.splitlines()[1:]] == [
        ["RED", "rejected"],
        ["BLUE", "in_house"],
        ["WHITE", "delivered"],
    ]
    code, text, _ = omf("--session", session, "--colour", "white", "--json")
    assert [row["status"] for row in rows(text)] == ["delivered"]


def test_one_life_event_by_event(session: str) -> None:
    code, text, _ = omf(RED, "--session", session)
    assert code == 0
    assert "checked" in text
    assert "waited: MILL > AIQS 79.2 s, usual 14.0 s" in text
    [life] = rows(omf(RED, "--session", session, "--json")[1])
    assert life["result"] == "FAILED"
    assert {event["column"] for event in life["events"]} == {"order", "station", "transport"}
    assert all("surroundings" in event for event in life["events"])
    by_order = rows(omf(life["orders"][1]["order_id"], "--session", session, "--json")[1])
    assert by_order == [life]


def test_csv_has_a_row_for_each_event(session: str) -> None:
    code, text, _ = omf("--session", session, "--csv")
    assert code == 0
    read = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert {row["tag"] for row in read} == {RED, "2ffbea358ce2d4", "08148f9f8c5d47"}
    assert {row["column"] for row in read} == {"order", "station", "transport"}
    assert all(row["message_id"] for row in read)


def test_the_archive_tells_the_same(session: str, tmp_path: Path) -> None:
    said = list(recording(SESSION))
    merged(filled(tmp_path / "history" / "mock", said, 1000))
    since = clock.iso(said[0].received_at)
    code, text, _ = omf("--from", since, "--json", "--run", str(tmp_path))
    assert code == 0
    assert rows(text) == rows(omf("--session", session, "--json")[1])
    [life] = rows(omf(RED, "--from", since, "--json", "--run", str(tmp_path))[1])
    assert [life] == rows(omf(RED, "--session", session, "--json")[1])


def test_what_is_wrong_is_said(session: str, tmp_path: Path) -> None:
    code, _, text = omf("nobody", "--session", session)
    assert code == 1
    assert "Nothing is known of nobody" in text
    assert omf("--session", session, "--from", "2h")[0] == 2
    assert omf("--from", "yesterday")[0] == 2
    code, _, text = omf("--session", str(tmp_path / "missing.jsonl"))
    assert code == 1
    assert "missing.jsonl" in text


def test_the_life_record_is_a_pdf(session: str, tmp_path: Path) -> None:
    target = tmp_path / "red.pdf"
    code, text, said = omf(RED, "--session", session, "--pdf", str(target))
    assert (code, text) == (0, "")
    assert str(target) in said
    assert target.read_bytes().startswith(b"%PDF-")
    code, _, said = omf(RED, "--session", session, "--pdf", str(tmp_path / "no" / "red.pdf"))
    assert code == 1
    assert "cannot be written" in said
    assert omf("--session", session, "--pdf", str(target))[0] == 2
