"""The change of the person at a shared screen, as a badge reader types it: how long it takes."""

import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from services.common.auth import pins
from services.common.auth.passwords import hashed
from services.common.auth.user_file import Account, Accounts
from services.common.store.keys import Role
from services.supervisor.ports import free_port
from tests.e2e.whole import open_page
from tests.support.processes import Processes, wait_for

pytestmark = [pytest.mark.browser]

PASSWORD = "correct horse battery"  # noqa: S105 - of accounts that exist in tests only
PROMISED_S = 3.0
FIELD = "document.activeElement.matches('.pin-code')"


def test_a_badge_changes_the_person_within_three_seconds(
    processes: Processes, store_url: str, tmp_path: Path, chromium: Browser
) -> None:
    users, port = tmp_path / "users.jsonl", str(free_port())
    for name in ("anna", "berta"):
        account = Account(name=name, role=Role.OPERATOR, password=hashed(PASSWORD))
        Accounts(users).add(account)
        pins.set_pin(Accounts(users), name, f"badge-of-{name}")
    told = {"store_url": store_url, "environments": "mock", "data": str(tmp_path)}
    processes.service("ui", ui_port=port, ui_users_file=str(users), **told).wait_ready()
    base = f"http://127.0.0.1:{port}"
    page = open_page(chromium, base, "/mock/overview")
    page.goto(f"{base}/login?back=/mock/overview")
    page.fill("input[name=name]", "anna")
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    took = [_changed(page, name) for name in ("berta", "anna")]
    expect(page).to_have_url(f"{base}/mock/overview")
    loads = [_reload(page) for _ in took]
    # On a machine that takes a second for the page alone, three times that.
    assert min(took) <= max(PROMISED_S, 3 * max(loads)), (took, loads)
    page.context.close()


def _changed(page: Page, name: str) -> float:
    """Seconds from the first sign of the badge until the page is the other person's."""
    expect(page.locator("form[data-person]")).to_have_count(1)
    wait_for(lambda: _ready(page), 60)
    began = time.monotonic()
    page.keyboard.type(f"badge-of-{name}")
    page.keyboard.press("Enter")
    expect(page.locator(".who-name")).to_have_text(name)
    return time.monotonic() - began


def _ready(page: Page) -> bool:
    """The key leads into the field; a page whose server is silent for five seconds takes none."""
    if not page.evaluate(FIELD):
        page.keyboard.press("c")
    return bool(page.evaluate(FIELD))


def _reload(page: Page) -> float:
    page.wait_for_load_state()
    began = time.monotonic()
    page.reload()
    expect(page.locator(".who-name")).to_be_visible()
    return time.monotonic() - began
