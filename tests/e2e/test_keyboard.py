"""A person without a mouse: every table is entered, walked and left by key, and its rows open."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from services.common.mqtt.mqtt_link import MqttLink
from services.supervisor.runfile import RunFile
from tests.e2e.whole import insist, open_page, press
from tests.support.processes import wait_for

pytestmark = [pytest.mark.browser]

MANY_TABS = 120
"""Twice round the page with the most to reach."""
PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
ABOVE = """([one, other, rows]) => {
  const row = name => [...document.querySelectorAll(".layout-cell")]
    .filter(cell => cell.innerText.trim() === name)
    .map(cell => Number(getComputedStyle(cell).gridRowStart));
  const [upper, lower] = [row(one), row(other)];
  return upper.length === 1 && lower.length === 1 && lower[0] - upper[0] === rows;
}"""
FOCUSED = ".ag-row:has(.ag-cell:focus)"


@pytest.fixture
def page(system: RunFile, chromium: Browser) -> Iterator[Page]:
    opened = open_page(chromium, system.ui, "/mock/overview")
    yield opened
    opened.context.close()


def _tab_into(page: Page, table: str = ".grid") -> Locator:
    """Tab from the top of the page until a row of the table is reached; that row."""
    expect(page.locator(f"{table} .ag-row").first).to_be_visible()
    row = page.locator(f"{table} {FOCUSED}")
    for _ in range(MANY_TABS):
        page.keyboard.press("Tab")
        page.evaluate(PAINTED)
        if row.count():
            return row
    raise AssertionError(f"no row of {table} is reached by {MANY_TABS} tabs")


def _order(page: Page, system: RunFile, colour: str) -> None:
    page.goto(f"{system.ui}/mock/steering")
    page.click(f"[data-order={colour}]")
    page.click("[data-send]")
    expect(page.locator(".told")).to_contain_text("effect seen")


def test_arrows_walk_the_modules_and_enter_opens_the_one_in_focus(
    page: Page, system: RunFile
) -> None:
    page.goto(f"{system.ui}/mock/overview/modules")
    row = _tab_into(page)
    # Each key is waited for: one typed while the rows are painted anew may be lost.
    for index in ("1", "2"):
        page.keyboard.press("ArrowDown")
        expect(row).to_have_attribute("row-index", index)
    assert row.evaluate("row => getComputedStyle(row).boxShadow") != "none"
    serial = row.get_attribute("row-id")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/mock/(module|vehicle)/{serial}$"))


def test_a_heading_is_above_the_rows_and_enter_sorts_by_it(page: Page, system: RunFile) -> None:
    page.goto(f"{system.ui}/mock/overview/modules")
    _tab_into(page)
    page.keyboard.press("ArrowUp")
    heading = page.locator(".ag-header-cell:focus")
    expect(heading).to_have_count(1)
    page.keyboard.press("Enter")
    expect(heading).to_have_attribute("aria-sort", "ascending")
    # The heading says so first; who goes down before the rows have moved, moves with one of them.
    expect(page.locator('.ag-row[row-index="0"]')).to_contain_text("Charging station")
    page.keyboard.press("ArrowDown")
    expect(page.locator(FOCUSED)).to_have_attribute("row-index", "0")


def test_tab_leaves_the_table_and_comes_back_to_the_row_that_was_left(
    page: Page, system: RunFile
) -> None:
    page.goto(f"{system.ui}/mock/overview/modules")
    row = _tab_into(page)
    page.keyboard.press("ArrowDown")
    expect(row).to_have_attribute("row-index", "1")
    page.keyboard.press("Tab")
    expect(page.locator(".grid :focus")).to_have_count(0)
    page.keyboard.press("Shift+Tab")
    expect(row).to_have_attribute("row-index", "1")


def test_a_command_is_opened_by_enter_and_stays_in_focus_under_newer_ones(
    page: Page, system: RunFile, chromium: Browser
) -> None:
    _order(page, system, "BLUE")
    page.goto(f"{system.ui}/mock/commands")
    row = _tab_into(page)
    first = row.get_attribute("row-id")
    other = open_page(chromium, system.ui, "/mock/overview")
    _order(other, system, "WHITE")
    other.context.close()
    expect(page.locator('.ag-row[row-index="0"]')).not_to_have_attribute("row-id", str(first))
    expect(row).to_have_attribute("row-id", str(first))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"command={first}"))
    expect(page.locator(".detail .station.reached")).to_have_count(6)


def test_an_order_and_a_session_are_opened_by_enter(page: Page, system: RunFile) -> None:
    _order(page, system, "RED")
    page.goto(f"{system.ui}/mock/orders")
    _tab_into(page)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/mock/(order/|commands|messages)"))
    page.goto(f"{system.ui}/mock/sessions")
    page.fill("[aria-label^=Name]", "by-key")
    page.click("[data-name]")
    expect(page.locator(".ag-row", has_text="by-key")).to_be_visible()
    page.goto(f"{system.ui}/mock/sessions")
    _tab_into(page)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("session=by-key$"))


def test_the_list_of_messages_holds_still_under_the_focus(page: Page, system: RunFile) -> None:
    link = MqttLink(system.mqtt["mock"], client_id="keyboard")
    link.start()
    wait_for(lambda: link.state.connected)
    link.publish("keys/test", b"first").result(10)
    page.goto(f"{system.ui}/mock/messages?topic=keys/%23")
    row = _tab_into(page, ".hold .grid")
    expect(row).to_contain_text("first")
    page.wait_for_timeout(2_000)
    link.publish("keys/test", b"second").result(10)
    expect(page.locator("text=1 new")).to_be_visible()
    link.stop()
    page.keyboard.press("Enter")
    expect(page.locator("pre.payload")).to_contain_text("first")
    insist(lambda: page.keyboard.press("Escape"), page.locator(".hold .ag-row").nth(1))
    expect(page.locator(".hold .ag-row")).to_have_count(2)


@pytest.mark.parametrize("path", ["system", "system/buffers", "system/logs"])
def test_tables_that_open_nothing_are_read_by_key_as_well(
    page: Page, system: RunFile, path: str
) -> None:
    page.goto(f"{system.ui}/mock/{path}")
    row = _tab_into(page)
    page.keyboard.press("ArrowDown")
    expect(row).to_have_count(1)


def test_keys_go_on_moving_a_module_of_the_layout(page: Page, system: RunFile) -> None:
    page.goto(f"{system.ui}/mock/steering?kind=layout")
    page.wait_for_url("**preview=*")  # the server keeps the card: it hears the page
    cell = page.locator(".layout-cell:has-text('MILL')")
    press(cell, "Enter")
    expect(cell).to_have_attribute("aria-pressed", "true")
    # The second key may come before the first is answered; the grid grows with each.
    for _ in range(2):
        page.keyboard.press("ArrowUp")
    page.wait_for_function(ABOVE, arg=["MILL", "AIQS", 2])
    expect(page.locator(".layout-cell:focus")).to_have_text("MILL")
