"""`omf alarms`: what stands, and what became of alarms over archive and store."""

import json
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from omf.alarms.handover import PendingHandover, give, handover_report
from omf.alarms.life import AlarmAct
from services.cli import app
from services.common.store import entries
from services.common.store.alarm_lives import AlarmsOwner
from services.common.store.bus import store
from services.common.store.keys import key
from tests.support.archives import START_MS, archive_alarms, passages

TOLD = [(f"{START_MS + n * 1000}-0", one) for n, one in enumerate(passages(30))]


@pytest.fixture(autouse=True)
def told(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMF_STORE_URL", store_url)
    monkeypatch.setenv("OMF_DATA", str(tmp_path))
    archive_alarms(tmp_path / "history" / "mock", TOLD[:20], 10)
    with closing(store(store_url)) as client:
        for entry_id, one in TOLD[15:]:
            client.xadd(key("mock", "alarms"), entries.encode(one), entry_id)


def omf(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["alarms", *words])
    return done.exit_code, done.stdout, done.stderr


def test_the_history_joins_archive_and_store_and_is_narrowed() -> None:
    code, out, _ = omf("history", "--json")
    assert code == 0
    assert [json.loads(line)["id"] for line in out.splitlines()] == [name for name, _ in TOLD]
    asked = ("--device", "5iO4", "--state", "acknowledged", "--from", "2026-05-13T14:00:05Z")
    code, out, _ = omf("history", *asked)
    assert code == 0
    assert "2026-05-13T14:00:13.000Z  collision:5iO4  acknowledged  by anna" in out
    assert {line.split()[1] for line in out.splitlines()} == {"collision:5iO4"}


def test_the_newest_are_told_and_that_there_are_older_ones() -> None:
    _, out, err = omf("history", "-n", "3", "--json")
    assert [json.loads(line)["id"] for line in out.splitlines()] == [name for name, _ in TOLD[-3:]]
    assert "older ones" in err


def test_a_damaged_file_is_named_and_the_rest_is_told(tmp_path: Path) -> None:
    [damaged, *_] = sorted(tmp_path.glob("history/mock/*/alarms-*.parquet"))
    damaged.write_bytes(b"")
    code, out, err = omf("history", "--json")
    assert code == 0
    assert len(out.splitlines()) == 20
    assert damaged.name in err


@pytest.mark.parametrize(
    "words", [("--from", "yesterday"), ("--state", "broken"), ("--priority", "5"), ("-n", "0")]
)
def test_what_cannot_be_asked_is_refused(words: tuple[str, str]) -> None:
    assert omf("history", *words)[0] == 2


def test_the_list_itself_stays_as_it_was() -> None:
    code, out, err = omf()
    assert (code, "no alarms" in out + err) == (1, True)
    assert "owner of the alarms is away" in err
    code, out, _ = omf("--history", "2", "--json")
    assert code == 0
    assert [json.loads(line)["id"] for line in out.splitlines()] == [name for name, _ in TOLD[-2:]]


def test_the_hand_over_of_the_shift_is_printed(store_url: str) -> None:
    shift = {"shift": "early", "since": 10.0, "until": 20.0}
    waiting = PendingHandover(id="g-1", who="anna", at=15.0, note="see HBW", **shift)
    act = AlarmAct(15.0, "anna", "see HBW")
    report = handover_report({}, [], since=10.0, until=15.0)
    given = give(None, waiting, report, act)[1]
    with closing(store(store_url)) as client:
        client.xadd(key("mock", "handovers"), entries.encode(given))
        owner = AlarmsOwner(owner="o", at=15.0, handover=waiting)
        client.set(key("mock", "alarms:owner"), owner.model_dump_json())
    code, out, _ = omf("handover")
    assert code == 0
    for words in ("early", "given by anna", "see HBW", "standing: 0", "raised: 0"):
        assert words in out
    first, last = (json.loads(line) for line in omf("handover", "--json")[1].splitlines())
    assert (first["waiting"]["id"], first["report"]["shelved"]) == ("g-1", [])
    assert last["given"]["note"] == "see HBW"


def test_a_calendar_of_shifts_with_a_fault_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shifts.yaml").write_text("shifts: [{name: a}]")
    monkeypatch.setenv("OMF_SHIFTS", str(tmp_path / "shifts.yaml"))
    code, out, err = omf("handover")
    assert (code, out) == (1, "")
    assert "shifts.0.begin" in err
