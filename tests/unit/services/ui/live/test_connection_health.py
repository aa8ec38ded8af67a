"""What is away, old or amiss says so wherever it is shown."""

import pytest
from nicegui import ui

from omf.messages.message import Message
from omf.topics.catalogue import address
from services.common.store.keys import LinkHealth
from services.ui.live.model import Links
from tests.support.factory import DRILL, FTS, HBW, connection
from tests.support.ui_pages import NOW, Pages, classed
from tests.support.ui_story import driving, floor, made


@pytest.mark.parametrize(
    ("kind", "state", "word"),
    [("module", "OFFLINE", "signed off"), ("fts", "CONNECTIONBROKEN", "connection lost")],
)
async def test_a_device_that_went_away_says_so_wherever_its_state_stands(
    pages: Pages, kind: str, state: str, word: str
) -> None:
    floor(pages)
    driving(pages, HBW, "1", "2")
    serial = DRILL if kind == "module" else FTS
    pages.factory.say(f"{kind}_connection", connection(serial, state), serial=serial)
    page = "module" if kind == "module" else "vehicle"
    await pages.user.open(f"/mock/{page}/{serial}")
    (heading,) = classed(pages, "detail-state")
    assert (heading.text, "comm" in heading.classes) == (word, True)
    assert len(classed(pages, "aged")) == 2
    await pages.user.open("/mock/overview")
    (line,) = classed(pages, "line-state" if kind == "module" else "grow cut", "comm")
    assert line.text == word
    await pages.user.open("/mock/floor")
    (mark,) = classed(pages, "module-state" if kind == "module" else "vehicle-away", "comm")
    assert mark.text == word


HATCHED = {
    f"module/{DRILL}": 2,
    f"vehicle/{FTS}": 2,
    f"floor?show={FTS}": 1,
    "stock": 3,
    "orders": 4,
    "order/one": 2,
    "overview": 11,
}


async def test_what_is_only_last_known_is_hatched(pages: Pages) -> None:
    floor(pages)
    pages.factory.orders(made("one", "IN_PROGRESS"))
    pages.factory.vehicle("1")
    pages.factory.online(DRILL)
    for path, hatched in HATCHED.items():
        _reading(pages, connected=True)
        await pages.user.open(f"/mock/{path}")
        assert classed(pages, "aged") == [], path
        _reading(pages, connected=False)
        pages.tick()
        assert len(classed(pages, "aged")) == hatched, path


def _reading(pages: Pages, *, connected: bool) -> None:
    link = LinkHealth(connected=connected, broker="mqtt://broker", since=NOW - 3, at=NOW)
    pages.models["mock"].links.ingest = link
    pages.models["mock"].changed()


async def test_the_word_of_a_silent_ccu_is_hatched(pages: Pages) -> None:
    pages.factory.orders(made("one", "IN_PROGRESS"))
    await pages.user.open("/mock/overview")
    for later_s, hatched in ((1, 0), (61, 11)):
        up = LinkHealth(connected=True, broker="mqtt://broker", since=NOW, at=NOW + later_s)
        pages.models["mock"].links = Links(up, up)
        pages.tick(later_s)
        assert len(classed(pages, "aged")) == hatched


async def test_an_alarm_about_a_vehicle_stands_on_its_mark(pages: Pages) -> None:
    floor(pages)
    pages.factory.vehicle("1")
    await pages.user.open("/mock/floor")
    (body,) = classed(pages, "vehicle-box")
    (sign,) = [s for s in classed(pages, "alarm-sign") if s in _near(body)]
    assert "hidden" in sign.classes
    config = {"ftsSettings": {"chargeThresholdPercent": 60}}
    pages.factory.say("ccu_state_config", config)
    pages.tick(1)
    assert "hidden" not in sign.classes
    shown = [s for s in _children(sign) if "hidden" not in s.classes and s.tag != "title"]
    assert [s.classes for s in shown] == [["advisory"]]


async def test_an_alarm_says_what_to_do_and_the_rest_unfolds(pages: Pages) -> None:
    for number in range(6):
        pages.factory.online(f"M{number}", "OFFLINE")
    await pages.user.open("/mock/overview")
    await pages.user.should_see("Check power and network of the device.")
    assert len(classed(pages, "alarm")) == 3
    pages.user.find("and 3 more").click()
    assert len(classed(pages, "alarm")) == 6
    pages.user.find("only the gravest").click()
    assert len(classed(pages, "alarm")) == 3


async def test_the_alarm_about_a_kept_command_leads_to_its_card(pages: Pages) -> None:
    topic = address("ccu_set_reset")
    kept = Message(topic, b"{}", f"{int(NOW * 1000)}-0", retain=True)
    pages.models["mock"].receive([kept])
    await pages.user.open("/mock/overview")
    (what,) = [e for e in classed(pages, "alarm-what") if topic in e.text]
    assert what.props["href"] == "/mock/steering?kind=clear-retained&topic=ccu%2Fset%2Freset"


def _children(element: ui.element) -> list[ui.element]:
    return list(element.default_slot.children)


def _near(element: ui.element) -> list[ui.element]:
    return list(element.parent_slot.parent.default_slot.children)
