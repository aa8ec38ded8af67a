"""Seven questions at a glance: three orders and three alarms fit on a small screen, all in full.

Alive, what runs, since when, when it ends, what is next, what is wrong, what to do.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from services.supervisor.runfile import RunFile
from services.ui.auth.current_user import CHOICES
from tests.e2e.page_judges import complaints
from tests.e2e.whole import SIZE, open_page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(400),
]

SILENT_MS = 180_000
"""A module is silent after 40 s."""
PARTS = (
    ".alarms-now .alarm, .orders-now .order, .order-button, .vehicle, .modules-now .line, .figure"
)
CUT = """(parts) => parts.filter(part => {
  const box = part.getBoundingClientRect();
  let seen = {left: 0, top: 0, right: innerWidth, bottom: innerHeight};
  for (let up = part.parentElement; up; up = up.parentElement) {
    if (getComputedStyle(up).overflowY === "visible") continue;
    const edge = up.getBoundingClientRect();
    seen = {left: Math.max(seen.left, edge.left), top: Math.max(seen.top, edge.top),
      right: Math.min(seen.right, edge.right), bottom: Math.min(seen.bottom, edge.bottom)};
  }
  return box.height === 0 || box.left < seen.left - 1 || box.right > seen.right + 1
    || box.top < seen.top - 1 || box.bottom > seen.bottom + 1;
}).map(part => part.className + ": " + part.innerText)"""
"""Which of the parts are not seen in full without scrolling, whoever would have to scroll."""
OVERLAP = """(parts) => parts.flatMap((one, n) => parts.slice(n + 1).filter(other => {
  const a = one.getBoundingClientRect(), b = other.getBoundingClientRect();
  const beside = a.left >= b.right - 1 || b.left >= a.right - 1;
  return !beside && a.top < b.bottom - 1 && b.top < a.bottom - 1;
}).map(other => one.innerText + " lies on " + other.innerText))"""


@pytest.fixture(scope="module")
def disturbed(system: RunFile, chromium: Browser) -> RunFile:
    """The first piece stops at DRILL, two wait behind it, and two modules go away."""
    page = open_page(chromium, system.ui, "/mock/overview")
    _fault(page, system, "DRILL", "fatal")
    for colour in ("WHITE", "BLUE", "RED"):
        page.goto(f"{system.ui}/mock/overview")
        page.click(f"[data-order={colour}]")
        page.click("[data-send]:not(.off)")
        expect(page.locator(".told").last).to_contain_text("effect seen")
    _fault(page, system, "MILL", "silent")
    _fault(page, system, "AIQS", "unreachable")
    page.goto(f"{system.ui}/mock/overview")
    expect(page.locator(".order")).to_have_count(3)
    expect(page.locator(".alarms-now .alarm")).to_have_count(3, timeout=SILENT_MS)
    page.context.close()
    return system


def _fault(page: Page, system: RunFile, module: str, fault: str) -> None:
    page.goto(f"{system.ui}/mock/steering?kind=mock-module-fault&module={module}&fault={fault}")
    page.click("[data-send]:not(.off)")
    expect(page.locator(".told").last).to_contain_text("effect seen")


@pytest.mark.parametrize(
    ("theme", "language"),
    [*(("light", one) for one in CHOICES["language"]), ("dark", "de"), ("contrast", "de")],
)
def test_three_orders_and_three_alarms_are_seen_without_scrolling(
    disturbed: RunFile, chromium: Browser, theme: str, language: str
) -> None:
    page = open_page(chromium, disturbed.ui, "/mock/overview", language=language, theme=theme)
    assert page.viewport_size == SIZE
    expect(page.locator(".alarms-now .alarm")).to_have_count(3)
    assert page.locator(".order").count() == 3
    assert page.locator(PARTS).evaluate_all(CUT) == []
    assert page.locator(".overview .panel, .figure").evaluate_all(OVERLAP) == []
    page.context.close()


def test_what_stands_still_has_a_reason_no_end_and_a_command(
    disturbed: RunFile, chromium: Browser
) -> None:
    page = open_page(chromium, disturbed.ui, "/mock/overview")
    stuck = page.locator(".order").first
    expect(stuck).to_contain_text("stands still")
    expect(stuck).to_contain_text("waits for DRILL")
    expect(stuck.locator(".order-cell-ends")).to_have_text("—")
    expect(page.locator(".order .order-cell-ends")).to_have_text(["—"] * 3)
    page.locator(".alarm-act", has_text="Reset factory").first.click()
    expect(page.locator(".card")).to_contain_text("RESET")
    page.context.close()


@pytest.mark.parametrize("width", [1024, 390])
def test_where_there_is_less_room_nothing_lies_on_anything(
    disturbed: RunFile, chromium: Browser, width: int
) -> None:
    page = open_page(chromium, disturbed.ui, "/mock/overview", language="de")
    page.set_viewport_size({"width": width, "height": 768})
    expect(page.locator(".alarms-now .alarm")).to_have_count(3)
    for inner in (".overview .panel, .figure", ".order > *", ".alarms-now .alarm > *"):
        assert page.locator(f":is({inner}):visible").evaluate_all(OVERLAP) == [], inner
    page.context.close()


def test_nobody_is_kept_out_while_much_is_wrong(disturbed: RunFile, chromium: Browser) -> None:
    page = open_page(chromium, disturbed.ui, "/mock/overview")
    expect(page.locator(".alarms-now .alarm")).to_have_count(3)
    assert complaints(page, Axe()) == []
    page.context.close()
