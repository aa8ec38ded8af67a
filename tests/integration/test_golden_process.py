"""Golden sessions of named ranges, over a real store and archive, in the process of a page."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from omf.alarms.rule_data import with_site
from services.common.sessions import named_ranges
from services.common.sessions.golden_folder import GoldenFolder
from services.common.sessions.named_ranges import Session
from services.common.store.alarm_rules import StoredRules, write_rules
from services.common.store.bus import Bus
from services.ui.live.golden_runs import GoldenRuns
from services.ui.settings import UiSettings
from tests.support.archives import filled
from tests.support.shared import recording
from tests.support.system import omf

pytestmark = pytest.mark.alike

NOK = "white-storage-production-nok_20260807_114322"
QUALITY = "quality-failed:621db0f2-c564-4d79-94cc-a4c60206f027"
SITE = "version: 1\nrules:\n  quality-failed: {enabled: false}\n"


@pytest.fixture
async def bus(store_url: str) -> AsyncIterator[Bus]:
    async with Bus(store_url, "mock") as made:
        yield made


@pytest.fixture
async def runs(bus: Bus, store_url: str, tmp_path: Path) -> GoldenRuns:
    """The archive has the recording, and it has a name."""
    messages = list(recording(NOK))
    filled(tmp_path / "history" / "mock", messages, portion=500)
    begin, end = messages[0].received_at, messages[-1].received_at
    session = Session(name="nok", from_at=begin - 1, to_at=end + 1, note="rejected")
    await named_ranges.name(bus, session)
    return GoldenRuns(UiSettings(store_url=store_url, data=tmp_path))


async def test_an_archived_range_is_kept_and_checked_beside_the_pages(
    bus: Bus, runs: GoldenRuns, tmp_path: Path
) -> None:
    folded: list[int] = []
    word = await runs.keep("mock", "nok", "anna", folded.append)
    assert word.kept is not None, word.failed
    assert (word.kept.messages, word.kept.origin.operator) == (1352, "anna")
    assert folded == [1000]
    assert GoldenFolder.of(tmp_path).names() == ["nok"]
    done = (await runs.check("mock", "nok", folded.append)).checked
    assert done is not None
    assert done.differences == ()
    await write_rules(bus, StoredRules(version=with_site(SITE).version, source=SITE))
    done = (await runs.check("mock", "nok", folded.append)).checked
    assert done is not None
    assert [(one.change, one.id) for one in done.differences] == [("missing", QUALITY)]


async def test_what_goes_wrong_is_said_in_the_readers_language(
    runs: GoldenRuns, tmp_path: Path
) -> None:
    for word in (await runs.keep("mock", "none", "anna"), await runs.check("mock", "none")):
        assert word.failed is not None
    await runs.keep("mock", "nok", "anna")
    taken = (await runs.keep("mock", "nok", "anna")).failed
    assert taken is not None
    assert "gibt es schon" in taken.de
    GoldenFolder.of(tmp_path).path("nok").write_bytes(b"something else")
    foreign = (await runs.check("mock", "nok")).failed
    assert foreign is not None
    assert "n’est pas une session de référence" in foreign.fr


async def test_one_that_nobody_wants_any_more_ends_and_leaves_nothing(
    runs: GoldenRuns, tmp_path: Path
) -> None:
    work = asyncio.create_task(runs.keep("mock", "nok", "anna", lambda _: work.cancel()))
    with pytest.raises(asyncio.CancelledError):
        await work
    assert GoldenFolder.of(tmp_path).names() == []
    assert (await runs.keep("mock", "nok", "anna")).kept is not None


async def test_a_range_is_kept_from_the_command_line(
    runs: GoldenRuns, store_url: str, tmp_path: Path
) -> None:
    assert not runs.folder.names()
    here = {"OMF_STORE_URL": store_url, "OMF_DATA": str(tmp_path), "OMF_UNPROTECTED": "true"}
    day = ("--from", "2026-08-07T09:38:00Z", "--to", "2026-08-07T09:44:00Z")
    kept = await asyncio.to_thread(omf, "golden", "keep", "day", *day, **here)
    assert kept.returncode == 0, kept.stderr
    assert "1352 messages" in kept.stdout
    named = await asyncio.to_thread(omf, "golden", "keep", "it", "nok", **here)
    assert named.returncode == 0, named.stderr
    checked = await asyncio.to_thread(omf, "golden", "check", **here)
    assert checked.returncode == 0, checked.stdout
    assert checked.stdout.count("as it was kept") == 2
