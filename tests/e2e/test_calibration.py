"""A person calibrates a module, leaves in the middle, and the next one sees where it stands."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from services.supervisor.runfile import RunFile
from tests.e2e.page_judges import complaints
from tests.e2e.whole import open_page

SHARED_SYSTEM = True

pytestmark = pytest.mark.browser

DPS = "SVR4H73275"


def _send(page: Page) -> None:
    page.click("[data-send]")
    expect(page.locator(".told")).to_contain_text("effect seen")
    page.click("text=Close")


def test_a_change_is_seen_by_the_next_person_stored_and_ended(
    system: RunFile, chromium: Browser
) -> None:
    page = open_page(chromium, system.ui, f"/mock/module/{DPS}")
    page.click("text=Calibrate: begin")
    _send(page)
    page.locator(".reference", has_text="DROP.X").click()
    page.fill('[aria-label="New value for DROP.X"]', "123")
    page.click("[data-change]")
    _send(page)
    page.context.close()
    page = open_page(chromium, system.ui, f"/mock/module/{DPS}")
    expect(page.locator(".note", has_text="values changed, not stored yet")).to_be_visible()
    expect(page.locator(".reference", has_text="DROP.X")).to_contain_text("123")
    assert not complaints(page, Axe())
    page.click("text=Calibrate: test position")
    _send(page)
    expect(page.locator("text=Now in position: PARK")).to_be_visible()
    expect(page.locator("text=Calibrate: end, lose the changed values")).to_be_visible()
    page.click("text=Calibrate: store values")
    _send(page)
    expect(page.locator(".note", has_text="not stored yet")).to_be_hidden()
    page.click("text=Calibrate: end")
    _send(page)
    expect(page.locator("text=Calibrate: begin")).to_be_visible()
    page.context.close()
