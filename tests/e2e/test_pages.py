"""A person before the real pages of the running system: they look, order, and see what happens."""

import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from services.common.mqtt.mqtt_link import MqttLink
from services.supervisor.runfile import RunFile
from tests.e2e.whole import WAIT_MS, insist, open_page
from tests.support.processes import wait_for

ENVIRONMENTS = "mock,replay"

pytestmark = pytest.mark.browser

OLD_S = 5
"""The connection before was ten seconds old when its broker was killed, and is older since."""
DRILL, FTS = "SVR4H76449", "5iO4"
HOSTILE = b"<script>window.hit=1</script><img src=x onerror='window.hit=1'>{{7*7}}"


def _order(page: Page, colour: str) -> None:
    page.click(f"[data-order={colour}]")
    page.click("[data-send]")


def test_the_working_factory_is_seen_in_both_languages(system: RunFile, chromium: Browser) -> None:
    page = open_page(chromium, system.ui, "/", language="de")
    expect(page.locator(".line")).to_have_count(6)
    expect(page.locator(".band-word")).to_have_text("MOCK")
    page.click("text=Modul Status")
    expect(page.locator(".ag-row")).to_have_count(7)
    row = page.locator('.ag-row[row-id="SVR3QA0022"]')
    expect(row).to_contain_text("192.168.0.80")
    expect(row).to_contain_text("verbunden")
    expect(page).to_have_url(re.compile("/mock/overview/modules$"))
    page.click(".choice >> text=EN")
    expect(page.locator(".tabs")).to_contain_text("Module status")
    page.context.close()


def _release(page: Page, then: Callable[[], None]) -> None:
    """Release the waiting step; again if the CCU was not yet done with the one before."""
    for _ in range(5):
        page.click("[data-release]:not(.off)")
        page.click("[data-send]")
        try:
            then()
        except AssertionError:
            continue
        return
    then()


def test_a_drill_sequence_goes_step_by_step(system: RunFile, chromium: Browser) -> None:
    page = open_page(chromium, system.ui, "/mock/steering/modules")
    page.click("[data-sequence=DRILL-stepwise-WHITE]")
    expect(page.locator(".card")).to_contain_text("3. DRILL: Give the piece back")
    expect(page.locator(".check.bad")).to_have_count(0)
    page.click("[data-send]")
    bracket = page.locator(".bracket")
    expect(page.locator(".card .release")).to_contain_text("Step 2 of 3 waits for release")
    expect(bracket).to_have_count(0)  # its own card stands there, and releases the step
    page.click("text=Close")
    expect(bracket).to_contain_text("waits for release")
    expect(bracket).to_contain_text("Step 2 of 3: DRILL: Drill")
    last = "Step 3 of 3: DRILL: Give the piece back"
    _release(page, lambda: expect(bracket).to_contain_text(last, timeout=WAIT_MS / 2))
    expect(bracket).to_contain_text("waits for release")
    _release(page, lambda: expect(bracket).to_have_count(0, timeout=WAIT_MS / 2))
    page.goto(f"{system.ui}/mock/commands?kind=module-sequence")
    expect(page.locator(".ag-row").first).to_contain_text("effect seen")
    page.context.close()


def test_two_people_order_white_at_once_and_both_see_the_effect(
    system: RunFile, chromium: Browser
) -> None:
    pages = [open_page(chromium, system.ui, "/mock/steering") for _ in range(2)]
    for page in pages:
        page.click("[data-order=WHITE]")
        expect(page.locator(".check.bad")).to_have_count(0)
    for page in pages:
        page.click("[data-send]")
    for page in pages:
        told = page.locator(".told")
        expect(told.last).to_contain_text(re.compile("effect seen|faster"))
        if "faster" in told.last.inner_text():
            # Pressed before the other's order was answered: said so, and the next one goes through.
            _order(page, "WHITE")
        expect(told.last).to_contain_text("effect seen")
        expect(page.locator(".evidence").first).to_be_visible()
    pages[0].click(".evidence >> nth=0")
    expect(pages[0].locator("pre.payload")).to_contain_text("orderId")
    pages[1].goto(f"{system.ui}/mock/overview")
    expect(pages[1].locator(".order").first).to_contain_text("Production")
    for page in pages:
        page.context.close()


