"""What a shift does, done with a thumb: order, acknowledge, stop, look, search a message.

Every page is held against a thumb's width and a phone's in test_every_page.py.
"""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from services.supervisor.runfile import RunFile
from tests.e2e.page_judges import PHONES, complaints
from tests.e2e.whole import open_page

pytestmark = [pytest.mark.browser]

LAYING_MS = 700
FAULT = "/mock/steering?kind=mock-module-fault&module=DRILL&fault=fatal"


@pytest.fixture(scope="module", autouse=True)
def fault(system: RunFile, chromium: Browser) -> None:
    """A module that fails once it is to work: there is something to acknowledge."""
    page = open_page(chromium, system.ui, FAULT)
    page.click("[data-send]:not(.off)")
    expect(page.locator(".told").last).to_contain_text("effect seen")
    page.context.close()


@pytest.fixture(params=PHONES, ids=lambda size: f"{size['width']}px")
def phone(system: RunFile, chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    size: ViewportSize = request.param
    context = chromium.new_context(viewport=size, has_touch=True, is_mobile=True)
    context.add_cookies([{"name": "omf_language", "value": "en", "url": system.ui}])
    page = context.new_page()
    page.goto(f"{system.ui}/mock/overview")
    page.wait_for_selector(".shell")
    yield page
    wide = page.evaluate("document.scrollingElement.scrollWidth")
    assert wide <= size["width"], f"{page.url} scrolls sideways: {wide}"
    context.close()


def near(page: Page, name: str) -> None:
    """Press an entry of the bottom bar."""
    page.locator(".near-page", has_text=name).tap()


def test_a_piece_is_ordered(phone: Page) -> None:
    near(phone, "Orders")
    phone.wait_for_url("**/orders")
    phone.locator("[data-order=WHITE]").tap()
    phone.locator("[data-send]:not(.off)").tap()
    expect(phone.locator(".told").last).to_contain_text("effect seen")


@pytest.mark.parametrize("phone", PHONES[1:], indirect=True)
def test_the_alarm_it_raises_is_acknowledged(phone: Page) -> None:
    near(phone, "Alarms")
    phone.wait_for_url("**/alarms")
    phone.locator(".ag-row", has_text="DRILL").first.tap(timeout=60_000)
    phone.get_by_text("Acknowledge alarm").tap()
    expect(phone.locator(".detail").first).to_contain_text("acknowledged by")


def test_the_factory_is_stopped_in_order(phone: Page) -> None:
    near(phone, "Steer")
    phone.wait_for_url("**/steering")
    phone.get_by_role("tab", name="Factory").tap()
    phone.locator("[data-entry=orderly-stop]").tap()
    expect(phone.locator(".card")).to_contain_text("Park")
    expect(phone.locator(".card [data-send]")).to_be_visible()


def test_the_map_is_one_press_away_and_all_other_pages_two(phone: Page) -> None:
    near(phone, "Map")
    phone.wait_for_url("**/floor")
    expect(phone.locator(".floor svg").first).to_be_visible()
    near(phone, "More")
    expect(phone.locator(".menu-link", has_text="Stock")).to_be_visible()
    assert complaints(phone, Axe()) == []
    near(phone, "Close")
    expect(phone.locator(".menu-link", has_text="Stock")).to_be_hidden()
    near(phone, "More")
    phone.locator(".menu-link", has_text="Workpieces").tap()
    phone.wait_for_url("**/workpieces")


@pytest.mark.parametrize("phone", PHONES[:1], indirect=True)
@pytest.mark.parametrize("path", ["overview/modules", "workpieces", "system/logs"])
def test_a_list_that_fills_its_page_has_a_height(phone: Page, system: RunFile, path: str) -> None:
    """Its rows were there, and drawn two pixels high."""
    phone.goto(f"{system.ui}/mock/{path}")
    expect(phone.locator(".table:not(.whole) .ag-row").first).to_be_in_viewport()


def test_a_message_is_found_and_read_whole(phone: Page) -> None:
    near(phone, "More")
    phone.locator(".menu-link", has_text="Message centre").tap()
    phone.wait_for_url("**/messages")
    phone.get_by_placeholder("Search", exact=True).fill("SVR4H76530")
    row = phone.locator(".ag-row", has_text="SVR4H76530").first
    # A card has its cells below each other and none outside of it.
    expect(row.locator(".ag-cell").nth(3)).to_be_visible()
    phone.wait_for_timeout(LAYING_MS)
    row.tap()
    expect(phone.locator(".detail .payload").first).to_be_visible()
    phone.locator(".detail").get_by_text("Close").first.tap()
    expect(phone.locator(".detail").first).to_be_hidden()


def test_the_links_are_one_mark_that_tells_of_each(phone: Page) -> None:
    phone.locator(".links-fold > summary").tap()
    expect(phone.locator(".links-fold .drop-body")).to_contain_text("Gateway")
    expect(phone.locator(".links-fold .drop-body")).to_contain_text("connected")
