"""Lives of workpieces, what changed and what drifted, over HTTP: of the store, of the archive."""

from collections.abc import AsyncIterator
from contextlib import closing
from functools import cache
from pathlib import Path

import httpx
import pytest
from pydantic import TypeAdapter

from omf.messages.message import Message
from omf.messages.stream_id import StreamId
from omf.payload_shapes.shape import DriftKind, ShapeDrift
from services.common.process import clock
from services.common.store.bus import Bus, store
from services.common.store.keys import JOURNAL, key
from services.common.store.payload_drifts import PAYLOAD_DRIFTS
from tests.support.api import Door, problem
from tests.support.archives import filled, merged
from tests.support.processes import Processes
from tests.support.shared import recording

pytestmark = pytest.mark.alike

RED = "be88d734ab51c7"


@cache
def said() -> list[Message]:
    """A session with three pieces."""
    return list(recording("ml-wrb-red-nok_20260807_130729"))


def since() -> dict[str, str]:
    """The range it lies in."""
    return {"from": clock.iso(said()[0].received_at)}


@pytest.fixture
async def bus(store_url: str) -> AsyncIterator[Bus]:
    async with Bus(store_url, "mock") as made:
        yield made


@pytest.fixture
async def told_store(bus: Bus, store_url: str) -> str:
    """The address of a store whose journal has the session."""
    async with bus.client.pipeline(transaction=False) as pipe:
        for message in said():
            fields = {"t": message.topic, "p": message.payload, "q": message.qos}
            pipe.xadd(bus.key(f"buffer:{JOURNAL}"), fields, message.id)
        await pipe.execute()
    return store_url


@pytest.fixture
async def viewer(
    told_store: str, processes: Processes, tmp_path: Path
) -> AsyncIterator[httpx.Client]:
    """A client of a door whose store and archive both have the session."""
    merged(filled(tmp_path / "history" / "mock", said(), 1000))
    door = Door(processes, told_store, data=str(tmp_path), environments="mock,replay").ready()
    yield door.client("viewer")
    door.close()


def test_lives_of_the_store_and_of_the_archive_are_the_same(viewer: httpx.Client) -> None:
    live = viewer.get("/workpieces").json()
    assert [(one["colour"], one["status"]) for one in live["workpieces"]] == [
        ("RED", "rejected"),
        ("BLUE", "in_house"),
        ("WHITE", "delivered"),
    ]
    assert viewer.get("/workpieces", params=since()).json() == live
    blue = viewer.get("/workpieces", params={"colour": "BLUE", "status": "in_house"}).json()
    [found] = blue["workpieces"]
    assert [(one["type"], one["inferred"]) for one in found["places"]] == [("MILL", False)]


def test_one_life_is_told_event_by_event(viewer: httpx.Client) -> None:
    one = viewer.get(f"/workpieces/{RED}").json()
    assert viewer.get(f"/workpieces/{RED}", params=since()).json() == one
    [life] = one["workpieces"]
    assert [check["result"] for check in life["checks"]] == ["FAILED"]
    assert any(event["surroundings"] for event in life["events"])
    sheet = viewer.get(f"/workpieces/{RED}", params={"format": "csv"})
    assert sheet.headers["content-type"].startswith("text/csv")
    assert sheet.text.count("\r\n") == len(life["events"]) + 1
    assert problem(viewer.get("/workpieces/nobody"), 404, "no-workpiece")
    assert viewer.get("/workpieces", params={"environment": "replay"}).json()["workpieces"] == []
    assert problem(viewer.get("/workpieces", params={"from": "yesterday"}), 422, "invalid")


def test_a_life_of_a_year_ago_is_told_beside_the_one_of_today(
    told_store: str, processes: Processes, tmp_path: Path
) -> None:
    ago = [_earlier(message, 365 * 86_400_000) for message in said()]
    merged(filled(tmp_path / "history" / "mock", ago, 1000))
    door = Door(processes, told_store, data=str(tmp_path), environments="mock").ready()
    client = door.client("viewer")
    found = client.get(f"/workpieces/{RED}").json()
    old, new = found["workpieces"]
    assert new["begun_at"] - old["begun_at"] == 365 * 86_400
    assert (old["status"], len(old["events"])) == (new["status"], len(new["events"]))
    assert any(event["surroundings"] for event in old["events"])
    assert client.get(f"/workpieces/{old['id']}").json()["workpieces"] == [old]
    assert (found["more"], found["faults"]) == (False, [])
    door.close()


