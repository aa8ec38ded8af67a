"""`omf report` of a session: as text, JSON, CSV and PDF."""

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli import app
from tests.support.shared import shared_path


def omf(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["report", *words])
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def session() -> str:
    return str(shared_path("recordings", "ml-wrb-red-nok_20260807_130729.jsonl.gz"))


def test_the_figures_of_a_session(session: str) -> None:
    code, text, _ = omf("--session", session)
    assert code == 0
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "quality first_pass_yield 50.0 %" in lines
    assert "FTS 5iO4 driven 16.4 m" in lines
    assert any("waiting for vehicle, cost 2 min 1 s (order ea62a9ff)" in line for line in lines)


def test_json_csv_and_pdf_tell_the_same(session: str, tmp_path: Path) -> None:
    told = json.loads(omf("--session", session, "--json")[1])
    _, text, _ = omf("--session", session, "--csv")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [(one["group"], one["subject"], one["name"]) for one in told["figures"]] == [
        (row["group"], row["subject"], row["name"]) for row in rows
    ]
    target = tmp_path / "report.pdf"
    code, _, said = omf("--session", session, "--pdf", str(target), "--language", "fr")
    assert code == 0
    assert str(target) in said
    assert target.read_bytes().startswith(b"%PDF-")


def test_what_is_wrong_is_said(session: str, tmp_path: Path) -> None:
    assert omf("--session", str(tmp_path / "missing.jsonl"))[0] == 1
    code, _, text = omf("--session", session, "--pdf", str(tmp_path / "no" / "report.pdf"))
    assert code == 1
    assert "cannot be written" in text
    assert omf("soon", "--run", str(tmp_path))[0] == 2
