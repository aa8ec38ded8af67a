"""The alarms about a device or an order stand on its page, and on the map when it is clicked."""

import pytest

from omf.alarms.changes import carry_out, observe
from omf.alarms.life import AlarmAct
from omf.alarms.lifecycle import AlarmEvent
from tests.support.ui_pages import DRILL, HBW, NOW, Pages
from tests.support.ui_story import floor, made, step


def shown(pages: Pages) -> list[str] | None:
    """What the panel says; None while it is not there."""
    (panel,) = pages.user.find("subject-alarms").elements
    if "hidden" in panel.classes:
        return None
    words = [one for one in panel.descendants() if hasattr(one, "text") and one.text]
    return [one.text for one in words if "hidden" not in one.classes]


@pytest.mark.parametrize("path", [f"module/{DRILL}", f"floor?show={DRILL}"])
async def test_a_device_shows_its_own_and_no_other(pages: Pages, path: str) -> None:
    floor(pages)
    pages.factory.module(DRILL).module(HBW)
    await pages.user.open(f"/mock/{path}")
    assert shown(pages) is None
    pages.factory.online(HBW, "CONNECTIONBROKEN")
    pages.tick(10)
    assert shown(pages) is None
    pages.factory.online(DRILL, "CONNECTIONBROKEN")
    pages.tick(20)
    said = shown(pages)
    assert said is not None
    assert said[1].startswith("DRILL cannot be reached")
    assert any("power and network" in one for one in said)


async def test_what_is_hidden_says_why_it_asks_for_nothing(pages: Pages) -> None:
    pages.factory.module(DRILL).online(DRILL, "CONNECTIONBROKEN")
    state = pages.models["mock"].factory
    now = NOW + 60
    state.lives, _ = observe({}, state.found_alarms(now), now)
    name = f"connection-lost:{DRILL}"
    act = AlarmAct(now, "otto", "known", now + 900)
    state.lives, _ = carry_out(state.lives, name, AlarmEvent.SHELVED, act)
    await pages.user.open(f"/mock/module/{DRILL}")
    pages.tick(61)
    said = shown(pages)
    assert said is not None
    assert "cannot be reached" in said[1]
    assert said[2:] == ["shelved: known"]


async def test_an_order_shows_what_is_about_it_and_what_holds_it_up(pages: Pages) -> None:
    floor(pages)
    drilling = step(1, "IN_PROGRESS", "DRILL", "DRILL", began=60)
    pages.factory.orders(made("running-1", "IN_PROGRESS", drilling))
    pages.factory.module(DRILL)
    await pages.user.open("/mock/order/running-1")
    assert shown(pages) is None
    pages.factory.online(DRILL, "CONNECTIONBROKEN")
    pages.tick(60)
    said = shown(pages)
    assert said is not None
    assert any("DRILL cannot be reached" in one for one in said)
