"""What a factory reset left behind stays in sight until it is put away."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from omf.state import FactoryState
from services.common.process.main import end_all
from services.common.store.bus import Bus, StoreError
from services.ui.live.model import ViewModel
from services.ui.live.reader import LiveReader
from tests.support import ui_pages
from tests.support.factory import (
    FTS,
    HBW,
    SERIALS,
    Factory,
    known_factory,
    order,
    warehouse_loads,
)
from tests.support.ui_pages import NOW, Pages

DRILL = SERIALS["DRILL"]
RESET = {"timestamp": "2026-08-07T09:20:00.000Z", "withStorage": False}
WHITE = {"loadType": "WHITE", "loadId": "04798eca341290", "loadPosition": "1"}


@pytest.fixture
async def pages(store_url: str) -> AsyncIterator[Pages]:
    async with ui_pages.pages(store_url=store_url) as opened:
        opened.language("en")
        yield opened


def _drill(state: FactoryState, *loads: dict[str, Any]) -> None:
    Factory(state).module(DRILL, loads=list(loads))


def _reset(state: FactoryState, after_s: float = 0) -> None:
    Factory(state).wait(after_s).say("ccu_set_reset", RESET)


def test_the_reset_remembers_the_pieces_that_lie_outside_the_store() -> None:
    state = known_factory(at=NOW)
    _drill(state, WHITE)
    _reset(state)
    assert state.requests.reset_left == [("DRILL", "WHITE")]
    _drill(state)
    _reset(state, 5)
    assert state.requests.reset_left == [("DRILL", "WHITE")], "nobody has taken it away"


def _shown(pages: Pages) -> bool:
    assert pages.user.client is not None
    found = [e for e in pages.user.client.elements.values() if "after-reset" in e.classes]
    return any("hidden" not in e.classes for e in found)


async def test_what_is_left_is_told_with_prepared_commands_until_it_is_put_away(
    pages: Pages,
) -> None:
    model = pages.models["mock"]
    model.factory = known_factory(at=NOW)
    await pages.user.open("/mock/steering")
    assert not _shown(pages)
    _drill(model.factory, WHITE)
    _reset(model.factory)
    Factory(model.factory).vehicle("UNKNOWN")
    model.changed()
    pages.tick()
    assert _shown(pages)
    await pages.user.should_see("Take the pieces away by hand: DRILL White")
    pages.user.find(marker=f"after-reset-dock-{FTS}").click()
    await pages.user.should_see("findInitialDockPosition")
    pages.user.find(marker="after-reset-done").click()
    await _put_away(pages)
    assert not _shown(pages)


async def test_after_it_the_bays_are_compared_and_what_was_lost_is_ordered_again(
    pages: Pages,
) -> None:
    model = pages.models["mock"]
    told = Factory.known(at=NOW)
    model.factory = told.state
    told.orders(order("running"), order("waits", state="ENQUEUED", orderType="STORAGE"))
    told.say("ccu_set_reset", RESET).orders().module(HBW, loads=warehouse_loads(A1="BLUE"))
    await pages.user.open("/mock/overview")
    assert _shown(pages)
    await pages.user.should_see("Compare with the warehouse and correct: A1, B1")
    await pages.user.should_not_see(marker="after-reset-again-waits")
    pages.user.find(marker="after-reset-again-running").click()
    await pages.user.should_see("ccu/order/request")


async def _put_away(pages: Pages) -> None:
    model = pages.models["mock"]
    for _ in range(50):
        if model.reset_cleared:
            break
        await asyncio.sleep(0.02)
    pages.tick()


@pytest.mark.parametrize("page", ["overview", "floor", "orders", "steering"])
async def test_it_is_told_wherever_it_matters_and_a_restart_does_not_bring_it_back(
    pages: Pages, page: str
) -> None:
    model = pages.models["mock"]
    model.factory = known_factory(at=NOW)
    _drill(model.factory, WHITE)
    _reset(model.factory)
    await pages.user.open(f"/mock/{page}")
    assert _shown(pages)
    await pages.user.should_see("Take the pieces away by hand: DRILL White")
    pages.user.find(marker="after-reset-done").click()
    await _put_away(pages)
    assert not _shown(pages)
    restarted = ViewModel("mock", factory=model.factory)
    await watched_once(pages.inboxes["mock"], restarted)
    assert restarted.reset_cleared == model.reset_cleared == NOW
    _reset(model.factory, 5)
    model.changed()
    pages.tick()
    assert _shown(pages), "another reset is told anew"


async def watched_once(bus: Bus, model: ViewModel) -> None:
    """One round of what a process that was just started reads of the store."""
    task = asyncio.create_task(LiveReader(bus, model, lambda: None)._watch())
    for _ in range(50):
        await asyncio.sleep(0.02)
        if model.reset_cleared or task.done():
            break
    await end_all({task})


async def test_without_the_store_it_stays_and_says_why(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = pages.models["mock"]
    model.factory = known_factory(at=NOW)
    _drill(model.factory, WHITE)
    _reset(model.factory)
    await pages.user.open("/mock/overview")

    async def away(asked: Any) -> None:
        asked.close()
        raise StoreError("away")

    monkeypatch.setattr(pages.inboxes["mock"], "call", away)
    pages.user.find(marker="after-reset-done").click()
    await pages.user.should_see("Not kept: the store does not answer.")
    assert _shown(pages)
