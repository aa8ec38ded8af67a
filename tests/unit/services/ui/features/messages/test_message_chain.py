"""The tab that shows what a message follows from, and what followed from it."""

import pytest

from omf.topics.catalogue import address
from tests.support.factory import FTS, HBW
from tests.support.ui_pages import Pages, classed, keep

pytestmark = pytest.mark.servers

ORDER = "8cb5d9ad-0000-4000-8000-000000000001"
REQUEST = {"type": "WHITE", "orderType": "PRODUCTION", "timestamp": "2026-08-07T09:20:00.000Z"}


@pytest.fixture
def opening(store_url: str) -> dict[str, object]:
    return {"store_url": store_url}


async def _story(pages: Pages) -> list[str]:
    """A request, its first drive, the order, and the end of the drive; their ids."""
    nodes = [{"id": HBW, "action": {"id": "dock", "type": "DOCK"}}]
    drive = {"orderId": ORDER, "orderUpdateId": 0, "nodes": nodes, "edges": []}
    order = {"orderId": ORDER, "orderType": "PRODUCTION", "type": "WHITE", "state": "IN_PROGRESS"}
    docked = {"id": "dock", "state": "FINISHED"}
    state = {"serialNumber": FTS, "orderId": ORDER, "lastNodeId": HBW, "actionStates": [docked]}
    told = (
        ("ccu_order_request", REQUEST, {}),
        ("fts_order", drive, {"serial": FTS}),
        ("ccu_order_response", order | {"timestamp": REQUEST["timestamp"]}, {}),
        ("fts_state", state, {"serial": FTS}),
    )
    return [
        await keep(pages, address(name, **levels), body, 600 - number)
        for number, (name, body, levels) in enumerate(told)
    ]


async def test_the_graph_has_a_line_for_each_message_and_says_what_is_inferred(
    pages: Pages,
) -> None:
    request, drive, response, state = await _story(pages)
    await pages.user.open(f"/mock/messages?message={state}&view=chain")
    await pages.user.should_see(marker=f"chain-{request}")
    assert len(classed(pages, "chain-line")) == 3, "the response is an effect of the request only"
    await pages.user.should_see("from line 1: same order (inferred)")
    await pages.user.should_see("from line 2: same action")
    arrows = classed(pages, "chain-arrow")
    assert ["inferred" in one.classes for one in arrows] == [True, False]
    (wanted,) = classed(pages, "chain-message", "wanted")
    assert wanted.props["aria-current"] == "true"
    pages.user.find(marker=f"chain-{request}").click()
    await pages.user.should_see(marker=f"chain-{response}")
    assert len(classed(pages, "chain-line")) == 4
    assert drive


async def test_a_message_that_names_nothing_has_no_chain(pages: Pages) -> None:
    lonely = await keep(pages, address("txt_bme680"), {"t": 21.5}, 100)
    await pages.user.open(f"/mock/messages?message={lonely}&view=chain")
    await pages.user.should_see("neither cause nor effect is known")
