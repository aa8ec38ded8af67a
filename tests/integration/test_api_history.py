"""The archive over HTTP: messages of the past, page by page, and what cannot be asked."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from services.common.process import clock
from services.common.store import entries
from services.common.store.bus import store
from services.common.store.keys import key
from tests.support.api import Door, problem
from tests.support.archives import (
    LDR,
    START_MS,
    archive_alarms,
    filled,
    lights,
    merged,
    passages,
)
from tests.support.processes import Processes

pytestmark = pytest.mark.alike

SAID = lights(60, every_ms=60_000)


@pytest.fixture
def door(processes: Processes, store_url: str, tmp_path: Path) -> Iterator[Door]:
    merged(filled(tmp_path / "history" / "mock", SAID))
    made = Door(processes, store_url, data=str(tmp_path), environments="mock,replay").ready()
    yield made
    made.close()


def test_the_past_is_told_page_by_page_and_narrowed(door: Door) -> None:
    viewer = door.client("viewer")
    page = viewer.get("/history", params={"filter": LDR, "limit": 15}).json()
    assert [m["id"] for m in page["messages"]] == [m.id for m in SAID[:45:3]]
    assert page["messages"][0]["payload"] == SAID[0].payload.decode()
    assert page["more"] is True
    rest = viewer.get("/history", params={"filter": LDR, "after": page["after"]}).json()
    assert [m["id"] for m in rest["messages"]] == [m.id for m in SAID[45::3]]
    assert rest["more"] is False
    since, until = clock.iso(START_MS / 1000 + 600), str(START_MS / 1000 + 1200)
    between = viewer.get("/history", params={"from": since, "to": until}).json()
    assert [m["id"] for m in between["messages"]] == [m.id for m in SAID[10:20]]
    named = viewer.get("/history", params={"text": '"ldr": 17,'}).json()
    assert [m["id"] for m in named["messages"]] == [SAID[17].id]
    nothing = viewer.get("/history", params={"environment": "replay", "after": "5-0"}).json()
    assert nothing == {"messages": [], "after": "5-0", "more": False, "faults": []}
    for params, field in (
        ({"filter": "a/#/b"}, "filter"),
        ({"from": "yesterday"}, "from"),
        ({"to": "nan"}, "to"),
        ({"limit": "501"}, "limit"),
        ({"after": "x"}, "after"),
        ({"regex": "("}, "regex"),
        ({"where": "ldr < many"}, "where"),
        ({"where": 'a"b = 1'}, "where"),
    ):
        refused = problem(viewer.get("/history", params=params), 422, "invalid")
        assert [one["field"] for one in refused["errors"]] == [field]


def test_a_damaged_file_of_the_archive_is_named(door: Door, tmp_path: Path) -> None:
    [path, *_] = sorted(tmp_path.glob("history/mock/*/messages-*.parquet"))
    path.write_bytes(b"")
    page = door.client("viewer").get("/history", params={"filter": LDR, "limit": 500}).json()
    assert page["faults"] == [f"{path.parent.name}/{path.name} is damaged"]


def test_the_past_is_narrowed_by_an_expression_and_by_a_field(door: Door) -> None:
    viewer = door.client("viewer")
    named = viewer.get("/history", params={"regex": '"ldr": 1[78],'}).json()
    assert [m["id"] for m in named["messages"]] == [SAID[17].id, SAID[18].id]
    above = viewer.get("/history", params={"where": "ldr >= 57", "filter": LDR}).json()
    assert [m["id"] for m in above["messages"]] == [SAID[57].id]


def test_fields_are_listed_and_told_in_columns(door: Door) -> None:
    viewer = door.client("viewer")
    told = viewer.get("/history/fields", params={"filter": LDR}).json()
    assert [(one["path"], one["numbers"]) for one in told["fields"]] == [("br", 20), ("ldr", 20)]
    params = {"topic": LDR, "path": "ldr", "columns": "2"}
    told = viewer.get("/history/values", params=params).json()
    assert [(c["low"], c["high"], c["high_id"]) for c in told["columns"]] == [
        (0, 27, SAID[27].id),
        (30, 57, SAID[57].id),
    ]
    assert told["since"] == clock.iso(START_MS / 1000)
    late = viewer.get("/history/values", params=params | {"from": "2030-01-01"}).json()
    assert (late["since"], late["columns"]) == (None, [])
    wrong = viewer.get("/history/values", params=params | {"columns": "0"})
    assert problem(wrong, 422, "invalid")


def test_files_are_whole_and_named(door: Door) -> None:
    viewer = door.client("viewer")
    got = viewer.get("/history/export", params={"format": "jsonl", "filter": LDR})
    assert got.text.count("\n") == 20
    assert 'filename="mock-messages.jsonl"' in got.headers["content-disposition"]
    flat = viewer.get("/history/export", params={"format": "flat", "filter": LDR}).text
    assert flat.lstrip("\ufeff").startswith("received_at,id,topic,ts,ldr,br\r\n")
    parquet = viewer.get("/history/export", params={"format": "parquet"}).content
    assert (parquet[:4], parquet[-4:]) == (b"PAR1", b"PAR1")
    values = viewer.get("/history/values/export", params={"topic": LDR, "path": "ldr"})
    assert values.text.count("\r\n") == 21
    problem(viewer.get("/history/export", params={"format": "xls"}), 422, "invalid")
    problem(viewer.get("/history/export", params={"regex": "("}), 422, "invalid")


def test_what_became_of_alarms_is_told_from_archive_and_store(
    door: Door, store_url: str, tmp_path: Path
) -> None:
    found = [(f"{START_MS + n * 1000}-0", one) for n, one in enumerate(passages(90))]
    archive_alarms(tmp_path / "history" / "mock", found[:60], 20)
    with closing(store(store_url)) as client:
        for entry_id, one in found[40:]:
            client.xadd(key("mock", "alarms"), entries.encode(one), entry_id)
    viewer = door.client("viewer")
    page = viewer.get("/alarms/history", params={"limit": "50"}).json()
    rest = viewer.get("/alarms/history", params={"limit": "50", "before": page["before"]}).json()
    told = [one["id"] for one in (*page["passages"], *rest["passages"])]
    assert told == [entry_id for entry_id, _ in reversed(found)]
    assert (rest["before"], rest["faults"]) == (None, [])
    first = page["passages"][0]
    assert (first["alarm"], first["event"], first["text"]["en"]) == (
        found[-1][1].alarm,
        found[-1][1].event,
        "Fault 89",
    )
    since = clock.iso(START_MS / 1000 + 30)
    asked = {"device": "5iO4", "state": "acknowledged", "from": since, "text": "ANNA"}
    narrowed = viewer.get("/alarms/history", params=asked).json()["passages"]
    assert {one["who"] for one in narrowed} == {"anna"}
    assert len(narrowed) == 7
    [damaged, *_] = sorted(tmp_path.glob("history/mock/*/alarms-*.parquet"))
    damaged.write_bytes(b"")
    page = viewer.get("/alarms/history", params={"limit": "500"}).json()
    assert len(page["passages"]) == 70
    assert str(tmp_path) not in page["faults"][0]
    assert damaged.name in page["faults"][0]
    for params, field in (
        ({"from": "yesterday"}, "from"),
        ({"state": "broken"}, "state"),
        ({"priority": "5"}, "priority"),
        ({"before": "x"}, "before"),
        ({"limit": "0"}, "limit"),
    ):
        refused = problem(viewer.get("/alarms/history", params=params), 422, "invalid")
        assert [one["field"] for one in refused["errors"]] == [field]


def test_the_shift_that_is_to_be_handed_over_is_told(door: Door) -> None:
    viewer = door.client("viewer")
    shift = viewer.get("/alarms/handover").json()
    assert shift["since"] < shift["until"]
    assert (shift["waiting"], shift["last"], shift["faults"]) == (None, [], [])
    assert shift["report"]["figures"]["raised"] == 0
    refused = problem(viewer.get("/alarms/handover", params={"limit": "0"}), 422, "invalid")
    assert [one["field"] for one in refused["errors"]] == ["limit"]
