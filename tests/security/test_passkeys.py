"""Passkeys with a real browser and a device of its own; what proves nothing opens nothing."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from services.common.auth.user_file import Account, Accounts
from services.ui.auth.browser_sessions import COOKIE
from tests.e2e.whole import browser, open_page
from tests.support.door import PASSWORD, Door
from tests.support.processes import Processes

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as started:
        yield started


@pytest.fixture
def door(processes: Processes, store_url: str) -> Door:
    made = Door(processes, store_url)
    made.user("add", "anna", "operator")
    # A passkey is bound to a name: browsers make none for a number.
    made.url = made.url.replace("127.0.0.1", "localhost")
    return made


def _device(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})


def _with_passkey(door: Door, chromium: Browser) -> Page:
    """A page of who signed in by password and made a passkey, at the sign-ins."""
    page = open_page(chromium, door.url, "/mock/overview")
    _device(page)
    page.goto(f"{door.url}/login?back=/mock/account")
    page.fill("#name", "anna")
    page.fill("#password", PASSWORD)
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_have_count(0)
    page.click("button[type=submit]")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("added", exact=False).first).to_be_visible()
    return page


def _account(door: Door) -> Account:
    found = Accounts(Path(door.users)).get("anna")
    assert found
    return found


def _use(page: Page, door: Door) -> None:
    page.context.clear_cookies(name=COOKIE)
    page.goto(f"{door.url}/login?back=/mock/account")
    page.get_by_role("button", name="Sign in with a passkey").click()


@pytest.mark.browser
def test_a_passkey_signs_in_without_a_password_until_removal_lock_or_new_password(
    door: Door, chromium: Browser
) -> None:
    page = _with_passkey(door, chromium)
    (passkey,) = _account(door).passkeys
    assert passkey.host == "localhost"
    _use(page, door)
    expect(page).to_have_url(re.compile("/mock/account$"))
    expect(page.locator(".who")).to_contain_text("anna")
    (used,) = _account(door).passkeys
    assert used.count > passkey.count
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("No passkey yet.")).to_be_visible()
    assert _account(door).passkeys == ()
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("added", exact=False).first).to_be_visible()
    door.user("lock", "anna")
    _use(page, door)
    expect(page.locator(".login-told")).to_contain_text("fits no open account")
    door.user("password", "anna")
    assert _account(door).passkeys == ()
    page.goto(f"{door.url}/login")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_have_count(0)
    page.context.close()


def test_nobody_but_who_is_signed_in_makes_a_passkey_and_no_foreign_page_asks(door: Door) -> None:
    own = {"origin": door.url}
    assert httpx.post(f"{door.url}/login/passkey/new", headers=own).status_code == 403
    for end in ("", "/ask", "/new", "/keep"):
        foreign = {"origin": "http://evil.example"}
        address = f"{door.url}/login/passkey{end}"
        assert httpx.post(address, headers=foreign).status_code == 403
    with httpx.Client(base_url=door.url, headers=own) as client:
        asked = client.post("/login/passkey/ask").json()
        assert asked["userVerification"] == "required"
        for answer in ("", "[]", "{}", '{"id": "x"}', "[" * 500):
            client.post("/login/passkey/ask")
            given = client.post("/login/passkey", data={"answer": answer})
            assert given.status_code == 401
