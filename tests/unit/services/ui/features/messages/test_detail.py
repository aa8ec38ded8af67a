"""One message: opened by a link, compared, drawn, pictured, and what belongs to it."""

import base64

import pytest
from nicegui import ui

from omf.messages.properties import MessageProperties
from omf.topics.catalogue import address
from tests.support.ui_pages import HBW, Pages, keep, listed_ids

pytestmark = pytest.mark.servers


SENSOR = address("txt_bme680")


FLAME = "osf/arduino/flame/flame-1/state"


PICTURE = b"\x89PNG\r\n\x1a\nrest"


@pytest.fixture
def opening(store_url: str) -> dict[str, object]:
    return {"store_url": store_url}


async def test_what_does_not_fit_its_model_is_marked_and_can_be_asked_for(pages: Pages) -> None:
    pages.factory.online(HBW)
    pages.factory.say("ccu_order_active", {"orders": 3})
    await pages.user.open("/mock/messages?misfit=1")
    await pages.user.should_see("1 found")
    (wrong,) = listed_ids(pages)
    await pages.user.open(f"/mock/messages?message={wrong}")
    await pages.user.should_see("The payload does not fit the protocol of this topic:")
    await pages.user.open("/mock/overview")
    alarms = pages.user.find("Unreadable").elements
    assert {one.props.get("href") for one in alarms} == {"/mock/messages?misfit=1"}


async def test_a_link_to_a_message_that_memory_forgot_still_opens_it(
    pages: Pages, caplog: pytest.LogCaptureFixture
) -> None:
    message_id = await keep(pages, SENSOR, {"t": 21.5}, 4000)
    await pages.user.open(f"/mock/messages?message={message_id}")
    await pages.user.should_see('"t": 21.5')
    await pages.user.open("/mock/messages?message=1-0")
    await pages.user.should_see("Message 1-0 is no longer in the buffer.")
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_a_message_is_compared_with_the_one_before_on_its_topic(pages: Pages) -> None:
    await keep(pages, SENSOR, {"t": 21.5, "unlisted": 4711}, 300)
    await keep(pages, address("ccu_state_stock"), {"t": 1}, 200)
    newest = await keep(pages, SENSOR, {"t": 22.5, "unlisted": 4711}, 100)
    await pages.user.open(f"/mock/messages?message={newest}&view=diff")
    await pages.user.should_see("21.5")
    await pages.user.should_see("22.5")
    await pages.user.should_not_see("4711")


async def test_any_message_can_be_held_to_compare_others_with_it(pages: Pages) -> None:
    for ago, value in ((300, "first"), (200, "second"), (100, "third")):
        newest = await keep(pages, SENSOR, {"word": value}, ago)
    await pages.user.open(f"/mock/messages?message={newest}&view=diff")
    await pages.user.should_see(marker="pin")
    await pages.user.should_see("second")
    pages.user.find(marker="pin").click()
    await pages.user.should_see(marker="unpin")
    pages.user.find("Compared with").click()
    await pages.user.should_see("third")
    await pages.user.should_not_see("first")
    pages.user.find(marker="unpin").click()
    await pages.user.should_see("first")
    await pages.user.should_not_see("third")


async def test_numbers_are_drawn_over_the_history_of_their_topic(pages: Pages) -> None:
    for ago in range(9, 0, -1):
        newest = await keep(pages, SENSOR, {"t": 20 + ago, "h": 40, "word": "x"}, ago * 10)
    await pages.user.open(f"/mock/messages?message={newest}&view=chart&fields=t,h")
    await pages.user.should_see("t: 21 · 21 to 29 · 9 values")
    await pages.user.should_see("h: 40 · 40 to 40 · 9 values")


async def test_a_picture_comes_by_its_address_and_not_in_the_list(pages: Pages) -> None:
    body = {"data": f"data:image/png;base64,{base64.b64encode(PICTURE).decode()}"}
    pages.factory.say("txt_cam", body)
    await pages.user.open("/mock/messages")
    (message_id,) = listed_ids(pages)
    grid = max(pages.user.find(ui.aggrid).elements, key=lambda element: element.id)
    assert grid.options["rowData"][0]["excerpt"] == ""
    answer = await pages.user.http_client.get(f"/mock/picture/{message_id}")
    assert answer.content == PICTURE
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    for unknown in ("/mock/picture/1-0", "/mock/picture/nothing", f"/nowhere/picture/{message_id}"):
        assert (await pages.user.http_client.get(unknown)).status_code == 404


