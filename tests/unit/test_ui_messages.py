"""The message centre over a real store: older messages, detail, chart, pictures, files."""

import base64
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from nicegui import ui

from omf.catalogue import address
from omf.message import Message
from services.common.streams import JOURNAL, buffer_key
from services.ui import topic_lists, topic_nodes
from tests.support import ui_pages
from tests.support.ui_pages import DRILL, HBW, NOW, Pages

pytestmark = pytest.mark.servers
PATIENT = 30
SENSOR = address("txt_bme680")
PICTURE = b"\x89PNG\r\n\x1a\nrest"


@pytest.fixture
async def pages(store_url: str) -> AsyncIterator[Pages]:
    async with ui_pages.pages(store_url=store_url) as opened:
        opened.language("en")
        yield opened


async def _keep(pages: Pages, topic: str, body: Mapping[str, Any], ago: int) -> str:
    """A message that only the buffers remember; its id."""
    bus = pages.inboxes["mock"]
    message_id = f"{int(NOW - ago) * 1000}-0"
    fields = {"t": topic, "p": json.dumps(body), "q": 1, "r": 0}
    from services.common import journal as reading  # noqa: PLC0415 - named beside the ui's own

    for name in {JOURNAL, reading.buffer_of(topic)}:
        await bus.client.xadd(buffer_key("mock", name), fields, message_id)
    return message_id


def _ids(pages: Pages) -> list[str]:
    grid = max(pages.user.find(ui.aggrid).elements, key=lambda element: element.id)
    return [str(row["id"]) for row in grid.options["rowData"]]


async def test_a_time_range_is_read_from_the_buffer_and_can_be_taken_away(pages: Pages) -> None:
    for ago in (7000, 5000, 3000):
        await _keep(pages, SENSOR, {"t": ago}, ago)
    pages.say(*ui_pages.connection(HBW))
    await pages.user.open(f"/mock/messages?since={NOW - 6000:.0f}&until={NOW - 2000:.0f}")
    await pages.user.should_see("2 older", retries=PATIENT)
    query = f"since={NOW - 6000:.0f}&until={NOW - 2000:.0f}&text=5000"
    answer = await pages.user.http_client.get(f"/mock/messages.jsonl?{query}")
    assert [json.loads(line)["payload"] for line in answer.text.splitlines()] == ['{"t": 5000}']
    table = await pages.user.http_client.get(f"/mock/messages.csv?{query}")
    head, line = table.text.splitlines()
    assert head.startswith("received_at,way,")
    assert '"{""t"": 5000}"' in line


async def test_older_messages_are_read_on_demand_and_a_store_that_is_away_is_said(
    pages: Pages,
) -> None:
    await _keep(pages, SENSOR, {"t": 1}, 900)
    pages.say(*ui_pages.connection(HBW))
    await pages.user.open("/mock/messages")
    pages.user.find(marker="older").click()
    await pages.user.should_see("1 older", retries=PATIENT)


async def test_a_link_to_a_message_that_memory_forgot_still_opens_it(
    pages: Pages, caplog: pytest.LogCaptureFixture
) -> None:
    message_id = await _keep(pages, SENSOR, {"t": 21.5}, 4000)
    await pages.user.open(f"/mock/messages?message={message_id}")
    await pages.user.should_see('"t": 21.5', retries=PATIENT)
    await pages.user.open("/mock/messages?message=1-0")
    await pages.user.should_see("Message 1-0 is no longer in the buffer.", retries=PATIENT)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_a_message_is_compared_with_the_one_before_on_its_topic(pages: Pages) -> None:
    await _keep(pages, SENSOR, {"t": 21.5, "h": 4711}, 300)
    await _keep(pages, address("ccu_state_stock"), {"t": 1}, 200)
    newest = await _keep(pages, SENSOR, {"t": 22.5, "h": 4711}, 100)
    await pages.user.open(f"/mock/messages?message={newest}&view=diff")
    await pages.user.should_see("21.5", retries=PATIENT)
    await pages.user.should_see("22.5")
    await pages.user.should_not_see("4711")


async def test_any_message_can_be_held_to_compare_others_with_it(pages: Pages) -> None:
    for ago, value in ((300, "first"), (200, "second"), (100, "third")):
        newest = await _keep(pages, SENSOR, {"word": value}, ago)
    await pages.user.open(f"/mock/messages?message={newest}&view=diff")
    await pages.user.should_see("second", retries=PATIENT)
    pages.user.find(marker="pin").click()
    await pages.user.should_see(marker="unpin", retries=PATIENT)
    pages.user.find("Compared with").click()
    await pages.user.should_see("third", retries=PATIENT)
    await pages.user.should_not_see("first")
    pages.user.find(marker="unpin").click()
    await pages.user.should_see("first", retries=PATIENT)
    await pages.user.should_not_see("third")


async def test_numbers_are_drawn_over_the_history_of_their_topic(pages: Pages) -> None:
    for ago in range(9, 0, -1):
        newest = await _keep(pages, SENSOR, {"t": 20 + ago, "h": 40, "word": "x"}, ago * 10)
    await pages.user.open(f"/mock/messages?message={newest}&view=chart&fields=t,h")
    await pages.user.should_see("t: 21 · 21 to 29 · 9 values", retries=PATIENT)
    await pages.user.should_see("h: 40 · 40 to 40 · 9 values")


