"""Every page in every theme before axe-core, the usual judge: nothing serious, nothing critical."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from services.ui.pages import PAGES
from services.ui.visitor import CHOICES
from services.up.runfile import RunFile
from tests.e2e.whole import browser, open_page, running
from tests.support.ui_pages import DRILL

# One system for all three themes: each worker would start its own.
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("accessibility")]

SERIOUS = {"serious", "critical"}
SETTLE_MS = 700
TABLET = {"width": 1024, "height": 768}


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunFile]:
    with running(tmp_path_factory.mktemp("accessible")) as started:
        yield started


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as started:
        yield started


def _addresses() -> list[str]:
    """Every address of every page, tabs left out but those of System, which are pages."""
    plain = [p.example(serial=DRILL) for p in PAGES if p.role.value != "admin"]
    tabs = ["overview/modules", "system/buffers", "system/logs", "steering?kind=factory-reset"]
    return [*plain, *tabs]


def _complaints(page: Page, axe: Axe) -> list[str]:
    found = axe.run(page).response["violations"]
    return [
        f"{page.url}: {one['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for one in found
        if one["impact"] in SERIOUS
        for node in one["nodes"][:3]
    ]


@pytest.mark.parametrize("theme", CHOICES["theme"])
def test_no_page_keeps_anybody_out(system: RunFile, chromium: Browser, theme: str) -> None:
    page = open_page(chromium, system.ui, "/mock/overview", theme=theme)
    if theme == "dark":
        page.set_viewport_size(TABLET)
    axe, complaints = Axe(), []
    for path in _addresses():
        page.goto(f"{system.ui}/mock/{path}")
        page.wait_for_selector(".shell")
        page.wait_for_timeout(SETTLE_MS)
        complaints += _complaints(page, axe)
    page.goto(f"{system.ui}/login")
    complaints += _complaints(page, axe)
    page.context.close()
    assert not complaints, "\n".join(complaints)
