"""A screen on the wall: pages in turn, large, and none of what one presses."""

import re

import pytest
from playwright.sync_api import Browser, expect

from services.supervisor.runfile import RunFile
from tests.e2e.whole import open_page

SHARED_SYSTEM = True

pytestmark = [pytest.mark.browser]

INNER = "() => [document.scrollingElement.scrollWidth, window.innerWidth]"


def test_pages_come_in_turn_until_somebody_ends_it(system: RunFile, chromium: Browser) -> None:
    page = open_page(chromium, system.ui, "/mock/overview?wall=overview,alarms&every=5")
    expect(page.locator(".menu")).to_be_hidden()
    expect(page.locator(".overview")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/mock/alarms\?wall="), timeout=60_000)
    expect(page).to_have_url(re.compile(r"/mock/overview\?wall="), timeout=60_000)
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(r"/mock/(overview|alarms)$"))
    expect(page.locator(".menu")).to_be_visible()
    page.context.close()


def test_a_larger_scale_cuts_nothing_off(system: RunFile, chromium: Browser) -> None:
    page = open_page(chromium, system.ui, "/mock/overview", scale="150")
    whole, window = page.evaluate(INNER)
    assert whole <= window
    height = page.evaluate("document.querySelector('.shell').getBoundingClientRect().height")
    assert abs(height - page.evaluate("window.innerHeight")) < 2
    page.context.close()
