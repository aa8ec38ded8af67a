"""Accounts, passwords, tries and sign-ins, each by itself."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from services.common.auth.kept_sign_in import LASTS_S
from services.common.auth.passwords import hashed
from services.common.auth.user_file import Account, Accounts
from services.common.store.keys import Role
from services.ui.auth.browser_sessions import BrowserSessions
from services.ui.settings import UiSettings
from tests.support.ui_pages import NOW, PASSWORD, Shelf

SECRET = b"x" * 32


@pytest.fixture(scope="module")
def kept() -> str:
    return hashed(PASSWORD)


@pytest.fixture
def accounts(tmp_path: Path, kept: str) -> Accounts:
    made = Accounts(tmp_path / "users.jsonl")
    made.add(Account(name="anna", role=Role.OPERATOR, password=kept))
    return made


async def test_a_sign_in_is_known_until_it_ends(accounts: Accounts) -> None:
    register, anna = BrowserSessions(Shelf(), accounts, SECRET), accounts.get("anna")
    assert anna
    cookie = await register.begin(anna, "127.0.0.1", NOW)
    assert await register.begin(anna, "127.0.0.1", NOW) != cookie
    found = await register.of(cookie, NOW + LASTS_S - 1)
    assert found
    assert found[1].name == "anna"
    assert await register.of(cookie, NOW + LASTS_S) is None
    await register.end(found[0], "by_person", NOW)
    assert await register.of(cookie, NOW) is None


async def test_no_forged_cookie_reaches_the_store(accounts: Accounts) -> None:
    shelf = Shelf()
    register, anna = BrowserSessions(shelf, accounts, SECRET), accounts.get("anna")
    assert anna
    cookie = await register.begin(anna, "127.0.0.1", NOW)
    assert cookie not in json.dumps(shelf.kept)
    shelf.away = True
    other = BrowserSessions(Shelf(), accounts, b"y" * 32)
    forged = (
        None,
        "",
        ".",
        "a.b",
        "ä.ö",
        cookie[:-1],
        f"x{cookie}",
        await other.begin(anna, "", 0),
    )
    for wrong in forged:
        assert await register.of(wrong, NOW) is None


def _lock(accounts: Accounts) -> None:
    accounts.change("anna", locked=True)


def _new_password(accounts: Accounts) -> None:
    accounts.change("anna", password=hashed("another password"))


def _remove(accounts: Accounts) -> None:
    accounts.remove("anna")


@pytest.mark.parametrize("change", [_lock, _new_password, _remove])
async def test_a_lock_a_new_password_and_a_removal_end_a_sign_in(
    accounts: Accounts, change: Callable[[Accounts], None]
) -> None:
    register, anna = BrowserSessions(Shelf(), accounts, SECRET), accounts.get("anna")
    assert anna
    cookie = await register.begin(anna, "127.0.0.1", NOW)
    change(accounts)
    assert await register.of(cookie, NOW) is None


async def test_a_sign_in_outlives_the_process_and_a_store_that_is_away(accounts: Accounts) -> None:
    shelf, anna = Shelf(), accounts.get("anna")
    assert anna
    cookie = await BrowserSessions(shelf, accounts, SECRET).begin(anna, "127.0.0.1", NOW)
    restarted = BrowserSessions(shelf, accounts, SECRET)
    assert await restarted.of(cookie, NOW)
    shelf.away = True
    assert await restarted.of(cookie, NOW)
    assert await BrowserSessions(shelf, accounts, SECRET).of(cookie, NOW) is None


def test_pages_others_can_reach_need_a_long_secret(tmp_path: Path) -> None:
    users, secret = tmp_path / "users.jsonl", tmp_path / "secret"
    everywhere = "0.0.0.0"  # noqa: S104 - the case to be refused
    with pytest.raises(ValidationError, match="OMF_UI_SECRET_FILE"):
        UiSettings(ui_host=everywhere, ui_users_file=users)
    secret.write_text("THIS_NEEDS_TO_BE_CHANGED")
    with pytest.raises(ValidationError, match="24 bytes"):
        UiSettings(ui_host=everywhere, ui_users_file=users, ui_secret_file=secret)
    with pytest.raises(ValidationError, match="No such file"):
        UiSettings(ui_secret_file=tmp_path / "nowhere")
    secret.write_text("x" * 32 + "\n")
    told = UiSettings(ui_host=everywhere, ui_users_file=users, ui_secret_file=secret)
    assert told.secret() == b"x" * 32
    with pytest.raises(ValidationError, match="belong together"):
        UiSettings(ui_tls_cert=secret)


def test_behind_a_proxy_nobody_is_taken_for_sitting_here() -> None:
    assert UiSettings().local
    assert not UiSettings(ui_proxies="127.0.0.1").local
