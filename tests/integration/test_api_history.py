"""The archive over HTTP: messages of the past, page by page, and what cannot be asked."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.common.process import clock
from tests.support.api import Door, problem
from tests.support.archives import LDR, START_MS, filled, lights, merged
from tests.support.processes import Processes

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
