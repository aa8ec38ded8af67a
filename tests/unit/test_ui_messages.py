"""The message centre over a real store: older messages, detail, chart, pictures, files."""

import base64
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from nicegui import ui

from omf.catalogue import address
from omf.message import Message
from services.common.streams import JOURNAL, Role, buffer_key
from services.ui import topic_lists, topic_nodes
from services.ui.parts import message_feed
from tests.support import ui_pages
from tests.support.ui_pages import DRILL, HBW, NOW, Pages

pytestmark = pytest.mark.servers
PATIENT = 30
SENSOR = address("txt_bme680")
FLAME = "osf/arduino/flame/flame-1/state"
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
    await pages.user.should_see("2 listed", retries=PATIENT)
    query = f"since={NOW - 6000:.0f}&until={NOW - 2000:.0f}&text=5000"
    answer = await pages.user.http_client.get(f"/mock/messages.jsonl?{query}")
    assert [json.loads(line)["payload"] for line in answer.text.splitlines()] == ['{"t": 5000}']
    table = await pages.user.http_client.get(f"/mock/messages.csv?{query}")
    head, line = table.text.splitlines()
    assert head.startswith("received_at,way,")
    assert '"{""t"": 5000}"' in line


async def test_older_messages_are_read_on_demand(pages: Pages) -> None:
    await _keep(pages, SENSOR, {"t": 1}, 900)
    pages.say(*ui_pages.connection(HBW))
    await pages.user.open("/mock/messages")
    pages.user.find(marker="older").click()
    await pages.user.should_see("2 listed", retries=PATIENT)


async def test_a_store_that_is_away_is_said_until_it_answers() -> None:
    async with ui_pages.pages() as away:
        away.language("en")
        away.say(*ui_pages.connection(HBW))
        await away.user.open("/mock/messages")
        away.user.find(marker="older").click()
        await away.user.should_see("the bus does not answer", retries=PATIENT)
        away.tick(1)
        await away.user.should_see("the bus does not answer")


async def test_what_was_read_stays_listed_when_the_mouse_leaves(pages: Pages) -> None:
    older = await _keep(pages, SENSOR, {"t": 1}, 900)
    pages.say(*ui_pages.connection(HBW))
    await pages.user.open("/mock/messages")
    pages.user.find(marker="older").click()
    await pages.user.should_see("2 listed", retries=PATIENT)
    hold = pages.user.find(marker="hold")
    hold.trigger("mouseenter")
    pages.say(*ui_pages.connection(DRILL))
    pages.tick(1)
    await pages.user.should_see("Show 1 new")
    hold.trigger("mouseleave")
    await pages.user.should_see("3 listed")
    pages.say(*ui_pages.connection(DRILL))
    pages.tick(2)
    await pages.user.should_see("4 listed")
    await pages.user.open(f"/mock/messages?message={older}")
    await pages.user.should_see('"t": 1', retries=PATIENT)


async def test_a_pause_outlasts_an_opened_message(pages: Pages) -> None:
    pages.say(*ui_pages.connection(HBW))
    await pages.user.open("/mock/messages")
    pages.user.find("Pause").click()
    (first,) = _ids(pages)
    pages.user.find(ui.aggrid).trigger("rowClicked", {"rowId": first})
    await pages.user.should_see("Close", retries=PATIENT)
    pages.say(*ui_pages.connection(DRILL))
    pages.tick(1)
    pages.user.find("Close").click()
    await pages.user.should_see("Resume")
    await pages.user.should_see("Show 1 new")
    pages.user.find("Resume").click()
    await pages.user.should_see("2 listed")


