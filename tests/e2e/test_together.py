"""Sequences of commands, in a factory of their own: they go on without the page they came from."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from services.supervisor.runfile import RunFile
from tests.e2e.whole import open_page, running

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
LAMPS = """
title: {de: Lampen und warten, en: Lamps and wait, fr: Lampes et attente}
steps:
  - {kind: status-led, parameters: {light: red}}
  - wait: {stock: any, at_least: 99}
    timeout_s: 5
    on_timeout: go-on
  - {kind: status-led, parameters: {light: green}}
"""
WAITS = """
title: {de: Wartet lange, en: Waits long, fr: Attend longtemps}
steps:
  - wait: {stock: any, at_least: 99}
    timeout_s: 600
  - {kind: status-led, parameters: {light: green}}
"""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunFile]:
    folder = tmp_path_factory.mktemp("whole")
    library = folder / "data" / "sequences"
    library.mkdir(parents=True)
    for name, text in {"lamps": LAMPS, "waits": WAITS}.items():
        (library / f"{name}.yaml").write_text(text, encoding="utf-8")
    with running(folder, "mock") as started:
        yield started


def start(chromium: Browser, system: RunFile, name: str) -> None:
    """Start a file of the library, and close the browser at once."""
    page = open_page(chromium, system.ui, "/mock/steering/free")
    page.click(f"[data-entry=sequence-{name}]")
    page.click("[data-send]")
    expect(page.locator(".run").first).to_be_visible()
    page.context.close()


def act(page: Page, name: str) -> None:
    """Open the card of an act on the first run, and send it."""
    page.click(f".run [data-act={name}]:visible")
    page.click(".card [data-send]")


def test_two_pieces_of_one_card_are_made_one_after_the_other(
    system: RunFile, chromium: Browser
) -> None:
    page = open_page(chromium, system.ui, "/mock/orders")
    for colour in ("Red", "Blue"):
        page.get_by_label(f"{colour}: one more").click()
    page.click("text=Order 2 together")
    page.click("[data-send]")
    expect(page.locator(".card")).to_contain_text("done")
    expect(page.locator(".card .batch-stage >> text=effect seen")).to_have_count(2)
    page.context.close()


def test_a_sequence_goes_on_and_ends_though_its_browser_was_closed(
    system: RunFile, chromium: Browser
) -> None:
    start(chromium, system, "lamps")
    page = open_page(chromium, system.ui, "/mock/steering")
    run = page.locator(".run", has_text="Lamps and wait").first
    expect(run).to_contain_text("done", timeout=30_000)
    run.get_by_text("History").click()
    expect(run.locator("a")).to_have_count(2)
    run.locator("a").first.click()
    expect(page).to_have_url(re.compile(r"/mock/commands\?command=.*\.2"))
    page.context.close()


def test_it_is_held_continued_and_cancelled_from_a_phone(
    system: RunFile, chromium: Browser
) -> None:
    start(chromium, system, "waits")
    page = open_page(chromium, system.ui, "/mock/steering")
    page.set_viewport_size(PHONE)
    run = page.locator(".run", has_text="Waits long").first
    expect(run).to_contain_text("waiting")
    act(page, "sequence-hold")
    expect(run).to_contain_text("held")
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE["width"]
    act(page, "sequence-continue")
    expect(run).to_contain_text("waiting")
    act(page, "sequence-cancel")
    expect(run).to_contain_text("cancelled")
    page.context.close()


def test_a_plan_is_set_on_the_page_and_orders_by_itself(system: RunFile, chromium: Browser) -> None:
    page = open_page(chromium, system.ui, "/mock/orders")
    page.get_by_text("New plan").click()
    page.get_by_label("Name of the plan").fill("soon")
    page.get_by_label("Colours").fill("WHITE")
    when = datetime.now() + timedelta(seconds=20)  # noqa: DTZ005 - as this wall shows it
    page.get_by_label("Once at").fill(when.isoformat(timespec="seconds"))
    page.click(".card [data-send]")
    expect(page.locator(".plan")).to_contain_text("next at")
    page.context.close()
    page = open_page(chromium, system.ui, "/mock/orders")
    run = page.locator(".run", has_text="Plan of orders soon")
    expect(run).to_contain_text("done", timeout=60_000)
    expect(page.locator(".plan")).to_have_count(0)
    page.context.close()
