"""A new alarm is read out once, to whoever has a page open; what stood before is not."""

from tests.support.ui_pages import DRILL, HBW, Pages


def _announced(pages: Pages) -> tuple[str, int]:
    (region,) = pages.user.find(marker="announced").elements
    assert region.props["aria-live"] == "polite"
    return region.text, region.props["data-alarms"]


async def test_an_alarm_that_arises_is_announced_and_counted(pages: Pages) -> None:
    pages.factory.online(HBW, "CONNECTIONBROKEN")
    await pages.user.open("/mock/stock")
    said, count = _announced(pages)
    assert said == ""
    pages.factory.online(DRILL, "CONNECTIONBROKEN")
    pages.tick(1)
    said, more = _announced(pages)
    assert more == count + 1
    assert said.startswith("New alarm: ")
    assert DRILL in said
    pages.tick(2)
    assert _announced(pages) == (said, more)


async def test_it_is_announced_in_the_language_of_the_page(pages: Pages) -> None:
    pages.language("de")
    await pages.user.open("/mock/stock")
    pages.factory.online(DRILL, "CONNECTIONBROKEN")
    pages.tick(1)
    assert _announced(pages)[0].startswith("Neuer Alarm: ")
