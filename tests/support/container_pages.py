"""A person at the pages of a factory server in containers, on a machine that may do much else."""

from contextlib import suppress

from playwright.sync_api import Browser, Error, Page, expect

from tests.support.container_stack import Stack
from tests.support.processes import wait_for

PASSWORD = "correct-horse-battery-staple"  # noqa: S105 - of an account that ends with the test
PAGE_MS = 180_000
CARD_MS = 15_000
SENDS = "[data-send]:not(.off)"


def signed_in(containers: Stack, chromium: Browser) -> Page:
    """Anna's page; that the certificate is ours was seen where it was asked with our authority."""
    page = chromium.new_context(ignore_https_errors=True, locale="en-GB").new_page()
    page.set_default_timeout(PAGE_MS)
    page.goto(f"{containers.pages}/login?back=/mock/overview")
    page.fill("#name", "anna")
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_selector(".shell")
    return page


def order(page: Page, containers: Stack, colour: str) -> None:
    """As on the overview: choose, look, send, see the effect."""
    page.goto(f"{containers.pages}/mock/overview")
    wait_for(lambda: _chosen(page, colour), PAGE_MS / 1000)
    page.click(SENDS)
    expect(page.locator(".told").last).to_contain_text("effect seen", timeout=PAGE_MS)


def _chosen(page: Page, colour: str) -> bool:
    """True once the card is there: what is clicked before a page has its connection is lost."""
    page.click(f"[data-order={colour}]")
    with suppress(Error):
        page.wait_for_selector(SENDS, timeout=CARD_MS)
        return True
    return False