async def test_what_belongs_together_is_one_click_away(pages: Pages) -> None:
    order = "808af799-0d6c-4b56-8c0d-0a1b2c3d4e5f"
    pages.factory.say("ccu_order_response", {"orderId": order, "type": "RED"})
    pages.factory.say("fts_order", {"orderId": order}, serial="5iO4")
    await pages.user.open("/mock/messages")
    newest = listed_ids(pages)[0]
    await pages.user.open(f"/mock/messages?message={newest}&view=related")
    await pages.user.should_see(order)
    await pages.user.should_see("ccu/order/response")


async def test_a_comparison_leaves_out_what_differs_in_every_message(pages: Pages) -> None:
    await keep(pages, SENSOR, {"t": 21.5, "headerId": 4711, "timestamp": "a"}, 300)
    newest = await keep(pages, SENSOR, {"t": 22.5, "headerId": 4712, "timestamp": "b"}, 100)
    await pages.user.open(f"/mock/messages?message={newest}&view=diff")
    await pages.user.should_see("22.5")
    await pages.user.should_not_see("4712")
    pages.user.find(marker="with-time").click()
    await pages.user.should_see("4712")
    await pages.user.should_see("Without time stamps and running numbers (2)")


async def test_messages_that_differ_in_time_only_say_so(pages: Pages) -> None:
    await keep(pages, SENSOR, {"t": 21.5, "ts": "a"}, 300)
    newest = await keep(pages, SENSOR, {"t": 21.5, "ts": "b"}, 100)
    await pages.user.open(f"/mock/messages?message={newest}&view=diff")
    await pages.user.should_see("Only time stamps and running numbers differ.")


async def test_a_doubled_key_and_a_number_beyond_all_bounds_are_shown_as_sent(
    pages: Pages,
) -> None:
    pages.say("a/b", b'{"a": 1e400, "a": 12345678901234567890}')
    await pages.user.open("/mock/messages")
    (only,) = listed_ids(pages)
    await pages.user.open(f"/mock/messages?message={only}")
    await pages.user.should_see('"a": 1e400')
    await pages.user.should_see('"a": 12345678901234567890')
    await pages.user.should_see("A key stands more than once in its object.")


async def test_a_message_read_in_part_names_what_was_not_and_its_alarm_leads_to_it(
    pages: Pages,
) -> None:
    topic = "fts/v1/ff/5iO4/state"
    pages.say(topic, {"lastNodeId": "2", "driving": {"fast": True}, "errors": None})
    pages.say(topic, {"lastNodeId": "2", "driving": False, "errors": None})
    await pages.user.open("/mock/messages?misfit=1")
    await pages.user.should_see("1 found")
    (partly,) = listed_ids(pages)
    await pages.user.open(f"/mock/messages?message={partly}")
    await pages.user.should_see("Partly read: the rest of the message is used")
    await pages.user.should_see("driving: must be true or false")
    await pages.user.open("/mock/overview")
    alarms = pages.user.find("driving: must be true or false").elements
    assert f"/mock/messages?message={partly}" in {one.props.get("href") for one in alarms}


async def test_an_empty_payload_is_called_a_deletion(pages: Pages) -> None:
    pages.say("module/v1/ff/X/order", b"")
    await pages.user.open("/mock/messages")
    (deleted,) = listed_ids(pages)
    await pages.user.open(f"/mock/messages?message={deleted}")
    await pages.user.should_see("No payload: what was told on this topic holds no more.")


async def test_what_the_sender_says_of_a_message_stands_in_its_detail(pages: Pages) -> None:
    told = MessageProperties(
        "application/json",
        90,
        (("line", "A"), ("line", "<b>B</b>")),
        "answer/here",
        b"\x01",
        utf8=True,
    )
    bare = await keep(pages, SENSOR, {"t": 1}, 300)
    said = await keep(pages, SENSOR, {"t": 2}, 200, told.to_json())
    wrong = await keep(pages, SENSOR, {"t": 3}, 100, "{")
    await pages.user.open(f"/mock/messages?message={said}")
    for words in (
        "The sender says (MQTT 5):",
        "line: A",
        "line: <b>B</b>",
        "Content type: application/json",
        "Good for 90 s when it came",
        "Answer goes to: answer/here",
        "Correlation data: 01",
        "Payload is text in UTF-8: yes",
    ):
        await pages.user.should_see(words)
    pages.language("de")
    await pages.user.open(f"/mock/messages?message={said}")
    await pages.user.should_see("Bei der Ankunft noch 90 s gültig")
    await pages.user.open(f"/mock/messages?message={bare}")
    await pages.user.should_not_see("MQTT 5")
    await pages.user.open(f"/mock/messages?message={wrong}")
    await pages.user.should_see('"t": 3')
