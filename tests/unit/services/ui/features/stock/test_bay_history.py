"""Bays over time: what lay where at the moment of the cursor."""

import asyncio

from nicegui.testing import User

from omf.messages.message import Message
from omf.state.stock_history import bay_courses, lay_in
from tests.support.factory import Factory, stock_message
from tests.support.ui_pages import Pages, classed

TAG = "04798eca341290"


def said(*stocks: dict[str, str]) -> list[Message]:
    factory = Factory()
    for pieces in stocks:
        factory.say("ccu_state_stock", stock_message(**pieces))
    return factory.heard


def test_a_bay_has_a_stretch_for_each_change() -> None:
    found = bay_courses(said({"A1": "RED"}, {"A1": "RED", "B2": "BLUE"}, {"B2": "BLUE"}))
    assert [(one.at, one.colour) for one in found["A1"]] == [(1001, "RED"), (1003, None)]
    assert [(one.at, one.colour) for one in found["B2"]] == [(1001, None), (1002, "BLUE")]
    assert list(found) == sorted(found)


def test_what_lay_there_is_unknown_before_anybody_said_so() -> None:
    course = bay_courses(said({"A1": f"RED:{TAG}"}, {}))["A1"]
    assert lay_in(course, 1000.5) is None
    assert (lay_in(course, 1002.5) or course[-1]).workpiece_id is None
    assert course[0].workpiece_id == TAG
    assert lay_in(course, 1001.0) == course[0]


def test_what_is_no_stock_message_changes_nothing() -> None:
    odd = Message("ccu/state/stock", b"{", "1-0")
    other = Message("ccu/state/flows", b"{}", "2-0")
    assert bay_courses([odd, other]) == {}


async def test_the_cursor_says_what_lay_in_each_bay(pages: Pages) -> None:
    user: User = pages.user
    pages.factory.say("ccu_state_stock", stock_message(A1=f"RED:{TAG}"), ago=1800)
    pages.factory.say("ccu_state_stock", stock_message(B1="BLUE"), ago=60)
    await user.open("/mock/stock")
    await user.should_see(marker="bays-at")
    [lay] = classed(pages, "bay-words")
    for _ in range(100):
        shown = [getattr(one, "text", "") for one in lay.descendants()]
        if "Blue" in str(shown):
            break
        await asyncio.sleep(0.05)
    assert "Red" not in str(shown)
    user.find(marker="bay-cursor").trigger("input", 600)
    shown = [getattr(one, "text", "") for one in lay.descendants()]
    assert f"Red {TAG}" in str(shown)
    assert "Blue" not in str(shown)
    assert len(classed(pages, "bay-bar")) == 2
