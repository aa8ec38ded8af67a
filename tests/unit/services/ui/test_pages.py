"""What people see on the pages and what their clicks do, page by page and role by role."""

import asyncio
import gc
import json
from typing import Any

import pytest
from nicegui import ui

from omf.topics.catalogue import address
from services.common.store.keys import LinkHealth
from services.ui.live import recent_messages
from services.ui.live.model import Links
from services.ui.live.screen import Screen
from tests.support import ui_pages
from tests.support.ui_pages import DRILL, HBW, NOW, Pages, listed, working_factory


@pytest.mark.parametrize(
    ("environment", "word", "words"),
    [
        ("live", "LIVE", "Real factory"),
        ("mock", "MOCK", "Simulated factory"),
        ("replay", "REPLAY", "Recording"),
    ],
)
async def test_no_page_leaves_a_doubt_about_the_environment(
    pages: Pages, environment: str, word: str, words: str
) -> None:
    for page in ("overview", "floor", "steering", "commands", "messages", "system"):
        client = await pages.user.open(f"/{environment}/{page}")
        await pages.user.should_see(words)
        assert client.title is not None
        assert client.title.startswith(word)


async def test_each_page_speaks_german_and_english(pages: Pages) -> None:
    await pages.user.open("/mock/overview")
    await pages.user.should_see("Module status")
    pages.language("de")
    await pages.user.open("/mock/overview")
    await pages.user.should_see("🏭 Modul Status")
    await pages.user.should_see("📨 Nachrichten-Zentrale")


async def test_a_page_is_complete_at_once_and_not_empty_until_the_next_message(
    pages: Pages,
) -> None:
    working_factory(pages.factory)
    await pages.user.open("/mock/overview/modules")
    rows = {row["id"]: row for row in listed(pages)}
    assert rows[HBW]["ip"] == "10.0.0.1"
    assert rows[HBW]["connection"] == "connected"
    assert rows[HBW]["available"] == "ready"
    assert rows[HBW]["messages"] == 1
    assert rows[HBW]["age"] == "1 s"


