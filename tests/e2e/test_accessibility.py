"""The usual judge axe-core where a page is seen otherwise: on a tablet, by keys, in another theme.

Every page is held against it, and against phones, in test_every_page.py.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from services.supervisor.runfile import RunFile
from services.ui.auth.current_user import CHOICES
from tests.e2e.page_judges import DRESS, complaints, look, wears
from tests.e2e.whole import open_page, press
from tests.support.processes import wait_for

SHARED_SYSTEM = True

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(400),
]

SETTLE_MS = 700
TABLET = {"width": 1024, "height": 768}


def test_a_theme_is_what_the_walk_over_every_page_takes_it_for(
    system: RunFile, chromium: Browser
) -> None:
    first, *others = CHOICES["theme"]
    page = open_page(chromium, system.ui, "/mock/overview", theme=first)
    wears(page, first)
    for theme in others:
        chosen = open_page(chromium, system.ui, "/mock/overview", theme=theme)
        wears(chosen, theme)
        page.evaluate(DRESS, theme)
        assert look(page) == look(chosen)
        chosen.context.close()
    page.context.close()


def test_nor_does_a_tablet(system: RunFile, chromium: Browser) -> None:
    page = open_page(chromium, system.ui, "/mock/overview")
    page.set_viewport_size(TABLET)
    axe, found = Axe(), []
    for path in ("overview", "floor", "steering?kind=factory-reset", "messages"):
        page.goto(f"{system.ui}/mock/{path}")
        page.wait_for_selector(".shell")
        page.wait_for_timeout(SETTLE_MS)
        found += complaints(page, axe)
    page.context.close()
    assert not found, "\n".join(found)


def test_the_first_tab_leads_over_the_menu_into_the_page(
    system: RunFile, chromium: Browser
) -> None:
    page = open_page(chromium, system.ui, "/mock/orders")
    page.wait_for_timeout(SETTLE_MS)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    press(page.locator(".skip-link"), "Enter")
    wait_for(lambda: bool(page.evaluate("document.activeElement.id === 'content'")))
    page.context.close()
