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


def test_the_facts_of_a_session_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMF_DATA", str(tmp_path))
    state = json.dumps({"serialNumber": "S", "connectionState": "ONLINE", "version": "1.3.0"})
    topic, at = "module/v1/ff/S/connection", "2026-01-01T00:00:00Z"
    line = {"topic": topic, "payload": state, "ts": at}
    (tmp_path / "day.jsonl").write_text(json.dumps(line) + "\n", "utf-8")
    CliRunner().invoke(app, ["session", "import", str(tmp_path / "day.jsonl")])
    done = CliRunner().invoke(app, ["session", "facts", "day"])
    assert (done.exit_code, "versions: S 1.3.0" in done.stdout) == (0, True)
    told = json.loads(CliRunner().invoke(app, ["session", "facts", "day", "--json"]).stdout)
    assert (told["versions"], told["orders"], told["alarms"]) == ({"S": "1.3.0"}, {}, [])
    assert CliRunner().invoke(app, ["session", "facts", "none"]).exit_code == 1