async def test_rows_are_sent_only_to_who_looks_at_them(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(ui.aggrid, "run_grid_method", lambda _, __, change: sent.append(change))
    pages.factory.online(HBW)
    await pages.user.open("/mock/overview")
    pages.factory.online(DRILL)
    pages.tick(1)
    assert sent == []
    pages.user.find("Module status").click()
    assert [row["id"] for row in sent[0]["add"]] == [DRILL]
    pages.tick(2)
    assert {row["age"] for row in sent[-1]["update"]} == {"3 s"}


async def test_what_is_unknown_is_shown_as_unknown(pages: Pages) -> None:
    await pages.user.open("/mock/overview")
    await pages.user.should_see("No message from the factory yet since connecting")
    await pages.user.should_see("Stock never reported")
    await pages.user.should_see("No module known")


async def test_an_old_value_does_not_look_current(pages: Pages) -> None:
    pages.factory.online(HBW, ago=90)
    await pages.user.open("/mock/overview/modules")
    assert listed(pages)[0]["old"] is True


async def test_a_dead_part_is_named_with_what_to_do(pages: Pages) -> None:
    await pages.user.open("/mock/overview")
    down = LinkHealth(connected=False, broker="mqtt://broker", since=NOW - 5, at=NOW)
    pages.models["mock"].links = Links(down, down)
    pages.models["mock"].version += 1
    pages.tick()
    await pages.user.should_see("MQTT not connected (reading) since")
    await pages.user.should_see("MQTT not connected (sending) since")
    pages.models["mock"].unreadable(NOW, "refused")
    pages.tick()
    await pages.user.should_see("buffers cannot be read")


async def test_on_the_live_factory_a_walk_up_visitor_may_only_look(pages: Pages) -> None:
    await pages.user.open("/live/steering")
    pages.user.find(marker="order-WHITE").click()
    await pages.user.should_see("View only: needs Operator")
    pages.user.find(marker="send").click()
    assert not pages.inboxes["live"].commands


async def test_pages_open_to_others_sign_nobody_in() -> None:
    async with ui_pages.pages(host="192.0.2.1") as pages:
        pages.language("en")
        await pages.user.open("/mock/steering")
        await pages.user.should_see("Guest")
        pages.user.find(marker="order-WHITE").click()
        pages.user.find(marker="send").click()
        assert not pages.inboxes["mock"].commands


async def test_the_message_centre_shows_what_the_class_lets_through(pages: Pages) -> None:
    working_factory(pages.factory)
    pages.say("nobody/knows/this", b"<script>alert(1)</script>")
    await pages.user.open("/mock/messages")
    await pages.user.should_see("6 found")
    assert any(row["excerpt"] == "<script>alert(1)</script>" for row in listed(pages))
    await pages.user.open("/mock/messages?class=1")
    await pages.user.should_see("Up to 1: modules")
    assert {row["priority"] for row in listed(pages)} == {1}


async def test_a_deep_link_opens_the_same_look_and_the_same_message(pages: Pages) -> None:
    working_factory(pages.factory)
    await pages.user.open("/mock/messages?topic=ccu/%2B/stock&text=04798eca341290")
    await pages.user.should_see("· 1 found")
    message_id = str(listed(pages)[0]["id"])
    await pages.user.open(f"/mock/messages?message={message_id}")
    await pages.user.should_see('"stockItems": [')
    await pages.user.should_see("sender: CCU")


async def test_an_empty_look_says_why_and_what_to_do(pages: Pages) -> None:
    await pages.user.open("/mock/messages")
    await pages.user.should_see("No messages in the buffer")
    working_factory(pages.factory)
    await pages.user.open("/mock/messages?text=nowhere")
    await pages.user.should_see("None found back to")
    pages.models["mock"].unreadable(NOW, "refused")
    await pages.user.open("/mock/messages?text=nowhere")
    await pages.user.should_see("Buffer error: refused")


async def test_pausing_loses_nothing(pages: Pages) -> None:
    working_factory(pages.factory)
    await pages.user.open("/mock/messages")
    pages.user.find("Pause").click()
    for _ in range(3):
        pages.factory.online(HBW)
    pages.tick()
    await pages.user.should_see("Show 3 new")
    await pages.user.should_see("· 8 found")
    pages.user.find("Show 3 new").click()
    await pages.user.should_see("Pause")


async def test_commands_of_everybody_are_listed_with_their_end(pages: Pages) -> None:
    await pages.user.open("/mock/commands")
    await pages.user.should_see("No commands yet in this environment")
    working_factory(pages.factory)
    await pages.user.open("/mock/steering")
    pages.user.find(marker="order-WHITE").click()
    await pages.user.should_see("Send")
    pages.user.find(marker="send").click()
    await pages.user.should_see("requested")
    command_id = pages.inboxes["mock"].commands[0].command_id
    await pages.user.open(f"/mock/commands?command={command_id}")
    assert listed(pages)[0]["stage"] == "requested"
    await pages.user.should_see("Colour: White")


async def test_a_page_whose_browser_is_gone_is_served_no_more(pages: Pages) -> None:
    client = await pages.user.open("/mock/overview")
    assert len(pages.dashboard.screens) == 1
    client.delete()
    assert len(pages.dashboard.screens) == 0


async def test_one_factory_s_news_do_not_redraw_another_s_pages(pages: Pages) -> None:
    await pages.user.open("/replay/overview")
    working_factory(pages.factory)
    pages.tick()
    await pages.user.should_see("No module known")


async def test_the_counts_stay_true_when_the_oldest_messages_leave(pages: Pages) -> None:
    pages.models["mock"].journal = recent_messages.Journal(keep_count=4)
    working_factory(pages.factory)
    await pages.user.open("/mock/messages?class=1")
    await pages.user.should_see("· 1 found")
    for _ in range(6):
        pages.factory.online(HBW)
    pages.tick()
    await pages.user.should_see("· 4 found")


async def test_an_order_leads_to_its_page_whatever_its_id_is(pages: Pages) -> None:
    order = {"orderId": '"><script>/', "orderType": "PRODUCTION", "type": "RED", "state": "ERROR"}
    pages.factory.say("ccu_order_completed", [{**order, "productionSteps": []}])
    await pages.user.open("/mock/overview")
    (found,) = pages.user.find("Production").elements
    assert found.props["href"] == "/mock/order/%22%3E%3Cscript%3E%2F"
    await pages.user.open(found.props["href"])
    await pages.user.should_see('"><script>/')
    await pages.user.should_see("ended in an error")


async def test_what_is_seen_can_be_taken_away_as_a_session_file(pages: Pages) -> None:
    working_factory(pages.factory)
    await pages.user.open("/mock/messages?class=1")
    (link,) = pages.user.find("JSONL").elements
    answer = await pages.user.http_client.get(link.props["href"])
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["topic"] for line in lines] == [
        address("module_connection", serial=s) for s in (HBW, DRILL)
    ]
    assert json.loads(lines[0]["payload"])["connectionState"] == "ONLINE"
    assert (await pages.user.http_client.get("/nowhere/messages.jsonl")).status_code == 404


async def test_sent_and_received_can_be_told_apart(pages: Pages) -> None:
    working_factory(pages.factory)
    pages.factory.say("ccu_order_request", {"type": "RED"})
    await pages.user.open("/mock/messages?way=to")
    assert [row["way"] for row in listed(pages)] == ["→"]
    await pages.user.open("/mock/messages?way=from")
    assert {row["way"] for row in listed(pages)} == {"←"}


async def test_pages_that_are_gone_are_really_gone(pages: Pages) -> None:
    working_factory(pages.factory)
    for _ in range(10):
        client = await pages.user.open("/mock/overview")
        pages.tick()
        client.delete()
    del client
    await asyncio.sleep(0.2)  # NiceGUI lets go of a client once its last tasks have ended
    gc.collect()
    screens = [thing for thing in gc.get_objects() if isinstance(thing, Screen)]
    kept = [screen for screen in screens if screen.model is pages.models["mock"]]
    assert len(kept) <= 1  # the simulated user remembers the page it saw last
