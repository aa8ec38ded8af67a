"""`omf drift` of a session: nothing in a healthy one, each change with who reads the field."""

import gzip
import json
from pathlib import Path

from typer.testing import CliRunner

from services.cli import app
from tests.support.shared import shared_path

SESSION = "white-storage-production_20260807_111716.jsonl.gz"


def omf(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["drift", *words])
    return done.exit_code, done.stdout, done.stderr


def changed(tmp_path: Path) -> Path:
    """The session, with the voltage of the vehicle as text in its second half."""
    lines = gzip.decompress(shared_path("recordings", SESSION).read_bytes()).splitlines()
    told = []
    for place, line in enumerate(lines):
        row = json.loads(line)
        if (
            place > len(lines) // 2
            and row["topic"].startswith("fts/")
            and "batteryState" in row["payload"]
        ):
            payload = json.loads(row["payload"])
            payload["batteryState"]["currentVoltage"] = "9.1"
            row["payload"] = json.dumps(payload)
        told.append(json.dumps(row))
    path = tmp_path / "changed.jsonl"
    path.write_text("\n".join(told))
    return path


def test_a_healthy_session() -> None:
    path = str(shared_path("recordings", SESSION))
    assert omf("--session", path)[:2] == (0, "")
    assert "Nothing drifted" in omf("--session", path)[2]


def test_a_changed_session_as_a_table_and_as_data(tmp_path: Path) -> None:
    path = str(changed(tmp_path))
    code, out, _ = omf("--session", path)
    assert code == 0
    assert "batteryState.currentVoltage: another type" in out
    [row] = [json.loads(line) for line in omf("--session", path, "--json")[1].splitlines()]
    assert (row["topic"], row["before"], row["after"]) == ("fts/v1/ff/+/state", "number", "text")
    assert "devices" in row["pages"]
    assert row["times"] > 1
    assert omf("--session", path, "--topic", "ccu/", "--json")[1] == ""
    assert omf("--session", path, "--topic", "fts/", "--json")[1] != ""


def test_a_session_that_is_not_there(tmp_path: Path) -> None:
    code, out, err = omf("--session", str(tmp_path / "none.jsonl"))
    assert code != 0
    assert out == ""
    assert "none.jsonl" in err


def test_what_was_learned_of_each_field_is_told() -> None:
    path = str(shared_path("recordings", SESSION))
    code, out, _ = omf("--session", path, "--schema", "--json")
    assert code == 0
    rows = [json.loads(line) for line in out.splitlines()]
    told = {(row["topic"], row["field"]): row for row in rows}
    voltage = told["fts/v1/ff/+/state", "batteryState.currentVoltage"]
    assert (voltage["types"], voltage["optional"]) == (["number"], False)
    low, high = map(float, voltage["range"].split(" … "))
    assert 7 < low < high < 10
    state = told["fts/v1/ff/+/state", "actionState.state"]
    assert "FINISHED" in state["words"]
    assert told["fts/v1/ff/+/state", ""]["types"] == ["object"]
    code, out, _ = omf("--session", path, "--schema", "--topic", "fts/")
    assert "batteryState.currentVoltage" in out
    assert "ccu/" not in out
    _, out, said = omf("--session", path, "--schema", "--topic", "none")
    assert (out, "No topic that was learned has 'none'" in said) == ("", True)
