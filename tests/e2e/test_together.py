"""Several pieces on one card, in a factory of their own: a store holds two of each colour."""

import pytest
from playwright.sync_api import Browser, expect

from services.supervisor.runfile import RunFile
from tests.e2e.whole import open_page

pytestmark = pytest.mark.browser


def test_two_pieces_of_one_card_are_made_one_after_the_other(
    system: RunFile, chromium: Browser
) -> None:
    page = open_page(chromium, system.ui, "/mock/orders")
    for colour in ("Red", "Blue"):
        page.get_by_label(f"{colour}: one more").click()
    page.click("text=Order 2 together")
    page.click("[data-send]")
    expect(page.locator(".card")).to_contain_text("All 2 sent")
    expect(page.locator(".batch-stage >> text=effect seen")).to_have_count(2)
    page.context.close()
