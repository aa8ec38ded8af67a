"""What is sent is what was read: two supervisors at one vehicle, and a sequence step by step."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from services.supervisor.runfile import RunFile
from tests.e2e.whole import open_page

pytestmark = pytest.mark.browser


def _commands(page: Page, system: RunFile, kind: str) -> int:
    """How many commands of a kind were ever asked for."""
    page.goto(f"{system.ui}/mock/commands?kind={kind}")
    page.wait_for_selector(".ag-root")
    return page.locator(".ag-center-cols-container .ag-row").count()


def test_the_drive_of_a_colleague_locks_the_one_that_was_read(
    system: RunFile, chromium: Browser
) -> None:
    drive = "/mock/steering?kind=fts-navigate&preset=DPS-HBW"
    first, second = (open_page(chromium, system.ui, drive) for _ in range(2))
    for page in (first, second):
        expect(page.locator(".card [data-send]")).not_to_have_class(re.compile(r"\boff\b"))
        expect(page.locator(".card")).to_contain_text("HBW")
    first.click(".card [data-send]")
    expect(first.locator(".card")).to_contain_text("effect seen")
    notice = second.locator(".card > .card-notice")
    expect(notice).to_contain_text("Changed while you were reading")
    expect(second.locator(".card .difference").first).to_be_visible()
    assert _commands(first, system, "fts-navigate") == 1
    # After the time to look the new plan may be meant, and goes out as it is shown: two drives.
    send = second.locator(".card [data-send]:not(.off)")
    expect(send).to_be_visible()
    expect(second.locator(".card-part.changed")).not_to_have_count(0)
    send.click()
    # The card may still tell of the colleague's drive: both must have ended.
    first.goto(f"{system.ui}/mock/commands?kind=fts-navigate")
    ended = first.locator(".ag-center-cols-container .ag-row", has_text="effect seen")
    expect(ended).to_have_count(2)
    expect(second.locator(".card")).to_contain_text("effect seen")
    for page in (first, second):
        page.context.close()


def test_drilling_step_by_step_takes_one_press_and_two(system: RunFile, chromium: Browser) -> None:
    page = open_page(chromium, system.ui, "/mock/steering/modules")
    page.click('[data-sequence="DRILL-stepwise-WHITE"]')
    page.click(".card [data-send]")
    for step in (2, 3):
        release = page.locator("[data-release-step]")
        expect(release).to_have_text(f"Release step {step}")
        expect(release).to_be_in_viewport()
        expect(page.locator(".footer")).to_contain_text("waits for release")
        release.click()
    expect(page.locator(".card .station.reached").last).to_contain_text("effect seen")
    expect(page.locator(".footer")).to_contain_text("effect seen")
    expect(page.locator(".card .step-line")).to_have_count(3)
    page.context.close()
