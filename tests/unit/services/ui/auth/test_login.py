"""Signing in and out, and what each role finds and may, at the pages themselves."""

import html
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from omf.texts import LANGUAGES, Language, text
from services.common.auth.user_file import Accounts, AccountsError
from services.common.store.keys import Role
from services.ui.auth.browser_sessions import COOKIE
from tests.support import ui_pages
from tests.support.ui_pages import PASSWORD, Pages


@pytest.fixture
def opening(tmp_path: Path) -> dict[str, object]:
    return {"users": tmp_path / "users.jsonl"}


async def test_without_accounts_this_machine_steers_and_with_one_it_only_looks(
    pages: Pages,
) -> None:
    await pages.user.open("/mock/overview")
    await pages.user.should_see("Administrator")
    await pages.sign_in(Role.OPERATOR)
    pages.user.http_client.cookies.delete(COOKIE)
    await pages.dashboard.review()
    assert len(pages.dashboard.screens) == 0
    await pages.user.open("/mock/overview")
    await pages.user.should_see("view only")
    await pages.user.should_not_see("Administrator")


async def test_a_request_through_a_proxy_is_nobody_at_this_machine(pages: Pages) -> None:
    pages.user.http_client.headers["x-forwarded-for"] = "203.0.113.9"
    await pages.user.open("/mock/overview")
    await pages.user.should_see("view only")


async def test_the_cookie_is_new_closed_to_scripts_and_ends_with_the_shift(pages: Pages) -> None:
    await pages.sign_in(Role.VIEWER)
    first = pages.user.http_client.cookies.get(COOKIE)
    answer = await pages.post(
        "/login", {"name": "anna", "password": PASSWORD, "back": "/mock/floor"}
    )
    assert answer.headers["location"] == "/mock/floor"
    said = answer.headers["set-cookie"].lower()
    assert all(word in said for word in ("httponly", "samesite=strict", "max-age=28800", "path=/"))
    assert "secure" not in said
    assert pages.user.http_client.cookies.get(COOKIE) != first
    pages.user.http_client.cookies.set(COOKIE, first or "")
    await pages.user.open("/mock/overview")
    await pages.user.should_see("view only")


async def test_over_https_the_cookie_never_travels_in_the_open(pages: Pages) -> None:
    await pages.sign_in(Role.VIEWER)
    pages.user.http_client.base_url = "https://127.0.0.1"
    answer = await pages.user.http_client.post(
        "/login",
        data={"name": "anna", "password": PASSWORD},
        headers={"origin": "https://127.0.0.1"},
        follow_redirects=False,
    )
    assert "; secure" in answer.headers["set-cookie"].lower()


@pytest.mark.parametrize(
    "target", ["//evil", "https:evil", "https://evil", "/\\evil", "\t//evil", "evil"]
)
async def test_signing_in_leads_into_the_dashboard_only(pages: Pages, target: str) -> None:
    await pages.sign_in(Role.VIEWER)
    answer = await pages.post("/login", {"name": "anna", "password": PASSWORD, "back": target})
    assert answer.headers["location"] == "/"


async def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(pages: Pages) -> None:
    await pages.sign_in(Role.OPERATOR)
    wrong = [
        await pages.post("/login", {"name": name, "password": "wrong horse", "back": "/"})
        for name in ("anna", "berta")
    ]
    assert {answer.status_code for answer in wrong} == {401}
    assert wrong[0].text.replace("anna", "") == wrong[1].text.replace("berta", "")
    assert "set-cookie" not in wrong[0].headers


