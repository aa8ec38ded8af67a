"""A session of the library says what it is of, and its alarms lead to their moments."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from omf.analysis.session_facts import SessionAlarm, SessionFacts
from services.common.sessions.facts_files import write_facts
from services.common.sessions.station import CONTROL, ReplayControl, ReplayStatus
from tests.support import ui_pages
from tests.support.ui_pages import NOW, Pages

pytestmark = pytest.mark.servers

BAD = SessionAlarm(
    at_s=665.4, severity="warning", rule="quality-failed", subject="o", de="schlecht",
    en="the piece failed", fr="raté",
)  # fmt: skip
EARLY = BAD.model_copy(update={"at_s": 2.0, "en": "gas"})
FACTS = SessionFacts(
    began_at=1_786_100_849.0,
    length_s=735.0,
    messages=3837,
    versions={"CCU": "1.3.0-osf.4", "DPS": "1.6.0"},
    orders={"finished": 4, "failed": 1},
    alarms=(EARLY, BAD),
)


@pytest.fixture
async def library(store_url: str, tmp_path: Path) -> AsyncIterator[Pages]:
    folder = tmp_path / "sessions"
    folder.mkdir()
    for name in ("day", "new"):
        (folder / f"{name}.jsonl.gz").write_bytes(b"")
    write_facts(folder / "day.jsonl.gz", FACTS)
    async with ui_pages.pages(store_url=store_url, data=tmp_path) as pages:
        pages.language("en")
        told = {"state": "playing", "session": "day", "sessions": ("day", "new"), "at": NOW}
        pages.models["replay"].station = ReplayStatus.model_validate(told)
        yield pages


async def test_the_library_says_when_how_it_ended_and_of_which_versions(library: Pages) -> None:
    await library.user.open("/replay/sessions")
    await library.user.should_see("4 finished, 1 failed · alarms: 2")
    await library.user.should_see("not read yet")
    await library.user.should_see("Factory versions: CCU 1.3.0-osf.4, DPS 1.6.0")


async def test_an_alarm_leads_to_its_moment(library: Pages) -> None:
    await library.user.open("/replay/sessions")
    await library.user.should_see("665.4 s · Warning: the piece failed")
    found = sorted(library.user.find(marker="seek-alarm").elements, key=lambda one: one.id)
    assert len(found) == 2
    # One after the other, as a hand clicks: each click is a task of its own.
    library.user.find("665.4 s").click()
    assert await _wishes(library, 1) == [("seek", "660.4")]
    library.user.find("2.0 s · Warning: gas").click()
    assert await _wishes(library, 2) == [("seek", "660.4"), ("seek", "0.0")]


async def _wishes(library: Pages, count: int) -> list[tuple[str, str]]:
    """What the station is asked for, once that are `count` wishes or none more comes."""
    wishes: list[tuple[str, str]] = []
    for _ in range(ui_pages.TRIES):
        found = await library.inboxes["replay"].models(CONTROL, ReplayControl)
        wishes = [(one.action, one.value) for _, one in found]
        if len(wishes) == count:
            break
        await asyncio.sleep(0.05)
    return wishes


async def test_of_a_session_nobody_has_read_there_is_no_list(library: Pages) -> None:
    told = {"state": "playing", "session": "new", "sessions": ("day", "new"), "at": NOW}
    library.models["replay"].station = ReplayStatus.model_validate(told)
    await library.user.open("/replay/sessions")
    (holder,) = ui_pages.classed(library, "session-alarms")
    assert "hidden" in holder.classes
