"""The message centre over a real store: older messages, detail, chart, pictures, files."""

import json
from pathlib import Path
from typing import Any

import pytest
from nicegui import ui

from omf.messages.message import Message
from omf.topics.catalogue import address
from services.common.store.keys import CommandEvent, Role, Stage
from services.ui.features.messages import feed
from tests.support import ui_pages
from tests.support.ui_pages import DRILL, HBW, NOW, Pages, keep, listed, listed_ids, offered

pytestmark = pytest.mark.servers
SENSOR = address("txt_bme680")
FLAME = "osf/arduino/flame/flame-1/state"
PICTURE = b"\x89PNG\r\n\x1a\nrest"


@pytest.fixture
def opening(store_url: str) -> dict[str, object]:
    return {"store_url": store_url}


async def test_a_time_range_is_read_from_the_buffer_and_can_be_taken_away(pages: Pages) -> None:
    for ago in (7000, 5000, 3000):
        await keep(pages, SENSOR, {"t": ago}, ago)
    pages.factory.online(HBW)
    await pages.user.open(f"/mock/messages?since={NOW - 6000:.0f}&until={NOW - 2000:.0f}")
    await pages.user.should_see("2 listed")
    query = f"since={NOW - 6000:.0f}&until={NOW - 2000:.0f}&text=5000"
    answer = await pages.user.http_client.get(f"/mock/messages.jsonl?{query}")
    assert [json.loads(line)["payload"] for line in answer.text.splitlines()] == ['{"t": 5000}']
    table = await pages.user.http_client.get(f"/mock/messages.csv?{query}")
    head, line = table.text.splitlines()
    assert head.startswith("\ufeffreceived_at,way,")
    assert '"{""t"": 5000}"' in line
    assert 'filename="mock-messages.csv"' in table.headers["content-disposition"]
    found = {one.props.get("download") for one in pages.user.find("JSONL").elements}
    assert found == {"mock-messages.jsonl"}


async def test_older_messages_are_read_on_demand(pages: Pages) -> None:
    await keep(pages, SENSOR, {"t": 1}, 900)
    pages.factory.online(HBW)
    await pages.user.open("/mock/messages")
    pages.user.find(marker="older").click()
    await pages.user.should_see("2 listed")


async def test_a_store_that_is_away_is_said_until_it_answers() -> None:
    async with ui_pages.pages() as away:
        away.language("en")
        away.factory.online(HBW)
        await away.user.open("/mock/messages")
        away.user.find(marker="older").click()
        await away.user.should_see("the bus does not answer")
        away.tick(1)
        await away.user.should_see("the bus does not answer")


async def test_what_was_read_stays_listed_when_the_mouse_leaves(pages: Pages) -> None:
    older = await keep(pages, SENSOR, {"t": 1}, 900)
    pages.factory.online(HBW)
    await pages.user.open("/mock/messages")
    pages.user.find(marker="older").click()
    await pages.user.should_see("2 listed")
    hold = pages.user.find(marker="hold")
    hold.trigger("mouseenter")
    pages.factory.online(DRILL)
    pages.tick(1)
    await pages.user.should_see("Show 1 new")
    hold.trigger("mouseleave")
    await pages.user.should_see("3 listed")
    pages.factory.online(DRILL)
    pages.tick(2)
    await pages.user.should_see("4 listed")
    await pages.user.open(f"/mock/messages?message={older}")
    await pages.user.should_see('"t": 1')


async def test_a_pause_outlasts_an_opened_message(pages: Pages) -> None:
    pages.factory.online(HBW)
    await pages.user.open("/mock/messages")
    pages.user.find("Pause").click()
    (first,) = listed_ids(pages)
    pages.user.find(ui.aggrid).trigger("rowClicked", {"rowId": first})
    await pages.user.should_see("Close")
    pages.factory.online(DRILL)
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
    monkeypatch.setattr(feed, "ROWS_A_TURN", 2)
    monkeypatch.setattr(feed, "OLDER_ROWS", 3)
    await pages.user.open("/mock/messages?topic=osf/%23")
    # Its first look at what is kept is over: it must not find what comes now.
    await pages.user.should_see("No messages in the buffer osf/#")
    ids = [await keep(pages, FLAME, {"t": n}, 50 - n) for n in range(6)]
    pages.models["mock"].receive([Message(FLAME, b"{}", one) for one in ids])
    pages.tick(1)
    flood = [change for change in sent if _added(change)[:1] == [ids[5]]]
    assert [_added(change) for change in flood] == [[ids[5], ids[4], f"gap:{ids[4]}"]]
    assert "4 not listed" in flood[0]["add"][-1]["topic"]
    sent.clear()
    pages.user.find(ui.aggrid).trigger("rowClicked", {"rowId": f"gap:{ids[4]}"})
    await pages.user.should_see("5 listed")
    filled = [change for change in sent if _added(change)[:1] == [ids[3]]]
    assert [_added(change) for change in filled] == [[*ids[3:0:-1], f"gap:{ids[1]}"]]
    assert (filled[0]["addIndex"], filled[0]["remove"]) == (2, [{"id": f"gap:{ids[4]}"}])


def _added(change: object) -> list[str]:
    added = change.get("add", []) if isinstance(change, dict) else []
    return [row["id"] for row in added]