async def test_a_crowd_at_the_form_is_held_back_before_anything_is_hashed(pages: Pages) -> None:
    await pages.sign_in(Role.OPERATOR)
    form = {"name": "anna", "password": "wrong horse", "back": "/"}
    answers = [await pages.post("/login", form) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [401] * 4 + [429] * 3
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_what_a_person_types_comes_back_as_text(pages: Pages) -> None:
    answer = await pages.post("/login", {"name": '"><script>x', "password": "y", "back": "/"})
    assert "<script>" not in answer.text
    assert "&lt;script&gt;" in answer.text


async def test_no_foreign_page_signs_anybody_in_or_out(pages: Pages) -> None:
    for headers in ({"origin": "http://evil.example"}, {}):
        for path in ("/login", "/logout"):
            answer = await pages.user.http_client.post(path, data={}, headers=headers)
            assert answer.status_code == 403


async def test_a_choice_leads_home_from_what_is_no_address(pages: Pages) -> None:
    answer = await pages.user.http_client.get(
        "/choose?theme=dark", headers={"referer": "http://["}, follow_redirects=False
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


async def test_an_endless_form_is_refused(pages: Pages) -> None:
    answer = await pages.post("/login", {"name": "x" * 5000, "password": "y", "back": "/"})
    assert answer.status_code == 413


async def test_an_endless_form_that_names_no_length_is_refused(pages: Pages) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b"x" * 1000

    headers = {"origin": "http://127.0.0.1"}
    answer = await pages.user.http_client.post("/login", content=chunks(), headers=headers)
    assert answer.status_code == 413


async def test_signing_out_ends_the_pages_and_the_cookie(pages: Pages) -> None:
    await pages.sign_in(Role.SUPERVISOR)
    cookie = pages.user.http_client.cookies.get(COOKIE)
    await pages.user.open("/mock/steering")
    await pages.user.should_see("Supervisor")
    assert len(pages.dashboard.screens) == 1
    assert (await pages.post("/logout", {})).headers["location"] == "/login"
    assert len(pages.dashboard.screens) == 0
    pages.user.http_client.cookies.set(COOKIE, cookie or "")
    await pages.user.open("/mock/steering")
    await pages.user.should_see("view only")


@pytest.mark.parametrize("change", [{"locked": True}, {"role": "viewer"}])
async def test_a_lock_or_another_role_closes_the_pages_that_are_open(
    pages: Pages, change: dict[str, object]
) -> None:
    await pages.sign_in(Role.ADMIN)
    await pages.user.open("/mock/steering")
    pages.people.accounts.change("anna", **change)
    await pages.dashboard.review()
    assert len(pages.dashboard.screens) == 0
    await pages.user.open("/mock/steering")
    await pages.user.should_see("view only")


@pytest.mark.parametrize("taken", ["mock", "replay", ""])
async def test_a_role_that_holds_elsewhere_only_closes_what_was_open_by_the_one_before(
    pages: Pages, taken: str
) -> None:
    await pages.sign_in(Role.ADMIN)
    await pages.user.open("/mock/sessions")
    await pages.dashboard.review()
    assert len(pages.dashboard.screens) == 1
    kept = {"mock": Role.ADMIN, "replay": Role.ADMIN}
    left = {name: role for name, role in kept.items() if name != taken}
    pages.people.accounts.change("anna", role=Role.VIEWER, factories=left)
    await pages.dashboard.review()
    assert len(pages.dashboard.screens) == 0


async def test_without_the_store_nobody_new_comes_in_and_it_is_said(pages: Pages) -> None:
    await pages.sign_in(Role.OPERATOR)
    pages.shelf.away = True
    answer = await pages.post("/login", {"name": "anna", "password": PASSWORD, "back": "/"})
    assert answer.status_code == 503
    assert "store cannot be reached" in answer.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_without_the_store_nobody_is_half_signed_out_and_it_is_said(
    pages: Pages, language: Language
) -> None:
    await pages.sign_in(Role.OPERATOR)
    pages.language(language)
    pages.shelf.away = True
    answer = await pages.post("/logout", {})
    assert answer.status_code == 503
    assert text("login.stays").in_(language) in html.unescape(answer.text)
    await pages.user.open("/mock/overview")
    await pages.user.should_see(text("role.operator").in_(language))
    pages.shelf.away = False
    cookie = pages.user.http_client.cookies.get(COOKIE) or ""
    assert (await pages.post("/logout", {})).status_code == 303
    pages.user.http_client.cookies.set(COOKIE, cookie)
    await pages.user.open("/mock/overview")
    await pages.user.should_see(text("role.viewer").in_(language))


async def test_a_users_file_that_cannot_be_written_signs_nobody_out_everywhere(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise AccountsError("no space left on device", "file")

    await pages.sign_in(Role.OPERATOR)
    monkeypatch.setattr(Accounts, "change", full)
    answer = await pages.post("/logout/everywhere", {})
    assert answer.status_code == 503
    assert "users file cannot be written" in answer.text


@pytest.mark.parametrize(
    ("role", "commands"),
    [(Role.VIEWER, 0), (Role.OPERATOR, 1), (Role.SUPERVISOR, 1), (Role.ADMIN, 1)],
)
async def test_who_may_order_is_asked_at_the_server_when_the_button_is_pressed(
    pages: Pages, role: Role, commands: int
) -> None:
    await pages.sign_in(role)
    ui_pages.working_factory(pages.told["live"])
    await pages.user.open("/live/steering")
    pages.user.find(marker="order-WHITE").click()
    await pages.user.should_see("Send")
    pages.user.find(marker="send").click()
    if commands:
        await pages.user.should_see("requested")
    sent = pages.inboxes["live"].commands
    assert [(command.operator, command.role) for command in sent] == [("anna", role)] * commands
