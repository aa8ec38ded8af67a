"""`omf alarms`: one line for one cause, what it explains on request."""

import json
from pathlib import Path

import pytest
import typer

from omf.alarms.changes import observe
from omf.alarms.kpis import STALE_S
from omf.alarms.life import AlarmLife, AlarmLoad
from services.cli import alarms
from tests.unit.omf.alarms.test_lifecycle import alarm

CAUSE, UNDER, OTHER = "bridge-down:nodered", "device-silent:SVR3QA0022", "danger:gas"


QUIET = AlarmLoad(), 100.0


@pytest.fixture
def lives() -> dict[str, AlarmLife]:
    found = [alarm(CAUSE), alarm(UNDER, cause=CAUSE), alarm(OTHER)]
    return observe({}, found, 100.0)[0]


def printed(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_a_cause_says_how_many_it_explains(
    lives: dict[str, AlarmLife], capsys: pytest.CaptureFixture[str]
) -> None:
    alarms._list(lives, QUIET, as_json=False, explained=False)
    said = "\n".join(printed(capsys))
    assert UNDER not in said
    assert "explains 1 more" in said
    assert OTHER in said


def test_what_it_explains_stands_under_it_on_request(
    lives: dict[str, AlarmLife], capsys: pytest.CaptureFixture[str]
) -> None:
    alarms._list(lives, QUIET, as_json=False, explained=True)
    lines = [line for line in printed(capsys) if CAUSE in line or UNDER in line]
    assert [UNDER in line for line in lines] == [False, True]


def test_data_has_them_all_each_with_its_cause(
    lives: dict[str, AlarmLife], capsys: pytest.CaptureFixture[str]
) -> None:
    alarms._list(lives, QUIET, as_json=True, explained=False)
    found = {one["id"]: one["cause"] for one in map(json.loads, printed(capsys))}
    assert found == {CAUSE: "", UNDER: CAUSE, OTHER: ""}


def test_what_outlasts_its_cause_is_listed_by_itself(
    lives: dict[str, AlarmLife], capsys: pytest.CaptureFixture[str]
) -> None:
    del lives[CAUSE]
    alarms._list(lives, QUIET, as_json=False, explained=False)
    assert UNDER in "\n".join(printed(capsys))


def test_what_chatters_and_what_is_stale_is_named(
    lives: dict[str, AlarmLife], capsys: pytest.CaptureFixture[str]
) -> None:
    known = AlarmLoad(chattering=(OTHER,)), 101.0 + STALE_S
    alarms._list({OTHER: lives[OTHER]}, known, as_json=False, explained=False)
    said = "\n".join(printed(capsys))
    assert "chatters · has stood for more than a day" in said


def test_a_file_of_rules_is_checked_without_any_server(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text("version: 1\nrules:\n  collision: {priority: 1, on_delay_s: 5}\n")
    alarms.rules_in_force(check=path)
    [line] = [one for one in printed(capsys) if one.startswith("collision")]
    assert "on_delay_s=5" in line
    assert "changed" in line
    path.write_text("version: 1\nrules:\n  collisions: {priority: 1}\n")
    with pytest.raises(typer.Exit) as end:
        alarms.rules_in_force(check=path)
    assert end.value.exit_code == 1
    assert "line 3, rules.collisions: is no rule; perhaps collision" in capsys.readouterr().err


def test_in_a_flood_those_alike_stand_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    names = [f"collision:{number}" for number in range(5)]
    lives, _ = observe({}, [alarm(name) for name in [*names, OTHER]], 100.0)
    flood = AlarmLoad(flood_since=90.0, flood_count=12), 100.0
    alarms._list(lives, flood, as_json=False, explained=False)
    said = printed(capsys)
    assert [name for name in names if any(name in line for line in said)] == names[:1]
    assert "and 4 alike" in "\n".join(said)
    alarms._list(lives, flood, as_json=False, explained=True)
    said = printed(capsys)
    assert all(any(name in line for line in said) for name in [*names, OTHER])
    alarms._list(lives, QUIET, as_json=False, explained=False)
    assert "alike" not in "\n".join(printed(capsys))