async def test_a_picture_comes_by_its_address_and_not_in_the_list(pages: Pages) -> None:
    body = {"data": f"data:image/png;base64,{base64.b64encode(PICTURE).decode()}"}
    pages.say(address("txt_cam"), body)
    await pages.user.open("/mock/messages")
    (message_id,) = _ids(pages)
    grid = max(pages.user.find(ui.aggrid).elements, key=lambda element: element.id)
    assert grid.options["rowData"][0]["excerpt"] == ""
    answer = await pages.user.http_client.get(f"/mock/picture/{message_id}")
    assert answer.content == PICTURE
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    for unknown in ("/mock/picture/1-0", "/mock/picture/nothing", f"/nowhere/picture/{message_id}"):
        assert (await pages.user.http_client.get(unknown)).status_code == 404


async def test_an_expression_that_is_none_is_said_and_the_former_search_holds(pages: Pages) -> None:
    pages.say(*ui_pages.connection(HBW))
    pages.say(*ui_pages.connection(DRILL))
    await pages.user.open(f"/mock/messages?text={HBW}")
    await pages.user.should_see("1 of 2 messages match")
    found = pages.user.find(ui.select).elements
    kind = next(f for f in found if f.props.get("aria-label") == "Kind of search")
    kind.set_value("regex")
    search = next(
        f for f in pages.user.find(ui.input).elements if f.props.get("aria-label") == "Search"
    )
    search.set_value("SVR3[")
    await pages.user.should_see("Not a regular expression, the former search still holds")
    await pages.user.should_see("1 of 2 messages match")
    search.set_value("SVR(3|4)")
    await pages.user.should_see("2 of 2 messages match")


async def test_what_belongs_together_is_one_click_away(pages: Pages) -> None:
    order = "808af799-0d6c-4b56-8c0d-0a1b2c3d4e5f"
    pages.say(address("ccu_order_response"), {"orderId": order, "type": "RED"})
    pages.say(address("fts_order", serial="5iO4"), {"orderId": order})
    await pages.user.open("/mock/messages")
    newest = _ids(pages)[0]
    await pages.user.open(f"/mock/messages?message={newest}&view=related")
    await pages.user.should_see(order)
    await pages.user.should_see("ccu/order/response")


async def test_only_an_administrator_has_a_test_area(pages: Pages) -> None:
    await pages.user.open("/mock/messages")
    await pages.user.should_not_see("Test message")


def test_the_tree_sums_up_what_lies_below() -> None:
    model = ui_pages.ViewModel("mock")
    for number, topic in enumerate(("a/b/c", "a/b/c", "a/b", "/x")):
        model.receive([Message(topic, b"1", f"{int(NOW * 1000) + number}-0")])
    model.turn(NOW + 1)
    found = topic_nodes.nodes(model)
    assert {path: node.count for path, node in found.items()} == {
        "": 1,
        "/x": 1,
        "a": 3,
        "a/b": 3,
        "a/b/c": 2,
    }
    assert topic_nodes.filter_of("a/b", found["a/b"]) == "a/b/#"
    assert topic_nodes.filter_of("a/b/c", found["a/b/c"]) == "a/b/c"
    rows = topic_nodes.rows(model, frozenset({"a"}), "en")
    assert [row["id"] for row in rows] == ["", "a", "a/b"]


def _told(*messages: tuple[str, bytes, float, bool]) -> ui_pages.ViewModel:
    model = ui_pages.ViewModel("mock")
    for number, (topic, payload, ago, retained) in enumerate(messages):
        at_ms = int((NOW - ago) * 1000)
        model.receive([Message(topic, payload, f"{at_ms}-{number}", retain=retained)])
    model.turn(NOW)
    return model


def test_the_loudest_topics_of_the_last_minute_come_first() -> None:
    long_ago = ("old/flood", b"1" * 9000, 90.0, False)
    model = _told(long_ago, ("a", b"1", 9, False), ("b", b"1", 8, False), ("b", b"22", 7, False))
    rows = topic_lists.busiest(model, "en")
    assert [(row["id"], row["count"], row["bytes"]) for row in rows] == [
        ("b", 2, "3 B"),
        ("a", 1, "1 B"),
    ]


def test_what_the_broker_keeps_is_listed_and_a_kept_command_is_marked() -> None:
    model = _told(
        ("site/lamp", b"on", 9, True),
        ("site/other", b"on", 9, False),
        ("ccu/set/reset", b"{}", 8, True),
        ("ccu/state/stock", b"{}", 7, False),
    )
    rows = {row["id"]: row["command"] for row in topic_lists.kept(model, "en")}
    assert rows == {"ccu/set/reset": True, "ccu/state/stock": False, "site/lamp": False}


async def test_the_topics_can_be_looked_at_in_three_ways(pages: Pages) -> None:
    pages.say("site/lamp", b"on")
    await pages.user.open("/mock/messages")
    for words in ("Tree", "Loudest", "Retained"):
        await pages.user.should_see(words)
    pages.user.find("Retained").click()
    await pages.user.should_see("Nothing has come yet that the broker keeps.")