def test_the_life_record_is_a_pdf_in_the_language_of_who_asks(viewer: httpx.Client) -> None:
    made = {}
    for language in ("de", "en"):
        asked = viewer.get(
            f"/workpieces/{RED}", params={"format": "pdf"}, headers={"accept-language": language}
        )
        assert asked.headers["content-type"] == "application/pdf"
        made[language] = asked.content
    assert all(one.startswith(b"%PDF-") for one in made.values())
    assert made["de"] != made["en"]


def test_why_is_told_of_what_is_in_the_house_and_of_what_only_the_archive_knows(
    told_store: str, processes: Processes, tmp_path: Path
) -> None:
    ago = [_earlier(message, 365 * 86_400_000) for message in said()]
    merged(filled(tmp_path / "history" / "mock", ago, 1000))
    door = Door(processes, told_store, data=str(tmp_path), environments="mock").ready()
    client = door.client("viewer")
    for wanted, kind in ((RED, "piece"), ("SVR3QA2098", "module"), ("5iO4", "vehicle")):
        told = client.get("/why", params={"name": wanted}).json()
        assert told["kind"] == kind
        assert all(one["text"]["de"] and one["text"]["fr"] for one in told["clauses"])
    old = f"{1_786_100_056_040 - 365 * 86_400_000}-0"
    [first, *_] = client.get("/why", params={"name": old}).json()["clauses"]
    assert first["evidence"] == [old]
    problem(client.get("/why", params={"name": "nobody"}), 404, "unknown-subject")
    [manifest] = (tmp_path / "history" / "mock").glob("*/manifest.json")
    manifest.write_text("{")
    told = problem(client.get("/why", params={"name": "nobody"}), 503, "archive-unreadable")
    assert "manifest.json is damaged" in told["detail"]
    assert str(tmp_path) not in told["detail"]
    door.close()


def _earlier(message: Message, by_ms: int) -> Message:
    ms, sequence = StreamId.parse(message.id)
    return message._replace(id=f"{ms - by_ms}-{sequence}")


def test_what_changed_between_two_moments(viewer: httpx.Client) -> None:
    begin, end = said()[0].received_at, said()[-1].received_at
    span = {"from": str((begin + end) / 2), "to": str(end)}
    told = viewer.get("/changes", params=span).json()
    orders = [one for one in told["changes"] if one["what"]["en"] == "order"]
    assert ("running", "failed") in [(one["before"]["en"], one["after"]["en"]) for one in orders]
    assert all(one["subject"]["de"] and one["subject"]["fr"] for one in told["changes"])
    assert told["shapes_compared"] > 0
    same = {"from": span["to"], "to": span["to"]}
    problem(viewer.get("/changes", params=same), 422, "invalid")
    problem(viewer.get("/changes", params={"from": span["to"], "to": span["from"]}), 422, "invalid")
    problem(viewer.get("/changes", params={"from": "0", "to": span["to"]}), 404, "no-state")
    problem(viewer.get("/changes"), 422, "invalid")


def test_what_drifted_is_told_with_who_reads_it(viewer: httpx.Client, told_store: str) -> None:
    assert viewer.get("/drift").json() == {"drifts": []}
    where = "fts/v1/ff/+/state", "fts_state", DriftKind.TYPE, "batteryState.percentage"
    drift = ShapeDrift(*where, "number", "text", "fts/v1/ff/5iO4/state", "1790000000000-0", 1.5)
    with closing(store(told_store)) as client:
        client.set(key("mock", PAYLOAD_DRIFTS), TypeAdapter(list[ShapeDrift]).dump_json([drift]))
    [told] = viewer.get("/drift").json()["drifts"]
    assert (told["filter"], told["path"], told["kind"]) == (where[0], where[3], "type")
    assert (told["before"]["fr"], told["after"]["de"]) == ("nombre", "Text")
    assert "devices" in told["pages"]
