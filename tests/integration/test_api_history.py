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
    ):
        refused = problem(viewer.get("/history", params=params), 422, "invalid")
        assert [one["field"] for one in refused["errors"]] == [field]


def test_a_damaged_file_of_the_archive_is_named(door: Door, tmp_path: Path) -> None:
    [path, *_] = sorted(tmp_path.glob("history/mock/*/messages-*.parquet"))
    path.write_bytes(b"")
    page = door.client("viewer").get("/history", params={"filter": LDR, "limit": 500}).json()
    assert page["faults"] == [f"{path.parent.name}/{path.name} is damaged"]
