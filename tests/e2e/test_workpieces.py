"""Workpieces in a browser: from the list to a life, and from an event to its message."""

import pytest
from playwright.sync_api import Browser

from services.supervisor.runfile import RunFile
from tests.e2e.whole import open_page

SHARED_SYSTEM = True

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(400),
]


def test_a_piece_is_found_and_each_event_leads_to_its_message(
    system: RunFile, chromium: Browser
) -> None:
    page = open_page(chromium, system.ui, "/mock/workpieces")
    page.wait_for_selector("text=all 6", timeout=60_000)
    # The warehouse may tell of its pieces while the table is being made.
    page.reload()
    page.wait_for_selector(".ag-row")
    tag = page.inner_text(".ag-row >> nth=0 >> [col-id=tag]")
    page.fill("input[aria-label='Tag or order']", tag)
    page.wait_for_function("document.querySelectorAll('.ag-row').length === 1")
    page.click(".ag-row")
    page.wait_for_selector(".life-lines .life-line")
    assert tag in page.inner_text(".detail-title")
    message = page.get_attribute(".life-lines .life-when a.mono", "href")
    assert message is not None
    page.click(".life-lines .life-when a.mono")
    page.wait_for_url(f"**{message}")
    page.wait_for_selector(f"text={tag}")
    page.context.close()
