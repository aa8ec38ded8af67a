"""System, archive: what there is, how long it will do, and what is wrong with it."""

import pytest

from services.common.store.archive_status import ArchivedKind, ArchiveStatus
from tests.support.ui_pages import NOW, Pages, listed

WORDS = {
    "de": ("Kamerabilder", "frei auf der Platte", "an 2 Stellen", "Etwas stimmt nicht", "noch"),
    "en": ("Camera pictures", "free on the disk", "at 2 places", "Something is wrong", "not known"),
    "fr": ("Images", "libres sur le disque", "à 2 endroits", "ne va pas", "encore"),
}


def _kind(kind: str, full_days: float | None) -> ArchivedKind:
    day_ago = NOW - 86_400
    return ArchivedKind(
        kind=kind,
        files=3,
        size=2_500_000_000,
        oldest_at=day_ago,
        newest_at=NOW,
        full_days=full_days,
    )


@pytest.mark.parametrize("language", WORDS)
async def test_each_kind_has_its_forecast_and_what_is_wrong_is_named(
    pages: Pages, language: str
) -> None:
    camera, free, gaps, wrong, unknown = WORDS[language]
    pages.language(language)
    pages.models["mock"].archive = ArchiveStatus(
        place="/data/history/mock",
        kinds=(_kind("camera", 12.7), _kind("messages", None), _kind("own_class", 0.5)),
        free=81_000_000_000,
        gaps=2,
        lost=1200,
        faults=("/data/x.parquet is missing",),
        at=NOW,
    )
    await pages.user.open("/mock/system/archive")
    rows = {row["id"]: row for row in listed(pages)}
    assert rows["camera"]["kind"].startswith(camera)
    assert rows["camera"]["left"].startswith("12 ")
    assert rows["camera"]["size"].startswith(("2.5", "2,5"))
    assert unknown in rows["messages"]["left"]
    assert rows["own_class"]["kind"] == "own_class"
    for words in (free, gaps, wrong, "/data/x.parquet is missing", "/data/history/mock"):
        await pages.user.should_see(words)


async def test_without_a_historian_it_says_so(pages: Pages) -> None:
    pages.language("en")
    await pages.user.open("/mock/system/archive")
    await pages.user.should_see("No historian has written")


async def test_a_historian_that_fell_silent_is_told(pages: Pages) -> None:
    pages.language("en")
    pages.models["mock"].archive = ArchiveStatus(place="/data", at=NOW - 600, gaps=1, lost=None)
    await pages.user.open("/mock/system/archive")
    await pages.user.should_see("the historian has said nothing for 10 min")
    await pages.user.should_see("nobody can tell how many")
