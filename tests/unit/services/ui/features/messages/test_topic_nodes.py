"""The topics of the message centre: tree, the loudest, and what the broker keeps."""

import pytest
from nicegui import ui

from omf.messages.message import Message
from omf.topics.catalogue import address
from services.ui.features.messages import recent_changes, topic_lists, topic_nodes
from services.ui.translator import Translator
from tests.support import ui_pages
from tests.support.ui_pages import DRILL, HBW, NOW, Pages, entry

pytestmark = pytest.mark.servers


@pytest.fixture
def opening(store_url: str) -> dict[str, object]:
    return {"store_url": store_url}


async def test_a_loud_topic_is_left_out_and_a_kept_one_leads_to_its_removal(pages: Pages) -> None:
    pages.factory.online(HBW)
    pages.factory.online(DRILL)
    loud = address("module_connection", serial=DRILL)
    await pages.user.open("/mock/messages")
    pages.user.find("Loudest").click()
    pages.user.find(ui.aggrid).trigger("rowClicked", {"rowId": loud})
    await pages.user.should_see("1 found")
    pages.user.find(marker="leave-out").click()
    await pages.user.should_see("1 found")
    left_out, topic = (entry(pages, name) for name in ("Hide topics", "Topic filter"))
    assert (left_out.value, topic.value) == (loud, "")


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


async def test_the_topics_can_be_looked_at_in_four_ways(pages: Pages) -> None:
    pages.say("site/lamp", b"on")
    await pages.user.open("/mock/messages")
    for words in ("Tree", "Loudest", "Retained", "Changed"):
        await pages.user.should_see(words)
    pages.user.find("Retained").click()
    await pages.user.should_see("Nothing has come yet that the broker keeps.")


async def test_what_changed_leads_to_the_newest_message_of_its_topic(pages: Pages) -> None:
    pages.say("a/lamp", {"on": False}, ago=4)
    pages.say("a/lamp", {"on": True}, ago=3)
    await pages.user.open("/mock/messages")
    pages.user.find("Changed").click()
    (row,) = recent_changes.rows(pages.models["mock"], Translator("en"), 10)
    assert row["what"] == "on: false → true"
    pages.user.find(ui.aggrid).trigger("rowClicked", {"rowId": row["id"]})
    await pages.user.should_see('"on": true')


def test_what_changed_lately_is_told_against_what_was_before() -> None:
    model = _told(
        ("site/door", b'{"open": false, "timestamp": "1"}', 90, False),
        ("site/lamp", b"on", 70, False),
        ("site/door", b'{"open": true, "timestamp": "2"}', 8, False),
        ("site/lamp", b"on", 7, False),
        ("site/door", b'{"open": true, "by": "anna", "timestamp": "3"}', 5, False),
        ("site/new", b'{"a": 1}', 4, False),
        ("site/note", b"one", 3, False),
        ("site/note", b"two", 2, False),
    )
    rows = recent_changes.rows(model, Translator("en"), 10)
    assert [(row["what"], row["age"]) for row in rows] == [
        ("payload: one → two", "2 s"),
        ("open: false → true", "5 s"),
        ('by: (absent) → "anna"', "5 s"),
    ]
    assert not recent_changes.rows(model, Translator("en"), 1)


def test_a_flood_of_topics_and_a_picture_do_not_make_the_list_long_or_wide() -> None:
    picture = b'{"data": "%s"}' % (b"A" * 50_000)
    flood = [(f"t/{n}", b'{"n": %d}' % i, 9, False) for i in range(2) for n in range(500)]
    model = _told(*flood, ("cam", b'{"data": ""}', 8, False), ("cam", picture, 7, False))
    rows = recent_changes.rows(model, Translator("en"), 10)
    assert len(rows) == recent_changes.MAX_TOPICS
    assert max(len(str(row["what"])) for row in rows) < 3 * recent_changes.VALUE_CHARS