def test_the_life_of_a_command_stays_readable(system: RunFile, chromium: Browser) -> None:
    page = open_page(chromium, system.ui, "/mock/steering")
    _order(page, "BLUE")
    expect(page.locator(".told")).to_contain_text("effect seen")
    page.goto(f"{system.ui}/mock/commands")
    page.locator(".ag-row").first.click()
    expect(page.locator(".detail .station.reached")).to_have_count(6)
    page.reload()
    expect(page.locator(".ag-row").first).to_contain_text("effect seen")
    expect(page.locator(".footer")).to_contain_text("effect seen")
    page.context.close()


def test_a_piece_is_followed_from_its_tile_to_its_steps(system: RunFile, chromium: Browser) -> None:
    page = open_page(chromium, system.ui, "/mock/orders")
    _order(page, "BLUE")  # of WHITE the first two people took what there was
    expect(page.locator(".told")).to_contain_text("effect seen")
    page.goto(f"{system.ui}/mock/orders/running")
    page.locator(".ag-row", has_text="running").last.click()
    expect(page).to_have_url(re.compile("/mock/order/[0-9a-f-]{36}$"))
    # One vehicle carries the pieces of everybody's orders; this one may have to wait for it.
    expect(page.locator(".gantt g.finished").first).to_be_visible(timeout=4 * WAIT_MS)
    expect(page.locator(".message-line").first).to_be_visible()
    page.context.close()


def test_the_map_leads_to_a_module_and_a_change_of_language_stays_there(
    system: RunFile, chromium: Browser
) -> None:
    page = open_page(chromium, system.ui, "/mock/floor")
    page.click(f"[data-serial={DRILL}]")
    side = page.locator(".floor-side")
    expect(side.locator(".offer").first).to_be_visible()
    expect(page).to_have_url(re.compile(f"show={DRILL}"))
    side.locator(".card-title").click()
    expect(page).to_have_url(re.compile(f"/mock/module/{DRILL}$"))
    german = page.locator(".detail-title", has_text="Bohrstation")
    insist(lambda: page.click(".choice >> text=DE"), german)
    expect(page).to_have_url(re.compile(f"/mock/module/{DRILL}$"))
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{system.ui}/mock/overview")
    page.click(".stock .way-in >> visible=true")
    expect(page.locator(".full-bay")).to_have_count(9)
    page.context.close()


def test_a_dangerous_command_waits_for_its_word(system: RunFile, chromium: Browser) -> None:
    page = open_page(chromium, system.ui, "/mock/steering?kind=factory-reset")
    expect(page.locator(".check.bad")).to_contain_text("RESET")
    page.click("[data-send]", force=True)
    expect(page.locator(".station")).to_have_count(0)
    page.context.close()


def test_hostile_messages_stay_text(system: RunFile, chromium: Browser) -> None:
    page = open_page(chromium, system.ui, "/mock/messages?text=window.hit")
    link = MqttLink(system.mqtt["mock"], client_id="hostile")
    link.start()
    wait_for(lambda: link.state.connected)
    link.publish("x/<script>window.hit=1</script>", HOSTILE).result(10)
    link.publish("x/keys", b'{":x":"window.hit=1","__proto__":{"window.hit":1}}').result(10)
    link.stop()
    expect(page.locator(".hold .ag-row")).to_have_count(2)
    page.locator(".hold .ag-row", has_text="x/<script>").click()
    expect(page.locator("pre.payload")).to_contain_text("<script>window.hit=1</script>")
    assert page.evaluate("window.hit") is None
    page.context.close()


def test_where_there_is_little_room_filters_fold_and_the_tree_is_a_drawer(
    system: RunFile, chromium: Browser
) -> None:
    page = open_page(chromium, system.ui, "/mock/messages")
    filters, topics = page.locator(".filters"), page.locator(".topics")
    insist(page.locator(".hold .ag-row").first.click, page.locator(".detail .payload").first)
    expect(filters).to_be_hidden()
    insist(page.locator("[data-filters]").click, filters)
    insist(lambda: page.keyboard.press("Escape"), topics)
    page.set_viewport_size({"width": 1024, "height": 768})
    expect(topics).to_be_hidden()
    insist(page.locator(".tools >> text=Topics").click, topics)
    page.context.close()


