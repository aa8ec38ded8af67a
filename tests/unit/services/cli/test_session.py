"""Session files of the command line, without a system."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli import app


def test_a_session_is_taken_over_where_the_station_of_the_system_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a container `omf` runs where nothing is kept; OMF_DATA says where the data is."""
    elsewhere, data = tmp_path / "elsewhere", tmp_path / "data"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    monkeypatch.setenv("OMF_DATA", str(data))
    line = {"topic": "ccu/state/stock", "payload": "{}", "timestamp": "2026-01-01T00:00:00Z"}
    (tmp_path / "day.jsonl").write_text(json.dumps(line) + "\n", "utf-8")
    words = ["session", "import", str(tmp_path / "day.jsonl")]
    done = CliRunner().invoke(app, words)
    assert (done.exit_code, done.stdout.partition(":")[0]) == (0, "day")
    assert [path.name for path in (data / "sessions").iterdir()] == ["day.jsonl.gz"]
    assert not list(elsewhere.iterdir())
    # A running system that is named goes before.
    CliRunner().invoke(app, [*words, "--run", str(elsewhere)])
    assert (elsewhere / "sessions").is_dir()
