"""The message centre over the whole system: what was said long ago, what we sent, the files."""

import asyncio
import re
import time
import uuid
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from services.common.mqtt.mqtt_link import MqttLink
from services.common.store.bus import Bus
from services.common.store.keys import JOURNAL, Command, Role, buffer_key
from services.supervisor.runfile import RunFile
from tests.e2e.whole import open_page, press
from tests.support.processes import wait_for

ENVIRONMENTS = "mock,replay"

pytestmark = pytest.mark.servers
TAG = "ba6481606d513f"
OLD = 300
"""Messages of the piece, one a second, the last of them an hour ago."""


def _do(work: Coroutine[Any, Any, None]) -> None:
    """In a thread: the browser's driver has the loop of this one."""
    with ThreadPoolExecutor() as pool:
        pool.submit(asyncio.run, work).result()


async def _send(run: RunFile) -> None:
    async with Bus(run.redis, "mock") as bus:
        await bus.submit(
            Command(
                command_id=uuid.uuid4().hex,
                kind="free-message",
                parameters={"topic": "test/hello", "payload": '{"a": 1}'},
                environment="mock",
                operator="anna",
                role=Role.ADMIN,
                created_at=await bus.time(),
                note="a test",
            )
        )


def test_our_own_free_message_is_among_the_sent_and_somebody_elses_is_not(
    system: RunFile, chromium: Browser
) -> None:
    page = open_page(chromium, system.ui, "/mock/messages?topic=test/%23")
    _do(_send(system))
    rows = page.locator(".hold .ag-row")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("→")
    link = MqttLink(system.mqtt["mock"], client_id="somebody")
    link.start()
    wait_for(lambda: link.state.connected)
    link.publish("test/hello", b'{"a": 1}').result(10)
    link.stop()
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="←")).to_have_count(1)
    page.goto(f"{system.ui}/mock/messages?topic=test/%23&way=to")
    expect(rows).to_have_count(1)
    rows.first.click()
    expect(page.get_by_text(re.compile("Sent by us"))).to_be_visible()
    page.context.close()


async def _remember(run: RunFile) -> None:
    async with Bus(run.redis, "replay") as bus:
        begin = int(time.time() - 3600 - OLD)
        for second in range(OLD):
            fields = {"t": "site/piece", "p": f'{{"tag": "{TAG}"}}', "q": 0, "r": 0}
            message_id = f"{(begin + second) * 1000}-0"
            await bus.client.xadd(buffer_key("replay", JOURNAL), fields, message_id)


def test_a_piece_of_an_hour_ago_is_found_by_one_search_and_the_file_holds_what_is_counted(
    system: RunFile, chromium: Browser
) -> None:
    page = open_page(chromium, system.ui, "/replay/messages")
    _do(_remember(system))
    page.fill(".entry-text input", TAG)
    counts = page.locator(".panel-head .hint").first
    expect(counts).to_contain_text(f"{OLD} found")
    expect(counts).to_contain_text("searched back to")
    with page.expect_download() as asked:
        page.click("text=JSONL")
    assert asked.value.suggested_filename == "replay-messages.jsonl"
    assert len(Path(asked.value.path()).read_text("utf-8").splitlines()) == OLD
    with page.expect_download() as asked:
        page.click("text=CSV")
    assert asked.value.suggested_filename == "replay-messages.csv"
    assert Path(asked.value.path()).read_bytes().startswith(b"\xef\xbb\xbfreceived_at,")
    page.context.close()


def test_the_priority_is_chosen_by_key_and_says_what_it_lets_through(
    system: RunFile, chromium: Browser
) -> None:
    page = open_page(chromium, system.ui, "/mock/messages?class=3")
    chosen = page.get_by_role("slider", name="Up to which priority, 1 to 6")
    expect(chosen).to_have_attribute("aria-valuetext", "Up to 3: modules, vehicles, orders")
    expect(page.locator(".hold .ag-row").first).to_be_visible()
    press(chosen, "ArrowLeft")
    expect(chosen).to_have_attribute("aria-valuetext", "Up to 2: modules, vehicles")
    expect(page).to_have_url(re.compile("class=2"))
    page.context.close()
