"""The past in a browser: moments of a recording against what it says, play, and back to now."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from omf.messages.message import Message
from omf.topics.catalogue import address
from services.supervisor.ports import free_port
from tests.e2e.whole import open_page
from tests.support.archives import filled, folded_to, merged
from tests.support.processes import Processes
from tests.support.shared import recording

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(400),
]
SESSION = "ml-wrb-red-nok_20260807_130729"
MOMENTS = ("2026-08-07T10:57:00Z", "2026-08-07T11:00:00Z", "2026-08-07T11:05:30Z")
PICTURES = """async () => {
  const seen = new Set(), told = document.querySelector(".past-at"), began = performance.now();
  while (performance.now() - began < 4000) {
    seen.add(told.textContent);
    await new Promise(requestAnimationFrame);
  }
  return seen.size / 4;
}"""
"""Different moments a second that the band shows."""


MOVE = """seconds => {
  const day = document.querySelector(".past-slider");
  day.value = seconds;
  day.dispatchEvent(new Event("change", {bubbles: true}));
}"""


@pytest.fixture
def said() -> list[Message]:
    return list(recording(SESSION))


@pytest.fixture
def base(processes: Processes, store_url: str, tmp_path: Path, said: list[Message]) -> str:
    """Pages over a store that has nothing of it any more, and an archive that has."""
    merged(filled(tmp_path / "history" / "mock", said, 300))
    port = free_port()
    told = {"environments": "mock,replay", "ui_port": str(port), "data": str(tmp_path)}
    processes.service("ui", store_url=store_url, **told).wait_ready()
    return f"http://127.0.0.1:{port}"


def last(said: list[Message], entry: str, moment: str) -> Any:
    """What the CCU had told last on a topic by then, as it told it."""
    at, topic = datetime.fromisoformat(moment).timestamp(), address(entry)
    return json.loads([m for m in said if m.topic == topic and m.received_at <= at][-1].payload)


def at_moment(chromium: Browser, base: str, page: str, moment: str) -> Page:
    shown = open_page(chromium, base, f"/mock/{page}?at={moment}", clock="utc")
    time = moment.partition("T")[2].partition("Z")[0]
    told = time if "play" not in moment else "7 August 2026"
    expect(shown.locator(".past-at")).to_contain_text(told)
    return shown


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_pages_show_what_the_recording_says_of_the_moment(
    chromium: Browser, base: str, said: list[Message], moment: str
) -> None:
    page = at_moment(chromium, base, "overview", moment)
    active = last(said, "ccu_order_active", moment)
    for order in active:
        name = order["orderId"]
        line = page.locator(".orders-now .order", has=page.locator(f"[title='{name}']"))
        expect(line).to_have_count(1)
        begun = any(step["state"] != "ENQUEUED" for step in order["productionSteps"])
        words = "running|waits|stands still" if begun else "queued"
        expect(line.locator(".order-state")).to_have_text(re.compile(words))
    for item in last(said, "ccu_state_stock", moment)["stockItems"]:
        colour = (item.get("workpiece") or {}).get("type") or ""
        bay = page.locator(".bay", has_text=item["location"])
        expect(bay.first).to_contain_text(colour[:1] if colour else "empty")
    at = datetime.fromisoformat(moment).timestamp()
    alarms = folded_to([m for m in said if m.received_at <= at]).alarms(at)
    expect(page.locator("[data-alarms]")).to_have_attribute("data-alarms", str(len(alarms)))
    page.context.close()


def test_the_way_in_is_one_press(chromium: Browser, base: str) -> None:
    page = open_page(chromium, base, "/mock/overview", clock="utc")
    expect(page.locator(".past-at")).to_have_count(0)
    page.click("text=Look back")
    expect(page).to_have_url(re.compile(r"/mock/overview\?at=20"))
    expect(page.locator(".past-at")).to_have_count(1)
    page.context.close()


def test_the_past_is_seen_as_such_and_nothing_can_be_sent(chromium: Browser, base: str) -> None:
    page = at_moment(chromium, base, "overview", "2026-08-07T10:56:00Z")
    expect(page.locator(".shell.past")).to_have_count(1)
    expect(page.locator(".past-ago")).to_contain_text("days ago")
    expect(page.locator(".order-button").first).to_contain_text("Past: nothing can be sent")
    expect(page.locator(".chip", has_text="Gateway")).to_contain_text("unknown")
    expect(page.locator(".past-mark.order").first).to_be_attached()
    page.context.close()


def test_it_is_played_over_pages_stopped_and_left(chromium: Browser, base: str) -> None:
    page = at_moment(chromium, base, "overview", "2026-08-07T10:56:00Z&play=100")
    page.wait_for_selector(".past-now[data-pace='100']")
    pictures = page.evaluate(PICTURES)
    assert pictures >= 2, f"{pictures} pictures a second; 5 on a machine that does nothing else"
    page.click(".menu-link:text-is('Orders')")
    expect(page).to_have_url(re.compile(r"/mock/orders\?at=2026-08-07T1.*&play=100"))
    page.click(".past-bar button:has-text('Pause')")
    expect(page.locator(".past-bar button")).to_contain_text("Play")
    stands = page.locator(".past-at").inner_text()
    page.wait_for_timeout(1500)
    assert page.locator(".past-at").inner_text() == stands
    page.click(".past-back")
    expect(page).to_have_url(f"{base}/mock/orders")
    expect(page.locator(".past-at")).to_have_count(0)
    page.context.close()


def test_the_next_event_and_any_other_moment_are_one_act_away(chromium: Browser, base: str) -> None:
    page = at_moment(chromium, base, "stock", "2026-08-07T11:00:00Z")
    expect(page.locator(".past-mark.order").first).to_be_visible()
    page.click("[aria-label='To the next event']")
    expect(page.locator(".past-at")).to_contain_text("11:05:20")
    page.fill(".past-moment", "2026-08-07T10:58:40")
    page.locator(".past-moment").blur()
    expect(page.locator(".past-at")).to_contain_text("10:58:40")
    page.evaluate(MOVE, 10 * 3600 + 57 * 60)
    expect(page.locator(".past-at")).to_contain_text("10:57:00")
    assert "/mock/stock?" in page.url
    page.context.close()
