"""`omf report` of a session: as text, JSON, CSV and PDF."""

import asyncio
import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from omf.analysis.shift_figures import RangeFigures
from omf.analysis.shifts import default_shifts
from services.cli import app, report
from services.history.shift_reading import ShiftProgress
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


def test_a_long_report_says_how_far_it_is_and_ends_when_it_is_interrupted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[ShiftProgress] = []

    async def count(*asked: object) -> RangeFigures:
        progress = asked[-1]
        assert isinstance(progress, ShiftProgress)
        seen.append(progress)
        progress.share = 0.4
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            progress.stop()
            raise
        raise AssertionError

    monkeypatch.setattr(report, "figures_between", count)
    monkeypatch.setattr(report, "REPORT_PROGRESS_S", 0.01)

    async def interrupted() -> None:
        work = asyncio.create_task(
            report.counted(None, None, (0.0, 1.0), default_shifts())  # type: ignore[arg-type]
        )
        await asyncio.sleep(0.1)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work

    asyncio.run(interrupted())
    assert seen[0].stopped
    assert "40 % of the report is counted; Ctrl-C ends it" in capsys.readouterr().err
