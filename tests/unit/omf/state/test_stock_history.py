"""How the stock changed: told by the kept messages, then by those that come, on one line each."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from omf.messages.message import Message
from omf.state.stock_history import course
from omf.topics.catalogue import address
from services.common.store.bus import store
from services.common.store.keys import buffer_key
from tests.support import ui_pages
from tests.support.ui_pages import NOW, Pages

TOPIC = address("ccu_state_stock")


def _stock(**counts: int) -> bytes:
    pieces = [colour for colour, count in counts.items() for _ in range(count)]
    bays = [f"{letter}{number}" for letter in "ABC" for number in "123"]
    filled = dict(zip(bays, pieces, strict=False))
    items = [
        {"workpiece": {"id": "", "type": filled.get(bay, ""), "state": "RAW"}, "location": bay}
        for bay in bays
    ]
    return json.dumps({"ts": "2026-08-07T09:00:00.000Z", "stockItems": items}).encode()


def _told(ago: float, **counts: int) -> Message:
    return Message(TOPIC, _stock(**counts), f"{int((NOW - ago) * 1000)}-0")


def test_only_what_changes_a_count_is_a_step() -> None:
    found = course([_told(90, WHITE=1), _told(60, WHITE=1), _told(30, WHITE=2), _told(9, RED=1)])
    assert [(one.at, one.counts["WHITE"], one.counts["RED"]) for one in found] == [
        (NOW - 90, 1, 0),
        (NOW - 30, 2, 0),
        (NOW - 9, 0, 1),
    ]


def test_what_tells_no_stock_changes_nothing() -> None:
    foreign = Message("ccu/order/active", b"[]", "1-0")
    assert course([foreign, Message(TOPIC, b"no json", "2-0"), Message("x", b"", "3-0")]) == []


@pytest.fixture
async def pages(store_url: str) -> AsyncIterator[Pages]:
    with store(store_url) as client:
        for message in (_told(3600, WHITE=1), _told(1800, WHITE=3)):
            fields = {"t": TOPIC, "p": message.payload, "q": 1, "r": 0, "d": 0}
            client.xadd(buffer_key("mock", TOPIC), fields, id=message.id)
    async with ui_pages.pages(store_url=store_url) as opened:
        yield opened


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", "Weiß: zuerst 1, jetzt {now}, {steps} Änderungen"),
        ("en", "White: 1 at first, {now} now, {steps} changes"),
    ],
)
async def test_the_page_tells_the_kept_course_and_what_comes_since(
    pages: Pages, language: str, words: str
) -> None:
    pages.language(language)
    pages.models["mock"].receive([_told(1800, WHITE=3)])
    await pages.user.open("/mock/stock")
    await _labelled(pages, words.format(now=3, steps=1))
    pages.models["mock"].receive([_told(1, WHITE=2)])
    pages.tick(1)
    await _labelled(pages, words.format(now=2, steps=2))


async def test_without_a_report_there_is_no_course_and_it_says_why(pages: Pages) -> None:
    pages.language("en")
    await pages.user.open("/live/stock")
    await pages.user.should_see("No course: the CCU has not reported its stock yet.")


async def test_a_store_that_is_away_is_named() -> None:
    async with ui_pages.pages() as away:
        away.language("en")
        await away.user.open("/mock/stock")
        await away.user.should_see("The course cannot be read: the store does not answer.")


async def _labelled(pages: Pages, words: str) -> None:
    for _ in range(40):
        client = pages.user.client
        assert client is not None
        told = {element.props.get("aria-label") for element in client.elements.values()}
        if words in told:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{words!r} is not told")