async def test_in_a_flood_what_is_not_listed_is_counted_and_a_click_lists_it(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(ui.aggrid, "run_grid_method", lambda _, __, *change: sent.extend(change))
    monkeypatch.setattr(message_feed, "ROWS_A_TURN", 2)
    monkeypatch.setattr(message_feed, "OLDER_ROWS", 3)
    await pages.user.open("/mock/messages?topic=osf/%23")
    ids = [await _keep(pages, FLAME, {"t": n}, 50 - n) for n in range(6)]
    pages.models["mock"].receive([Message(FLAME, b"{}", one) for one in ids])
    pages.tick(1)
    flood = [change for change in sent if _added(change)[:1] == [ids[5]]]
    assert [_added(change) for change in flood] == [[ids[5], ids[4], f"gap:{ids[4]}"]]
    assert "4 not listed" in flood[0]["add"][-1]["topic"]
    sent.clear()
    pages.user.find(ui.aggrid).trigger("rowClicked", {"rowId": f"gap:{ids[4]}"})
    await pages.user.should_see("5 listed", retries=PATIENT)
    filled = [change for change in sent if _added(change)[:1] == [ids[3]]]
    assert [_added(change) for change in filled] == [[*ids[3:0:-1], f"gap:{ids[1]}"]]
    assert (filled[0]["addIndex"], filled[0]["remove"]) == (2, [{"id": f"gap:{ids[4]}"}])


def _added(change: object) -> list[str]:
    added = change.get("add", []) if isinstance(change, dict) else []
    return [row["id"] for row in added]


async def test_rows_that_left_below_are_the_first_that_can_be_read_again(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_feed, "KEEP_ROWS", 2)
    ids = [await _keep(pages, FLAME, {"t": n}, 50 - n) for n in range(4)]
    messages = [Message(FLAME, b"{}", one) for one in ids]
    pages.models["mock"].receive(messages[:1])
    await pages.user.open("/mock/messages")
    await pages.user.should_see("1 listed")
    for message in messages[1:]:
        pages.models["mock"].receive([message])
        pages.tick(1)
    await pages.user.should_see("2 listed")
    pages.user.find(marker="older").click()
    await pages.user.should_see("4 listed", retries=PATIENT)


async def test_the_test_area_stands_in_the_place_of_the_detail_and_the_tree_comes_back(
    tmp_path: Path,
) -> None:
    async with ui_pages.pages(users=tmp_path / "users.jsonl") as pages:
        pages.language("en")
        await pages.sign_in(Role.ADMIN)
        pages.say(*ui_pages.connection(HBW))
        await pages.user.open("/mock/messages")
        (whole,) = pages.user.find(marker="messages").elements
        (area,) = pages.user.find(marker="test-area-holder").elements
        pages.user.find(marker="test-area").click()
        assert ("beside" in whole.classes, "hidden" in area.classes) == (True, False)
        pages.user.find(ui.aggrid).trigger("rowClicked", {"rowId": _ids(pages)[0]})
        await pages.user.should_see("The payload fits the protocol", retries=PATIENT)
        assert "hidden" in area.classes
        pages.user.find("Close").click()
        assert "hidden" not in area.classes
        pages.user.find(marker="discard").click()
        assert "beside" not in whole.classes


async def test_what_does_not_fit_its_model_is_marked_and_can_be_asked_for(pages: Pages) -> None:
    pages.say(*ui_pages.connection(HBW))
    pages.say(address("ccu_order_active"), {"orders": 3})
    await pages.user.open("/mock/messages?misfit=1")
    await pages.user.should_see("1 of 2 messages match")
    (wrong,) = _ids(pages)
    await pages.user.open(f"/mock/messages?message={wrong}")
    await pages.user.should_see("The payload does not fit the protocol of this topic:")
    await pages.user.open("/mock/overview")
    alarms = pages.user.find("Unreadable").elements
    assert {one.props.get("href") for one in alarms} == {"/mock/messages?misfit=1"}


async def test_a_loud_topic_is_left_out_and_a_kept_one_leads_to_its_removal(pages: Pages) -> None:
    pages.say(*ui_pages.connection(HBW))
    pages.say(*ui_pages.connection(DRILL))
    loud, _ = ui_pages.connection(DRILL)
    await pages.user.open("/mock/messages")
    pages.user.find("Loudest").click()
    pages.user.find(ui.aggrid).trigger("rowClicked", {"rowId": loud})
    await pages.user.should_see("1 of 2 messages match", retries=PATIENT)
    pages.user.find(marker="leave-out").click()
    await pages.user.should_see("1 of 2 messages match")
    left_out, topic = (_entry(pages, name) for name in ("Without topics", "Topic filter"))
    assert (left_out.value, topic.value) == (loud, "")


def _entry(pages: Pages, beginning: str) -> ui.input:
    found = pages.user.find(ui.input).elements
    return next(f for f in found if str(f.props.get("aria-label")).startswith(beginning))


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


async def test_a_topic_filter_that_is_none_is_explained_in_the_language_of_the_page(
    pages: Pages,
) -> None:
    pages.language("de")
    await pages.user.open("/mock/messages?topic=a/b")
    asked = next(f for f in pages.user.find(ui.input).elements if f.value == "a/b")
    asked.set_value("a/*")
    await pages.user.should_see("* ist kein Platzhalter von MQTT; + für eine Ebene nehmen")


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
