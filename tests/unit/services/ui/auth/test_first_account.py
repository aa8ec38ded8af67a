"""The first account is made in the browser of the machine itself, once."""

from pathlib import Path

import pytest

from services.common.auth.user_file import Account, Accounts, AccountsError
from services.common.store.keys import Role
from services.ui.auth.browser_sessions import COOKIE
from tests.support.ui_pages import PASSWORD, Pages

FORM = {"name": "berta", "password": PASSWORD, "again": PASSWORD, "back": "/mock/floor"}


@pytest.fixture
def opening(tmp_path: Path) -> dict[str, object]:
    return {"users": tmp_path / "users.jsonl"}


async def test_who_makes_the_first_account_is_administrator_and_signed_in(pages: Pages) -> None:
    asked = await pages.user.http_client.get("/login?back=/mock/floor")
    assert "/login/first" in asked.text
    made = await pages.post("/login/first", FORM)
    assert (made.status_code, made.headers["location"]) == (303, "/mock/floor")
    assert pages.user.http_client.cookies.get(COOKIE)
    account = pages.people.accounts.get("berta")
    assert account is not None
    assert account.role is Role.ADMIN
    asked = await pages.user.http_client.get("/login")
    assert "/login/first" not in asked.text


async def test_there_is_no_second_first_account(pages: Pages) -> None:
    await pages.post("/login/first", FORM)
    again = await pages.post("/login/first", {**FORM, "name": "carla"})
    assert again.status_code == 200
    assert "set-cookie" not in again.headers
    assert list(pages.people.accounts.all()) == ["berta"]


def test_two_who_make_the_first_account_at_once_have_one_winner(tmp_path: Path) -> None:
    file = tmp_path / "users.jsonl"
    one, other = Accounts(file), Accounts(file)
    hashed = "$argon2id$" + "x" * 30
    one.add_first(Account(name="berta", role=Role.ADMIN, password=hashed))
    with pytest.raises(AccountsError, match="account already"):
        other.add_first(Account(name="carla", role=Role.ADMIN, password=hashed))
    assert list(Accounts(file).all()) == ["berta"]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"again": "another horse"}, "The two passwords differ."),
        ({"password": "short", "again": "short"}, "10 to 200 characters"),
        ({"name": "Ber ta"}, "A name has letters"),
        ({"name": ""}, "A name has letters"),
        ({"name": "local"}, "stands for people without an account"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_kept(
    pages: Pages, changed: dict[str, str], told: str
) -> None:
    answer = await pages.post("/login/first", {**FORM, **changed})
    assert answer.status_code == 400
    assert told in answer.text
    assert PASSWORD not in answer.text
    assert not pages.people.accounts.all()


async def test_nobody_from_elsewhere_makes_it(pages: Pages) -> None:
    pages.user.http_client.headers["x-forwarded-for"] = "203.0.113.9"
    asked = await pages.user.http_client.get("/login")
    assert "/login/first" not in asked.text
    await pages.post("/login/first", FORM)
    assert not pages.people.accounts.all()


async def test_no_foreign_page_makes_it(pages: Pages) -> None:
    for headers in ({"origin": "http://evil.example"}, {}):
        answer = await pages.user.http_client.post("/login/first", data=FORM, headers=headers)
        assert answer.status_code == 403
    assert not pages.people.accounts.all()


async def test_the_page_of_users_leads_to_it(pages: Pages) -> None:
    await pages.user.open("/mock/users")
    await pages.user.should_see("Nobody has an account yet")
    await pages.user.should_see("First account")


async def test_on_the_live_factory_nobody_may_before_signing_in(pages: Pages) -> None:
    await pages.user.open("/live/overview")
    await pages.user.should_see("view only")
