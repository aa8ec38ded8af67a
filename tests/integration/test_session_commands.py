"""The commands of sessions as people type them; their answers and exit codes."""

import json
from pathlib import Path

import pytest

from tests.support.shared import shared_path
from tests.support.system import omf

pytestmark = pytest.mark.alike

NAME = "white-storage-production-nok_20260807_114322"
GOOD = '{"ts":"2026-08-07T09:11:27.016Z","topic":"a/b","payload":"{}"}'


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    file = tmp_path / "damaged.jsonl"
    file.write_text(f"{GOOD}\nnonsense\n{GOOD}\n", "utf-8")
    return file


def test_an_analysis_is_one_json_object_and_a_report(tmp_path: Path) -> None:
    session = shared_path("recordings", f"{NAME}.jsonl.gz")
    page = tmp_path / "report.html"
    words = ("analyse", str(session), "--json", "--html", str(page), "--compare", str(session))
    done = omf(*words)
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    found = json.loads(line)
    assert [order["state"] for order in found["orders"]] == ["FINISHED", "ERROR"]
    assert all(pair["a"] == pair["b"] for pair in found["comparison"]["topics"])
    assert "Plotly" in page.read_text("utf-8")


def test_a_damaged_line_is_named_by_its_number(damaged: Path, tmp_path: Path) -> None:
    told = omf("analyse", str(damaged))
    assert (told.returncode, "line 2" in told.stderr) == (0, True)
    run = ("--run", str(tmp_path))
    refused = omf("session", "import", str(damaged), *run)
    assert (refused.returncode, "line 2" in refused.stderr) == (1, True)
    taken = omf("session", "import", str(damaged), "--skip-damaged", "--json", *run)
    assert json.loads(taken.stdout) == {"name": "damaged", "skipped": [2]}


def test_no_recording_reaches_the_live_factory(damaged: Path) -> None:
    done = omf("replay", str(damaged), "--environment", "live", OMF_LIVE_MQTT_URL="mqtt://x")
    assert done.returncode == 2
    assert "never" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("session", "seek"),
        ("session", "control", "fly"),
        ("session", "name", "x", "--from", "yesterday"),
        ("record", "--out", "x", "--exclude-preset", "noise"),
        ("record", "--out", "x", "--from", "1m", "--to", "2m"),
        ("record", "--out", "x", "--session", "a", "--from", "1m"),
    ],
)
def test_wrong_usage_is_said_and_ends_with_two(words: tuple[str, ...]) -> None:
    assert omf(*words).returncode == 2
