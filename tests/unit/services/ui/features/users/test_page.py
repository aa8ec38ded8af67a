"""The page of accounts: who reaches it, and what is done there."""

from pathlib import Path

import pytest
from nicegui import ui

from services.common.store.keys import Role
from tests.support.ui_pages import PASSWORD, Pages


@pytest.fixture
def opening(tmp_path: Path) -> dict[str, object]:
    return {"users": tmp_path / "users.jsonl"}


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR, Role.SUPERVISOR])
async def test_nobody_but_an_administrator_reaches_the_users(
    pages: Pages, role: Role | None
) -> None:
    if role:
        await pages.sign_in(role)
    answer = await pages.user.http_client.get("/mock/users", follow_redirects=False)
    target = "/mock/overview" if role else "/login?back=/mock/users"
    assert (answer.status_code, answer.headers["location"]) == (307, target)


async def test_an_administrator_adds_changes_and_removes_people(pages: Pages) -> None:
    await pages.sign_in(Role.ADMIN)
    await pages.user.open("/mock/users")
    name, password = _new(pages)
    name.set_value("berta")
    password.set_value("short")
    pages.user.find(marker="add-user").click()
    await pages.user.should_see("A password has 10 to 200 characters.")
    password.set_value(PASSWORD)
    pages.user.find(marker="add-user").click()
    await pages.user.should_see(marker="lock-berta")
    assert password.value == ""
    berta = pages.people.accounts.get("berta")
    assert berta
    assert berta.role is Role.VIEWER
    await pages.user.should_see("berta can sign in now: view only.")
    password.set_value(PASSWORD)
    name.set_value("berta")
    pages.user.find(marker="add-user").click()
    await pages.user.should_see("Not changed: berta has an account already.")


async def test_an_account_is_removed_on_a_second_press_only(pages: Pages) -> None:
    await pages.sign_in(Role.VIEWER, "berta")
    await pages.sign_in(Role.ADMIN)
    await pages.user.open("/mock/users")
    pages.user.find(marker="remove-berta").click()
    await pages.user.should_see("Really remove?")
    assert pages.people.accounts.get("berta")
    pages.user.find(marker="lock-berta").click()
    await pages.user.should_see("berta is locked.")
    assert pages.people.accounts.all()["berta"].locked
    await pages.user.should_not_see("Really remove?")
    for _ in range(2):
        pages.user.find(marker="remove-berta").click()
    await pages.user.should_see("berta is removed.")
    assert pages.people.accounts.get("berta") is None


def _new(pages: Pages) -> tuple[ui.input, ui.input]:
    (name,), (password,) = (
        pages.user.find(kind=ui.input, marker=f"new-{what}").elements
        for what in ("name", "password")
    )
    return name, password


async def test_nobody_locks_or_removes_themselves(pages: Pages) -> None:
    await pages.sign_in(Role.ADMIN)
    await pages.user.open("/mock/users")
    for marker in ("lock-anna", "remove-anna"):
        pages.user.find(marker=marker).click()
    await pages.user.should_see("Of one's own account only the password")
    assert not pages.people.accounts.all()["anna"].locked


async def test_rights_that_were_taken_do_not_work_on_a_page_that_is_still_open(
    pages: Pages,
) -> None:
    await pages.sign_in(Role.ADMIN)
    await pages.sign_in(Role.VIEWER, "berta")
    await pages.sign_in(Role.ADMIN)
    await pages.user.open("/mock/users")
    pages.people.accounts.change("anna", role="operator")
    pages.user.find(marker="lock-berta").click()
    await pages.user.should_see("Administrator")
    assert not pages.people.accounts.all()["berta"].locked
