"""`python -m tests.e2e.screenshots [FOLDER]`: every page in both themes, and a page of them all."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

from services.common.auth.passwords import hashed
from services.common.auth.user_file import Account, Accounts
from services.common.store.keys import Role
from services.supervisor.runfile import USERS_FILE_NAME
from tests.bench.needs import installed, require, server
from tests.e2e.whole import browser, open_page, running
from tests.support.door import PASSWORD

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
SETTLE_MS = 1500
PAGES = {
    "overview": "/mock/overview",
    # While a piece is made; one takes half a minute here.
    "orders": "/mock/orders",
    "order": "/mock/orders/running",
    "module-status": "/mock/overview/modules",
    "shop-floor": "/mock/floor",
    "shop-floor-module": "/mock/floor?show=SVR4H76449&turn=1",
    "module-store": "/mock/module/SVR3QA0022",
    "module-quality": "/mock/module/SVR4H76530",
    "vehicle": "/mock/vehicle/5iO4",
    "stock": "/mock/stock",
    "sensors": "/mock/sensors",
    "workpieces": "/mock/workpieces",
    "report": "/mock/report",
    "alarms": "/mock/alarms",
    "steering": "/mock/steering?kind=factory-reset",
    "steering-navigation": "/mock/steering/navigation",
    "steering-modules": "/mock/steering?kind=module-sequence&module=DRILL&colour=WHITE",
    "commands": "/mock/commands",
    "messages": "/mock/messages?class=3",
    "messages-chart": "/mock/messages?topic=osf/arduino/vibration/%23&view=chart",
    "history": "/mock/history?topic=ccu/order/%23",
    "past": "/mock/overview",
    "sessions": "/mock/sessions",
    "configuration": "/mock/configuration",
    "system": "/mock/system",
    "replay": "/replay/overview",
}
THEMES = {"light": "de", "dark": "en"}
"""Each theme in another language, so that both are seen."""
ORDER = (*THEMES, "contrast")
CONTRAST = ("overview", "shop-floor", "steering")
"""The third theme, where it differs most."""


def main(folder: Path = FOLDER) -> None:
    """Start the system, order a few pieces and take the pictures while they are made."""
    needed = (installed("chromium", "chromium"), server("store"), server("broker"))
    require("screenshots", *needed)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, running(Path(data)) as system, browser() as seen:
        for theme in THEMES:
            # Anew for each theme: those of the first are finished by now.
            for colour in ("WHITE", "BLUE"):
                with _page(seen, system.ui, "/mock/steering", theme) as page:
                    _order(page, colour)
                    page.screenshot(path=folder / f"command-card-{theme}.png")
            for name, path in PAGES.items():
                with _page(seen, system.ui, path, theme) as page:
                    _look_closer(page, name)
                    page.screenshot(path=folder / f"{name}-{theme}.png")
        for name in CONTRAST:
            with _page(seen, system.ui, PAGES[name], "contrast") as page:
                page.screenshot(path=folder / f"{name}-contrast.png")
        # At last: the first account ends the trust in whoever sits at the machine.
        Accounts(Path(data) / "data" / USERS_FILE_NAME).add(
            Account(name="anna", role=Role.ADMIN, password=hashed(PASSWORD))
        )
        for theme in THEMES:
            _people(seen, system.ui, theme, folder)
    _gallery(folder)


@contextmanager
def _page(seen: Browser, base: str, path: str, theme: str) -> Iterator[Page]:
    page = open_page(seen, base, path, theme=theme, language=THEMES.get(theme, "de"))
    page.wait_for_timeout(SETTLE_MS)
    page.wait_for_function("!document.body.classList.contains('is-lost')")
    yield page
    page.context.close()


def _order(page: Page, colour: str) -> None:
    page.click(f"[data-order={colour}]")
    page.click("[data-send]")
    page.wait_for_selector(".told", timeout=60_000)


def _people(seen: Browser, base: str, theme: str, folder: Path) -> None:
    """Sign in, which is a page of its own, and see who may."""
    with _page(seen, base, "/mock/overview", theme) as page:
        page.goto(f"{base}/mock/users")
        page.screenshot(path=folder / f"login-{theme}.png")
        page.fill("#name", "anna")
        page.fill("#password", PASSWORD)
        page.click("button")
        page.wait_for_selector(".shell")
        page.wait_for_timeout(SETTLE_MS)
        page.screenshot(path=folder / f"users-{theme}.png")


def _gallery(folder: Path) -> None:
    """A page of them all, for whoever wants to look before starting anything."""
    names = dict.fromkeys(path.stem.rpartition("-")[0] for path in sorted(folder.glob("*.png")))
    lines = ["# The pages", "", "`make screenshots` takes them from a running mock factory."]
    for name in names:
        taken = sorted(folder.glob(f"{name}-*.png"), key=lambda path: ORDER.index(_theme(path)))
        found = [path for path in taken if path.stem.rpartition("-")[0] == name]
        lines += ["", f"## {name.replace('-', ' ').capitalize()}", ""]
        lines += [f"![{name}, {_theme(path)}]({path.name})" for path in found]
    (folder / "README.md").write_text("\n".join(lines) + "\n", "utf-8")


def _theme(path: Path) -> str:
    return path.stem.rpartition("-")[2]


def _look_closer(page: Page, name: str) -> None:
    if name == "order":
        page.click(".ag-row >> nth=0")
        page.wait_for_selector(".gantt")
        page.wait_for_timeout(SETTLE_MS // 3)
    if name == "sessions" and not page.locator(".ag-row").count():
        page.fill("[aria-label^=Name]", "shift-1")
        page.click("[data-name]")
        page.wait_for_selector(".ag-row")
        page.click("[data-take]")
        page.wait_for_selector("[data-play]", timeout=30_000)
        page.click("[data-play]")
        page.wait_for_timeout(SETTLE_MS)
    if name == "past":
        page.click("a[href*='at=']:not(.past-mark)")
        page.wait_for_selector(".past-bar")
        page.wait_for_timeout(SETTLE_MS)
    if name == "commands":
        page.click(".ag-row")
        page.wait_for_timeout(SETTLE_MS // 3)
    if name.startswith("messages"):
        page.click(".hold .ag-row")
        page.wait_for_timeout(SETTLE_MS // 3)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
