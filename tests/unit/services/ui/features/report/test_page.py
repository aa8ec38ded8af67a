"""The page Report: the figures of a range, each with what it was counted from, and as files."""

from pathlib import Path

import pytest

from omf.analysis.shift_figures import RangeFigures
from services.common.store.bus import StoreError
from services.history.reader import History
from services.history.shift_reading import ShiftProgress
from services.ui.features.report import page
from tests.support.archives import archive_alarms, filled, merged, passages
from tests.support.inboxes import until
from tests.support.shared import recording
from tests.support.ui_pages import Pages, classed
from tests.support.ui_pages import pages as ui_pages

pytestmark = pytest.mark.servers
SESSION = "ml-wrb-red-nok_20260807_130729"
SPAN = "2026-08-07T10:54:15Z..2026-08-07T11:06:30Z"


@pytest.fixture
def archived(tmp_path: Path) -> Path:
    merged(filled(tmp_path / "history" / "mock", list(recording(SESSION)), 1000))
    return tmp_path


def hrefs(pages: Pages, mark: str) -> list[str]:
    found = [one for box in classed(pages, mark) for one in box.descendants() if one.tag == "a"]
    return [str(one.props.get("href")) for one in found]


async def test_each_figure_opens_what_it_was_counted_from(archived: Path, store_url: str) -> None:
    async with ui_pages(data=archived, store_url=store_url) as pages:
        await pages.user.open(f"/mock/report?range={SPAN}")
        for words in (
            "First-pass yield",
            "50.0 %",
            "21.6 %",
            "16.4 m",
            "waiting for vehicle, cost 2 min 1 s",
        ):
            await pages.user.should_see(words)
        figures = {one.text: one for one in classed(pages, "report-figure")}
        pages.user.find(content="50.0 %").click()
        await pages.user.should_see("counted from")
        assert len(hrefs(pages, "report-source-list")) == 2
        assert all("/mock/history?message=" in one for one in hrefs(pages, "report-source-list"))
        assert "19.6 / h" in figures


async def test_two_ranges_stand_beside_each_other(archived: Path, store_url: str) -> None:
    other = "2026-08-07T10:54:15Z..2026-08-07T11:00:00Z"
    async with ui_pages(data=archived, store_url=store_url) as pages:
        await pages.user.open(f"/mock/report?range={SPAN}&against={other}")
        await pages.user.should_see("(there 3)")


async def test_what_cannot_be_read_is_told_beside_the_figures(
    archived: Path, store_url: str
) -> None:
    folder = archived / "history" / "mock"
    [day] = History(folder).days()
    victim = folder / day.day / day.of("messages")[0].name
    victim.write_bytes(victim.read_bytes()[:100])
    async with ui_pages(data=archived, store_url=store_url) as pages:
        await pages.user.open(f"/mock/report?range={SPAN}")
        await pages.user.should_see(f"{victim.name} cannot be read")
        await pages.user.should_see("files of the archive that cannot be read")
        pages.language("de")
        await pages.user.open("/mock/report?range=bald")
        await pages.user.should_see("Kein Bericht: nenne `now`")


async def test_an_older_question_says_nothing_beside_a_newer_one_and_ends_with_its_page(
    archived: Path, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[ShiftProgress] = []

    async def count(*asked: object) -> RangeFigures:
        progress = asked[-1]
        assert isinstance(progress, ShiftProgress)
        counted.append(progress)
        await until(lambda: progress.stopped)
        raise StoreError("of the older question" if len(counted) > 1 else "of a page that is gone")

    monkeypatch.setattr(page, "figures_between", count)
    async with ui_pages(data=archived, store_url=store_url) as pages:
        await pages.user.open(f"/mock/report?range={SPAN}")
        await until(lambda: counted)
        first = next(iter(pages.user.find(marker="report-range").elements))
        first.set_value("last")  # type: ignore[attr-defined]
        await until(lambda: len(counted) > 1)
        assert counted[0].stopped
        await pages.user.should_see("counted")
        await pages.user.should_not_see("of the older question")
        assert pages.user.client is not None
        pages.user.client.delete()
        await until(lambda: counted[1].stopped)


@pytest.mark.parametrize(
    ("asked", "said"),
    [("soon", "No report: name `now`"), ("1900-01-01..2026-01-01", "at most 35 days")],
)
async def test_what_is_no_range_is_said(
    asked: str, said: str, archived: Path, store_url: str
) -> None:
    async with ui_pages(data=archived, store_url=store_url) as pages:
        await pages.user.open(f"/mock/report?range={asked}")
        await pages.user.should_see(said)


@pytest.mark.parametrize(
    ("form", "begins"), [("pdf", b"%PDF-"), ("csv", b"\xef\xbb\xbffrom,to"), ("json", b'{"since"')]
)
async def test_the_report_is_a_file(
    form: str, begins: bytes, archived: Path, store_url: str
) -> None:
    async with ui_pages(data=archived, store_url=store_url) as pages:
        client = pages.user.http_client
        found = await client.get("/mock/report.file", params={"range": SPAN, "format": form})
        assert found.status_code == 200
        assert found.content.startswith(begins)
        wrong = await client.get("/mock/report.file", params={"range": "soon"})
        assert wrong.status_code == 422


async def test_a_planning_run_is_begun_and_ended_on_the_page(
    archived: Path, store_url: str
) -> None:
    async with ui_pages(data=archived, store_url=store_url) as pages:
        await pages.user.open("/mock/report?range=now")
        await pages.user.should_see("Planning run")
        pages.user.find(marker="run-name").type("batch-7")
        pages.user.find(marker="run-start").click()
        await pages.user.should_see("batch-7")
        await pages.user.should_see("since")
        pages.user.find(marker="run-stop").click()
        await until(lambda: not classed(pages, "run-list")[0].default_slot.children)
        field = next(iter(pages.user.find(marker="report-range").elements))
        assert field.value == "batch-7"  # type: ignore[attr-defined]
        pages.user.find(marker="run-name").type("no name")
        pages.user.find(marker="run-start").click()
        await pages.user.should_see("no name is no name")


async def test_an_alarm_of_a_report_opens_what_became_of_it_in_that_range(
    archived: Path, store_url: str
) -> None:
    begin_ms = 1_786_100_100_000
    told = [(f"{begin_ms + n * 1000}-0", one) for n, one in enumerate(passages(3, at_ms=begin_ms))]
    archive_alarms(archived / "history" / "mock", told)
    async with ui_pages(data=archived, store_url=store_url) as pages:
        await pages.user.open(f"/mock/report?range={SPAN}")
        await pages.user.should_see(marker="alarms-raised")
        pages.user.find(marker="alarms-raised").click()
        await pages.user.should_see("counted from")
        [way] = set(hrefs(pages, "report-source-list"))
    assert way.startswith("/mock/alarms/history?since=2026-08-07T10%3A54%3A15")
    assert "alarm=" in way