async def test_rows_that_left_below_are_the_first_that_can_be_read_again(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "KEEP_ROWS", 2)
    ids = [await keep(pages, FLAME, {"t": n}, 50 - n) for n in range(4)]
    messages = [Message(FLAME, b"{}", one) for one in ids]
    pages.models["mock"].receive(messages[:1])
    await pages.user.open("/mock/messages")
    await pages.user.should_see("1 listed")
    for message in messages[1:]:
        pages.models["mock"].receive([message])
        pages.tick(1)
    await pages.user.should_see("2 listed")
    pages.user.find(marker="older").click()
    await pages.user.should_see("4 listed")


async def test_the_test_area_stands_in_the_place_of_the_detail_and_the_tree_comes_back(
    tmp_path: Path,
) -> None:
    async with ui_pages.pages(users=tmp_path / "users.jsonl") as pages:
        pages.language("en")
        await pages.sign_in(Role.ADMIN)
        pages.factory.online(HBW)
        await pages.user.open("/mock/messages")
        (whole,) = pages.user.find(marker="messages").elements
        (area,) = pages.user.find(marker="test-area-holder").elements
        pages.user.find(marker="test-area").click()
        assert ("beside" in whole.classes, "hidden" in area.classes) == (True, False)
        pages.user.find(ui.aggrid).trigger("rowClicked", {"rowId": listed_ids(pages)[0]})
        await pages.user.should_see("The payload fits the protocol")
        assert "hidden" in area.classes
        pages.user.find("Close").click()
        assert "hidden" not in area.classes
        pages.user.find(marker="discard").click()
        assert "beside" not in whole.classes


async def test_an_expression_that_is_none_is_said_and_the_former_search_holds(pages: Pages) -> None:
    pages.factory.online(HBW)
    pages.factory.online(DRILL)
    await pages.user.open(f"/mock/messages?text={HBW}")
    await pages.user.should_see("· 1 found")
    found = pages.user.find(ui.select).elements
    kind = next(f for f in found if f.props.get("aria-label") == "Kind of search")
    kind.set_value("regex")
    search = next(
        f for f in pages.user.find(ui.input).elements if f.props.get("aria-label") == "Search"
    )
    search.set_value("SVR3[")
    await pages.user.should_see("Not a regular expression, the former search still holds")
    await pages.user.should_see("· 1 found")
    search.set_value("SVR(3|4)")
    await pages.user.should_see("· 2 found")


async def test_a_topic_filter_that_is_none_is_explained_in_the_language_of_the_page(
    pages: Pages,
) -> None:
    pages.language("de")
    await pages.user.open("/mock/messages?topic=a/b")
    asked = next(f for f in pages.user.find(ui.input).elements if f.value == "a/b")
    asked.set_value("a/*")
    await pages.user.should_see("* ist kein Platzhalter von MQTT; + für eine Ebene nehmen")


async def test_only_an_administrator_has_a_test_area(pages: Pages) -> None:
    await pages.user.open("/live/messages")
    await pages.user.should_not_see("Test message")


async def test_a_free_message_of_ours_is_shown_as_sent_and_leads_to_its_command(
    pages: Pages,
) -> None:
    told = CommandEvent(
        command_id="mine", kind="free", stage=Stage.QUEUED, at=NOW - 1, topic="test/hello"
    ).model_copy(update={"payload": '{"a": 1}'})
    pages.models["mock"].hear(told)
    pages.say("test/hello", b'{"a": 1}')
    pages.say("test/hello", b'{"a": 1}', ago=0.5)
    await pages.user.open("/mock/messages")
    assert [row["way"] for row in listed(pages)] == ["←", "→"]
    await pages.user.open("/mock/messages?way=to")
    (mine,) = listed_ids(pages)
    await pages.user.open(f"/mock/messages?message={mine}")
    await pages.user.should_see("Sent by us")
    answer = await pages.user.http_client.get("/mock/messages.csv?way=to")
    assert len(answer.text.splitlines()) == 1  # the store holds neither: counted where it is kept


async def test_a_search_reaches_back_beyond_memory_and_the_file_holds_what_is_counted(
    pages: Pages,
) -> None:
    for ago in range(5430, 5400, -1):
        await keep(pages, SENSOR, {"piece": "ba6481606d513f", "n": ago}, ago)
    pages.factory.online(HBW)
    await pages.user.open("/mock/messages?text=ba6481606d513f")
    await pages.user.should_see("· 30 found")
    await pages.user.should_see("30 listed")
    await pages.user.should_see("Older ones are not kept.")
    answer = await pages.user.http_client.get("/mock/messages.jsonl?text=ba6481606d513f")
    assert len(answer.text.splitlines()) == 30
    await pages.user.open("/mock/messages?text=nothing-like-it")
    await pages.user.should_see("None matches, searched back to")


async def test_a_look_is_kept_by_name_and_gone_back_to(pages: Pages) -> None:
    query = "class=3&way=from&topic=ccu%2F%23&exclude=ccu%2Fx&misfit=1&match=field&text=a+%3E+1"
    await pages.user.open(f"/mock/messages?{query}")
    (name,) = pages.user.find(marker="preset-name").elements
    assert isinstance(name, ui.input)
    name.set_value("  late   orders ")
    pages.user.find(marker="preset-share").click()
    await offered(pages, "late orders\n")
    await pages.user.open("/mock/messages?topic=other")
    choice = await offered(pages, "late orders\n")
    with pages.user:
        choice.set_value("late orders\n")
    await pages.user.should_see("a > 1", retries=60)
    assert pages.user.back_history[-1] == f"/mock/messages?{query}"
    await pages.user.open("/mock/configuration/templates")
    await pages.user.should_see("View of the messages")
