"""Accounts, passwords, tries and sign-ins, each by itself."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from services.common.store.keys import Role
from services.ui.auth import login_throttle as attempts_module
from services.ui.auth.browser_sessions import LASTS_S, BrowserSessions
from services.ui.auth.login_throttle import (
    LOCK_S,
    MAX_FAILURES,
    MINUTE_S,
    PER_MINUTE,
    LoginThrottle,
)
from services.ui.auth.passwords import PasswordError, fits, hashed
from services.ui.auth.user_file import Account, Accounts, AccountsError
from services.ui.settings import UiSettings
from tests.support.ui_pages import NOW, PASSWORD, Shelf

SECRET = b"x" * 32


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture(scope="module")
def kept() -> str:
    return hashed(PASSWORD)


@pytest.fixture
def accounts(tmp_path: Path, kept: str) -> Accounts:
    made = Accounts(tmp_path / "users.jsonl")
    made.add(Account(name="anna", role=Role.OPERATOR, password=kept))
    return made


def test_a_file_that_is_not_there_holds_nobody(tmp_path: Path) -> None:
    assert Accounts(tmp_path / "users.jsonl").all() == {}
    assert Accounts(None).all() == {}


def test_what_is_written_can_be_read_and_only_by_its_owner(accounts: Accounts) -> None:
    assert accounts.path
    assert accounts.path.stat().st_mode & 0o777 == 0o600
    assert PASSWORD not in accounts.path.read_text()
    accounts.change("anna", role="admin", locked=True)
    again = Accounts(accounts.path).get("anna")
    assert again
    assert (again.role, again.locked) == (Role.ADMIN, True)
    accounts.remove("anna")
    assert accounts.get("anna") is None


@pytest.mark.parametrize("name", ["local", "guest", "anna"])
def test_a_taken_or_kept_name_is_refused(accounts: Accounts, kept: str, name: str) -> None:
    with pytest.raises(AccountsError, match=name):
        accounts.add(Account(name=name, role=Role.ADMIN, password=kept))


def test_an_unknown_name_cannot_be_changed_or_removed(accounts: Accounts) -> None:
    with pytest.raises(AccountsError, match="anna"):
        accounts.change("berta", locked=True)
    with pytest.raises(AccountsError, match="berta"):
        accounts.remove("berta")


@pytest.mark.parametrize("name", ["", "a b", "<script>", "-x", "x" * 33, "a/b"])
def test_an_odd_name_is_no_name(name: str, kept: str) -> None:
    with pytest.raises(ValidationError):
        Account(name=name, role=Role.VIEWER, password=kept)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("no json", "line 2: not JSON"),
        ('{"name": "b", "role": "boss", "password": "$argon2id$x"}', "line 2: role"),
        ('{"name": "b", "role": "admin", "password": "secret"}', "line 2: password"),
    ],
)
def test_a_spoiled_file_is_told_and_the_last_good_one_holds(
    accounts: Accounts, line: str, why: str
) -> None:
    assert accounts.path
    with accounts.path.open("a") as file:
        file.write(f"{line}\n")
    assert list(accounts.all()) == ["anna"]
    assert why in (accounts.flaw or "")
    with pytest.raises(AccountsError, match="line 2"):
        Accounts(accounts.path)


def test_a_name_that_stands_twice_is_refused(accounts: Accounts) -> None:
    assert accounts.path
    accounts.path.write_text(accounts.path.read_text() * 2)
    with pytest.raises(AccountsError, match="twice"):
        Accounts(accounts.path)


def test_a_password_is_kept_as_argon2id_and_fits_only_itself(kept: str) -> None:
    assert kept.startswith("$argon2id$")
    assert hashed(PASSWORD) != kept
    assert fits(PASSWORD, kept)
    assert not fits(f"{PASSWORD}x", kept)
    assert not fits(PASSWORD, None)
    assert not fits("x" * 1_000_000, kept)


@pytest.mark.parametrize("password", ["", "short", "x" * 201])
def test_a_poor_password_is_refused(password: str) -> None:
    with pytest.raises(PasswordError, match="10 to 200"):
        hashed(password)


def test_an_address_may_try_five_times_a_minute() -> None:
    clock = Clock()
    attempts = LoginThrottle(clock)
    assert [attempts.wait_s("a", f"name{n}") for n in range(PER_MINUTE)] == [0.0] * PER_MINUTE
    assert attempts.wait_s("a", "other") == MINUTE_S
    assert attempts.wait_s("b", "other") == 0.0
    clock.at += MINUTE_S
    assert attempts.wait_s("a", "other") == 0.0


def test_five_failures_lock_a_name_for_five_minutes_whatever_the_address() -> None:
    clock = Clock()
    attempts = LoginThrottle(clock)
    for number in range(MAX_FAILURES):
        assert attempts.wait_s(f"address{number}", "anna") == 0.0
        attempts.failed("anna")
    assert attempts.wait_s("fresh", "anna") == LOCK_S
    assert attempts.wait_s("fresh", "berta") == 0.0
    clock.at += LOCK_S
    assert attempts.wait_s("fresh", "anna") == 0.0


def test_a_right_password_forgives_earlier_slips() -> None:
    attempts = LoginThrottle(Clock())
    for _ in range(MAX_FAILURES - 1):
        attempts.failed("anna")
    attempts.passed("anna")
    attempts.failed("anna")
    assert attempts.locked_s("anna") == 0.0


def test_what_attempts_remember_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts_module, "MAX_KNOWN", 10)
    attempts = LoginThrottle(Clock())
    for number in range(100):
        attempts.wait_s(f"address{number}", f"name{number}")
    assert len(attempts._tries) <= 10
    assert len(attempts._failures) <= 10


async def test_a_sign_in_is_known_until_it_ends(accounts: Accounts) -> None:
    register, anna = BrowserSessions(Shelf(), accounts, SECRET), accounts.get("anna")
    assert anna
    cookie = await register.begin(anna, "127.0.0.1", NOW)
    assert await register.begin(anna, "127.0.0.1", NOW) != cookie
    found = await register.of(cookie, NOW + LASTS_S - 1)
    assert found
    assert found[1].name == "anna"
    assert await register.of(cookie, NOW + LASTS_S) is None
    await register.end(found[0].id)
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
