"""The pages of the replay: recorded time, a map without a layout message, pause from each page."""

import asyncio
from typing import Any

import pytest
from nicegui import ui

from omf.topics.catalogue import address
from services.common.sessions.recorded_time import Anchor, RecordedTimes
from services.common.sessions.station import CONTROL, ReplayControl, ReplayStatus
from services.common.store.keys import CommandEvent, Stage
from services.ui.live.model import ViewModel
from tests.support.command_examples import command_of
from tests.support.factory import HBW, connection
from tests.support.ui_pages import NOW, Pages

pytestmark = pytest.mark.servers
DAY = 1_786_095_000.0
"""2026-08-07 09:30:00 UTC."""


@pytest.fixture
def opening(store_url: str) -> dict[str, object]:
    return {"store_url": store_url}


def played(pages: Pages, pace: float = 10.0, state: str = "playing", session: str = "day") -> None:
    """A session is played that was recorded on DAY."""
    model = pages.models["replay"]
    if model.times is None:
        model.times = RecordedTimes()
    anchor = Anchor(at=NOW, begins=NOW - 1, recorded=DAY, pace=pace, session=session)
    model.times.take([("1-0", anchor)])
    told = {"state": state, "session": session, "at": NOW, "begin_at": DAY, "speed": 10.0}
    model.station = ReplayStatus.model_validate(told)


def says(pages: Pages, topic: str, payload: Any) -> None:
    """The replayed factory says something, dated as the store dates it."""
    model = pages.models["replay"]
    assert model.times is not None
    pages.say(topic, payload, model="replay")
    [message] = model.journal.newest(1)
    dated = model.times.dated(message)
    model.receive([dated])


async def test_the_clock_of_the_page_is_of_the_recorded_day_and_stands_while_paused(
    pages: Pages,
) -> None:
    played(pages)
    await pages.user.open("/replay/overview?clock=utc")
    model = pages.models["replay"]
    model.look(NOW + 3)
    assert model.now == pytest.approx(DAY + 30)
    assert model.factory_now == pytest.approx(DAY + 30)
    played(pages, pace=0.0, state="paused")
    model.look(NOW + 4)
    assert model.now == pytest.approx(DAY)
    assert model.paused


async def test_a_map_is_there_although_no_layout_was_recorded_and_says_so(pages: Pages) -> None:
    played(pages)
    says(pages, address("module_connection", serial=HBW), connection(HBW))
    await pages.user.open("/replay/floor")
    await pages.user.should_see("layout of the default, not received in this recording")
    await pages.user.should_not_see("Layout not received")
    await pages.user.open("/mock/floor")
    await pages.user.should_see("Layout not received")


async def test_a_paused_replay_is_hatched_and_goes_on_from_any_page(pages: Pages) -> None:
    played(pages, state="paused", pace=0.0)
    await pages.user.open("/replay/overview")
    hatched = [e for e in pages.user.find(kind=ui.element).elements if "standing" in e.classes]
    assert len(hatched) == 1
    pages.user.find(marker="band-resume").click()
    for _ in range(30):
        wishes = await pages.inboxes["replay"].models(CONTROL, ReplayControl)
        if wishes:
            break
        await asyncio.sleep(0.1)
    assert [wish.action for _, wish in wishes] == ["resume"]


@pytest.mark.parametrize("action", ["pause", "resume"])
async def test_a_guest_who_presses_what_is_hidden_moves_no_replay(
    pages: Pages, action: str
) -> None:
    played(pages)
    pages.user.http_client.headers["via"] = "1.1 proxy"  # not at this machine: a guest
    await pages.user.open("/replay/overview")
    await pages.user.should_see("view only")
    before = await pages.inboxes["replay"].models(CONTROL, ReplayControl)
    pages.user.find(marker=f"band-{action}").click()
    await asyncio.sleep(0.3)
    assert await pages.inboxes["replay"].models(CONTROL, ReplayControl) == before


async def test_a_clock_that_stands_is_no_sign_that_the_dashboard_is_gone(pages: Pages) -> None:
    played(pages, state="paused", pace=0.0)
    await pages.user.open("/replay/overview")
    beats, shown = set(), set()
    for later in range(3):
        pages.tick(later)
        [clock] = [e for e in pages.user.find(kind=ui.label).elements if "data-beat" in e.props]
        beats.add(clock.props["data-beat"])
        shown.add(clock.text)
    assert (len(beats), len(shown)) == (3, 1)


def test_a_command_given_during_a_replay_is_of_the_recorded_time() -> None:
    model = ViewModel("replay", times=RecordedTimes())
    assert model.times is not None
    model.times.take([("1-0", Anchor(at=NOW, begins=NOW, recorded=DAY, pace=1.0, session="a"))])
    asked = command_of("park", environment="replay", created_at=NOW + 5)
    model.ask(asked)
    model.hear(CommandEvent(command_id="c", kind="park", stage=Stage.ACCEPTED, at=NOW + 6))
    record = model.commands.get("c")
    assert record is not None
    assert (record.command.created_at, record.events[-1].at) == (DAY + 5, DAY + 6)


@pytest.mark.parametrize("page", ["orders", "stock", "overview"])
async def test_no_page_of_a_replay_offers_to_order_a_piece(pages: Pages, page: str) -> None:
    played(pages)
    await pages.user.open(f"/replay/{page}")
    await pages.user.should_not_see(marker="order-RED")