def test_a_frozen_reader_is_named_within_seconds_and_recovers(
    system: RunFile, chromium: Browser
) -> None:
    page = open_page(chromium, system.ui, "/mock/overview")
    os.kill(system.pids["ingest-mock"], signal.SIGSTOP)
    try:
        expect(page.locator(".note-read")).to_be_visible()
        expect(page.locator(".note-read")).to_contain_text("Ingest not answering")
    finally:
        os.kill(system.pids["ingest-mock"], signal.SIGCONT)
    expect(page.locator(".note-read")).to_be_hidden()
    page.context.close()


def _seconds(age: str) -> float:
    """Of a connection; one that is not there has none."""
    number, _, unit = age.partition(" ")
    return float("inf") if not number.isdigit() else int(number) * (60 if unit == "min" else 1)


def test_a_killed_broker_is_seen_on_its_chip_and_the_circle_closes_again(
    system: RunFile, chromium: Browser
) -> None:
    page = open_page(chromium, system.ui, "/mock/steering")
    age = page.locator(".chip", has_text="Broker read").locator(".chip-age")
    # Up for a while, so that a new connection can be told from the old one by its age.
    expect(age).to_have_text(re.compile(r"^(\d{2,} s|\d+ min)$"))
    os.kill(system.pids["broker-mock"], signal.SIGKILL)
    killed = time.monotonic()
    wait_for(lambda: _seconds(age.inner_text()) < time.monotonic() - killed + OLD_S, 60)
    expect(page.locator(".note-read")).to_be_hidden()
    expect(page.locator("[data-order=RED]")).to_be_enabled()
    _order(page, "RED")
    expect(page.locator(".told")).to_contain_text("effect seen")
    page.context.close()


def test_a_lost_dashboard_dims_the_page_locks_it_and_comes_back(
    system: RunFile, chromium: Browser
) -> None:
    page = open_page(chromium, system.ui, "/mock/steering")
    expect(page.locator(".lost")).to_be_hidden()
    os.kill(system.pids["ui"], signal.SIGSTOP)
    try:
        expect(page.locator(".lost")).to_be_visible()
        expect(page.locator(".lost")).to_contain_text("Last data from")
        expect(page.locator(".lost-time")).to_have_text(re.compile(r"\d\d:\d\d:\d\d"))
        assert page.locator(".main").evaluate("element => element.inert")
    finally:
        os.kill(system.pids["ui"], signal.SIGCONT)
    expect(page.locator(".lost")).to_be_hidden()
    page.context.close()


def test_nothing_is_fetched_from_elsewhere_and_nothing_is_blocked(
    system: RunFile, chromium: Browser
) -> None:
    page = open_page(chromium, system.ui, "/mock/overview")
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    factory = ("overview/modules", "floor", "stock", "orders", f"module/{DRILL}", f"vehicle/{FTS}")
    for path in (*factory, "steering", "commands", "messages", "sessions", "system"):
        page.goto(f"{system.ui}/mock/{path}")
        page.wait_for_selector(".shell")
    foreign = [url for url in asked if not url.startswith((system.ui, "data:", "blob:"))]
    assert not foreign
    assert not complaints
    page.context.close()


def test_the_folder_of_the_process_gets_no_file_from_visitors(
    system: RunFile, chromium: Browser
) -> None:
    open_page(chromium, system.ui, "/mock/overview").context.close()
    assert not Path(".nicegui").exists()


def test_a_reset_needs_its_word_and_is_seen_to_work(system: RunFile, chromium: Browser) -> None:
    page = open_page(chromium, system.ui, "/mock/steering/factory")
    page.click("[data-entry=reset]")
    page.fill("[aria-label=Confirmation]", "RESET")
    expect(page.locator(".check.bad")).to_have_count(0)
    page.click("[data-send]")
    expect(page.locator(".told")).to_contain_text("effect seen", timeout=4 * WAIT_MS)
    page.context.close()


def test_a_range_is_named_taken_over_and_played_again(system: RunFile, chromium: Browser) -> None:
    page = open_page(chromium, system.ui, "/mock/sessions")
    page.fill("[aria-label^=Name]", "e2e-range")
    page.click("[data-name]")
    expect(page.locator(".ag-row")).to_have_count(1)
    page.click("[data-take]")
    play = page.locator("[data-play=e2e-range]")
    expect(play).to_be_visible()
    play.click()
    expect(page.locator(".replay-state")).to_have_text("playing")
    page.click("[data-replay=pause]")
    expect(page.locator(".replay-state")).to_have_text("paused")
    page.goto(f"{system.ui}/replay/messages")
    expect(page.locator(".hold .ag-row").first).to_be_visible()
    page.context.close()
