"""The report of a shift over HTTP: the archive and the journal tell the same as the session."""

import csv
import io
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path

import httpx
import pytest

from omf.analysis import shift_wording
from omf.analysis.shift_clock import ShiftClock
from omf.analysis.shift_figures import shift_figures
from omf.analysis.shifts import default_shifts
from omf.messages.message import Message
from services.common.store.bus import Bus
from services.common.store.keys import JOURNAL
from tests.support.api import Door, problem
from tests.support.archives import filled, merged
from tests.support.processes import Processes
from tests.support.shared import recording

pytestmark = pytest.mark.alike


@cache
def said() -> list[Message]:
    return list(recording("ml-wrb-red-nok_20260807_130729"))


SPAN = "2026-08-07T10:54:15Z..2026-08-07T11:06:30Z"


def expected() -> dict[tuple[str, str, str], float | None]:
    since, until = 1_786_100_055.0, 1_786_100_790.0
    heard = ShiftClock(None, since)
    for message in said():
        if message.received_at < until:
            heard.take(message)
    heard.close(until)
    found = shift_figures(heard, (since, until), [(since, until)])
    return {one[:3]: one.value for one in found.figures if one.group != "commands"}


@pytest.fixture
async def viewer(
    processes: Processes, store_url: str, tmp_path: Path
) -> AsyncIterator[httpx.Client]:
    """A door over an archive that has the first half and a journal that has the second."""
    half = len(said()) // 2
    merged(filled(tmp_path / "history" / "mock", said()[:half], 500))
    async with Bus(store_url, "mock") as bus, bus.client.pipeline(transaction=False) as pipe:
        for message in said()[half:]:
            fields = {"t": message.topic, "p": message.payload, "q": message.qos}
            pipe.xadd(bus.key(f"buffer:{JOURNAL}"), fields, message.id)
        await pipe.execute()
    door = Door(processes, store_url, data=str(tmp_path), environments="mock").ready()
    yield door.client("viewer")
    door.close()


def test_archive_and_journal_give_the_figures_of_the_session(viewer: httpx.Client) -> None:
    found = viewer.get("/report", params={"range": SPAN}).json()["report"]
    ours = {(one["group"], one["subject"], one["name"]): one for one in found["figures"]}
    for key, value in expected().items():
        if key[0] != "alarms":
            assert ours[key]["value"] == (None if value is None else pytest.approx(value)), key
    finished = ours["orders", "", "finished"]
    assert finished["value"] == len(finished["sources"]) == 4
    assert {one["kind"] for one in finished["sources"]} == {"order"}
    assert (ours["alarms", "", "raised"]["value"], ours["commands", "", "asked"]["value"]) == (0, 0)
    assert found["disturbances"][0]["kind"] == "waiting_for_vehicle"


def test_two_ranges_side_by_side_and_as_files(viewer: httpx.Client) -> None:
    asked = {"range": SPAN, "against": "2026-08-07T10:54:15Z..2026-08-07T11:00:00Z"}
    compared = viewer.get("/report", params=asked).json()["compared"]
    [done] = [one for one in compared if (one["group"], one["name"]) == ("orders", "finished")]
    assert (done["a"], done["b"]) == (4, 3)
    text = viewer.get("/report", params={**asked, "format": "csv"}).text
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert tuple(rows[0]) == shift_wording.SHIFT_CSV_COLUMNS
    assert rows[0]["from"] == "2026-08-07T10:54:15.000Z"
    pdf = viewer.get("/report", params={**asked, "format": "pdf"})
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF-")


def test_a_shift_is_named_and_what_is_none_is_refused(viewer: httpx.Client) -> None:
    calendar = default_shifts()
    name = calendar.id_of(calendar.at(said()[0].received_at))
    shift = viewer.get("/report", params={"range": name}).json()["report"]
    assert shift["until"] - shift["since"] == 8 * 3600
    figures = {(one["group"], one["name"]): one["value"] for one in shift["figures"]}
    assert figures["orders", "finished"] == 4
    assert figures["time", "planned"] == 8 * 3600
    empty = viewer.get("/report", params={"range": "2020-01-01"}).json()["report"]
    told = {one["value"] for one in empty["figures"] if one["group"] == "module"}
    assert told <= {None, 0, 86400}
    for wrong in ("soon", "2026-08-07/none", "2026-08-07..2026-01-01", "2020-01-01..2026-01-01"):
        problem(viewer.get("/report", params={"range": wrong}), 422, "invalid")
