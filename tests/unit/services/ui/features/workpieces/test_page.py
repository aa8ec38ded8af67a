"""Workpieces on the pages: found by list, colour, tag and order; one life in four columns."""

import pytest
from nicegui import ui

from tests.support.shared import recording
from tests.support.ui_pages import Pages, classed

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
