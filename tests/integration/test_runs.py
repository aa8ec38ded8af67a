"""Planning runs: begun and ended once, by page, command line and HTTP; each has its own report."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from omf.analysis.shifts import default_shifts
from services.cli import app
from services.common.sessions import named_ranges, runs
from services.common.sessions.named_ranges import Session, SessionNameError
from services.common.sessions.runs import MAX_PLANNING_RUNS, RunError
from services.common.store.bus import Bus
from services.history.run_ranges import range_asked
from services.history.shift_reading import MAX_RANGE_S, RangeError
from tests.support.api import Door, problem
from tests.support.processes import Processes

pytestmark = pytest.mark.alike


@pytest.fixture
async def bus(store_url: str) -> AsyncIterator[Bus]:
    async with Bus(store_url, "mock") as made:
        yield made


async def test_a_run_that_ended_is_a_named_range(bus: Bus) -> None:
    begun = await runs.start(bus, "batch-7", "anna", "two loads a drive")
    assert [one.name for one in await runs.under_way(bus)] == ["batch-7"]
    assert await named_ranges.every(bus) == []
    ended = await runs.stop(bus, "batch-7", "bert")
    assert await runs.under_way(bus) == []
    assert await named_ranges.every(bus) == [ended]
    assert ended.from_at == begun.from_at < ended.to_at
    assert (ended.operator, ended.ended_by, ended.note) == ("anna", "bert", "two loads a drive")


async def test_a_name_is_one_run_or_one_named_range(bus: Bus) -> None:
    await runs.start(bus, "one", "anna")
    with pytest.raises(RunError, match="under way already"):
        await runs.start(bus, "one", "bert")
    taken = Session(name="kept", from_at=1.0, to_at=2.0)
    await named_ranges.name(bus, taken)
    with pytest.raises(RunError, match="named range already"):
        await runs.start(bus, "kept", "bert")
    with pytest.raises(SessionNameError, match="planning run"):
        await named_ranges.name(bus, Session(name="one", from_at=1.0, to_at=2.0))
    for name in ("", "a b", "ü", "x" * 65, "../a", "-a"):
        with pytest.raises(RunError, match="no name"):
            await runs.start(bus, name, "bert")
    assert [one.operator for one in await runs.under_way(bus)] == ["anna"]


async def test_of_many_who_begin_or_end_a_run_one_does(bus: Bus) -> None:
    begun = await asyncio.gather(
        *(runs.start(bus, "race", f"p{n}") for n in range(8)), return_exceptions=True
    )
    assert sum(not isinstance(one, RunError) for one in begun) == 1
    ended = await asyncio.gather(
        *(runs.stop(bus, "race", f"p{n}") for n in range(8)), return_exceptions=True
    )
    assert sum(not isinstance(one, RunError) for one in ended) == 1
    with pytest.raises(RunError, match="no recording or planning run"):
        await runs.stop(bus, "race", "late")
    with pytest.raises(RunError, match="no recording or planning run"):
        await runs.stop(bus, "never", "late")


async def test_too_many_runs_and_a_forged_one_stop_nothing(bus: Bus) -> None:
    for number in range(MAX_PLANNING_RUNS):
        await runs.start(bus, f"run-{number}", "anna")
    with pytest.raises(RunError, match="too many"):
        await runs.start(bus, "one-more", "anna")
    await bus.call(bus.client.hset(bus.key("sessions:open"), "run-3", b"\xff no run"))
    assert len(await runs.under_way(bus)) == MAX_PLANNING_RUNS - 1
    with pytest.raises(RunError, match="no recording or planning run"):
        await runs.stop(bus, "run-3", "anna")


async def test_a_report_takes_the_name_of_a_run_or_of_a_named_range(bus: Bus) -> None:
    calendar, now = default_shifts(), await bus.time()
    await runs.start(bus, "batch", "anna")
    begin, end = (await range_asked(bus, "batch", calendar, now + 60)).span
    assert (end, begin) == (now + 60, pytest.approx(now, abs=5))
    ended = await runs.stop(bus, "batch", "anna")
    assert (await range_asked(bus, "batch", calendar, now + 60)).span == (begin, ended.to_at)
    assert (await range_asked(bus, "2026-05-13/early", calendar, now)).shift == "2026-05-13/early"
    with pytest.raises(RangeError, match="name `now`"):
        await range_asked(bus, "nothing-of-it", calendar, now)
    long = Session(name="long", from_at=0.0, to_at=MAX_RANGE_S + 1)
    await named_ranges.name(bus, long)
    with pytest.raises(RangeError, match="35 days"):
        await range_asked(bus, "long", calendar, now)
    assert json.loads(long.model_dump_json())["ended_by"] == ""


def test_runs_over_http(processes: Processes, store_url: str, tmp_path: Path) -> None:
    door = Door(processes, store_url, data=str(tmp_path), environments="mock").ready()
    viewer, operator = door.client("viewer"), door.client("operator")
    problem(viewer.post("/runs", json={"name": "batch"}), 403, "role")
    assert operator.post("/runs", json={"name": "batch", "note": "x"}).status_code == 201
    problem(operator.post("/runs", json={"name": "batch"}), 409, "run")
    assert operator.post("/runs", json={"name": "no name"}).status_code == 422
    told = viewer.get("/runs").json()
    assert [(one["name"], one["operator"]) for one in told["under_way"]] == [("batch", "operator")]
    assert viewer.get("/report", params={"range": "batch"}).status_code == 200
    assert viewer.post("/runs/batch/stop").status_code == 403
    assert operator.post("/runs/batch/stop").json()["ended_by"] == "operator"
    assert operator.post("/runs/batch/stop").status_code == 409
    [ended] = viewer.get("/runs").json()["ended"]
    report = viewer.get("/report", params={"range": "batch"}).json()["report"]
    assert (report["since"], report["until"]) == (ended["from_at"], ended["to_at"])
    assert viewer.get("/report", params={"range": "other"}).status_code == 422
    door.close()


def test_runs_by_the_command_line(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMF_STORE_URL", store_url)
    assert omf("run", "start", "second", "--note", "y")[0] == 0
    assert "under way already" in omf("run", "start", "second")[2]
    assert json.loads(omf("run", "list", "--json")[1])["name"] == "second"
    code, text, _ = omf("run", "stop", "second", "--user", "anna")
    assert (code, "omf report second" in text) == (0, True)
    assert omf("run", "stop", "second")[0] == 1
    assert omf("report", "second", "--against", "now", "--json")[0] == 0
    assert omf("report", "third")[0] == 2


def omf(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, words)
    return done.exit_code, done.stdout, done.stderr
