"""Workpieces on the pages: found by list, colour, tag and order; one life in four columns."""

from pathlib import Path

import pytest
from nicegui import ui

from omf.layout.default import default_layout
from omf.messages.stream_id import StreamId
from services.history.reader import History
from tests.support.archives import filled, merged
from tests.support.shared import recording
from tests.support.ui_pages import Pages, classed
from tests.support.ui_pages import pages as ui_pages

SESSION, RED, WHITE = "ml-wrb-red-nok_20260807_130729", "be88d734ab51c7", "2ffbea358ce2d4"


def heard(pages: Pages) -> None:
    pages.models["mock"].receive(list(recording(SESSION)))


def rows(pages: Pages) -> dict[str, dict[str, object]]:
    grid = next(iter(pages.user.find(ui.aggrid).elements))
    return {str(row["tag"]): row for row in grid.options["rowData"]}


async def test_every_piece_stands_in_a_list_with_where_it_is(pages: Pages) -> None:
    heard(pages)
    await pages.user.open("/mock/workpieces")
    for words in ("all 3", "in the house 1", "delivered 1", "rejected 1", "lost 0", "unclear 0"):
        await pages.user.should_see(words)
    found = rows(pages)
    assert (found[RED]["piece"], found[RED]["result"]) == ("Red", "not passed")
    assert found["08148f9f8c5d47"]["place"] == "MILL"


@pytest.mark.parametrize(
    "address",
    [
        f"workpieces?find={WHITE}",
        "workpieces?colour=white",
        "workpieces/delivered",
        "workpieces?find=9c80c44d-3eac",
    ],
)
async def test_the_pieces_are_narrowed_by_address(pages: Pages, address: str) -> None:
    heard(pages)
    await pages.user.open(f"/mock/{address}")
    assert set(rows(pages)) == {WHITE}


async def test_a_factory_without_pieces_says_so(pages: Pages) -> None:
    await pages.user.open("/mock/workpieces")
    await pages.user.should_see("No workpiece was seen yet.")


@pytest.mark.parametrize("wanted", [RED, "ea62a9ff-6ff5-4b5e-b167-3009962806f3", "1786100056040-0"])
async def test_one_life_is_told_with_links_to_its_messages(pages: Pages, wanted: str) -> None:
    heard(pages)
    await pages.user.open(f"/mock/workpiece/{wanted}")
    await pages.user.should_see(f"Red {RED}")
    await pages.user.should_see("rejected, quality not OK")
    await pages.user.should_see("planned MILL → AIQS; done MILL → AIQS")
    await pages.user.should_see("Longer than usual: vehicle drives MILL → AIQS")
    await pages.user.should_see("loaded: FTS 5iO4 2, HBW, with White 2ffbea358ce2d4")
    lines = classed(pages, "life-line")
    assert len(lines) > 60
    links = [
        str(one.props.get("href")) for line in lines for one in line.descendants() if one.tag == "a"
    ]
    assert any(target.startswith("/mock/messages?message=1786100719958-0") for target in links)
    assert any(target.startswith("/mock/floor?at=2026-08-07T11:05:19") for target in links)


async def test_surroundings_are_the_last_readings_before(pages: Pages) -> None:
    heard(pages)
    await pages.user.open(f"/mock/workpiece/{WHITE}")
    around = classed(pages, "life-around")
    words = [one.text for box in around for one in box.descendants() if isinstance(one, ui.label)]
    assert any("°C" in one and " s" in one for one in words)


async def test_a_piece_nobody_knows_is_said_to_be_unknown(pages: Pages) -> None:
    await pages.user.open("/mock/workpiece/nobody")
    await pages.user.should_see("Workpiece nobody is not known")
    pages.language("fr")
    await pages.user.open("/mock/workpiece/nobody")
    await pages.user.should_see("La pièce nobody n’est pas connue")


async def test_an_archive_that_cannot_be_read_is_no_piece_that_nobody_knows(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "history" / "mock"
    merged(filled(folder, list(recording(SESSION)), 1000))
    [day] = History(folder).days()
    victim = folder / day.day / day.of("lives")[0].name
    victim.write_bytes(b"none")
    async with ui_pages(data=tmp_path) as pages:
        await pages.user.open(f"/mock/workpiece/{RED}")
        await pages.user.should_see(f"{victim.name} cannot be read")


def hrefs(pages: Pages, mark: str) -> list[str]:
    found = [one for box in classed(pages, mark) for one in box.descendants() if one.tag == "a"]
    return [str(one.props.get("href")) for one in found]


async def test_its_way_on_the_map_leads_to_the_map_then(pages: Pages) -> None:
    heard(pages)
    pages.say("ccu/state/layout", default_layout())
    await pages.user.open(f"/mock/workpiece/{RED}")
    stops = hrefs(pages, "piece-stops")
    assert stops[0].startswith("/mock/floor?at=2026-08-07T10:54:16")
    assert len(stops) > 8
    assert len(classed(pages, "piece-stop")) == len(stops)
    assert len(classed(pages, "piece-way")) == len(stops) - 1
    await pages.user.should_see("1 DPS")


async def test_a_piece_of_the_archive_is_told_with_the_other_lives_of_its_tag(
    tmp_path: Path,
) -> None:
    year_ms = 365 * 86_400_000
    said = list(recording(SESSION))
    ago = [
        one._replace(id=f"{StreamId.parse(one.id).ms - back}-0")
        for back in (2 * year_ms, year_ms)
        for one in said
    ]
    merged(filled(tmp_path / "history" / "mock", ago, 1000))
    async with ui_pages(data=tmp_path) as pages:
        await pages.user.open(f"/mock/workpiece/{RED}")
        await pages.user.should_see("rejected, quality not OK")
        await pages.user.should_see("Other lives of this tag")
        others = [one for one in hrefs(pages, "lines") if one.startswith("/mock/workpiece/")]
        assert others == [f"/mock/workpiece/{1_786_100_056_040 - 2 * year_ms}-0"]
        around = classed(pages, "life-around")
        told = [one.text for box in around for one in box.descendants() if hasattr(one, "text")]
        assert any("°C" in one for one in told)
        assert any("history?message=" in one for one in hrefs(pages, "life-when"))
        heard(pages)
        await pages.user.open(f"/mock/workpiece/{RED}")
        await pages.user.should_see("Other lives of this tag")
        assert not any("history?message=" in one for one in hrefs(pages, "life-when"))


async def test_a_tag_that_nobody_in_the_house_has_is_looked_for_in_the_archive(
    pages: Pages,
) -> None:
    heard(pages)
    await pages.user.open("/mock/workpieces?find=04ffff")
    await pages.user.should_see("Look for 04ffff in the archive")
    await pages.user.open(f"/mock/workpieces?find={RED}")
    await pages.user.should_not_see("in the archive")


@pytest.mark.servers
@pytest.mark.parametrize("form", ["pdf", "csv", "json"])
async def test_the_life_record_is_a_file(form: str, store_url: str, tmp_path: Path) -> None:
    merged(filled(tmp_path / "history" / "mock", list(recording(SESSION)), 1000))
    async with ui_pages(data=tmp_path, store_url=store_url) as pages:
        address = f"/mock/workpiece.file?piece={RED}&format={form}"
        found = await pages.user.http_client.get(address)
        assert found.status_code == 200
        assert (
            found.content[:5] == {"pdf": b"%PDF-", "csv": b"\xef\xbb\xbfli", "json": b'[{"id'}[form]
        )
        gone = await pages.user.http_client.get("/mock/workpiece.file?piece=nobody")
        assert gone.status_code == 404
