"""Access tokens of people: made on their page, shown once, never more than the person may now."""

import logging
from pathlib import Path

import pytest
from nicegui import ui

from omf.constants import DAY_S
from services.common.auth import pins
from services.common.auth.access_tokens import (
    ACCESS_TOKENS,
    MAX_ACCESS_TOKENS,
    AccessToken,
    PersonClient,
    StandingOverError,
    client_by_token,
    note_use,
)
from services.common.auth.passwords import hashed
from services.common.auth.user_file import Account
from services.common.store.keys import Role
from services.ui.auth.access_token_keeper import BELIEVED_S
from services.ui.auth.browser_sessions import COOKIE
from services.ui.auth.request_rules import PERSON_CHANGE
from tests.support.ui_pages import NOW, Pages


@pytest.fixture
def opening(tmp_path: Path, store_url: str) -> dict[str, object]:
    return {"users": tmp_path / "users.jsonl", "store_url": store_url}


def _choose(pages: Pages, marker: str, value: str) -> None:
    (found,) = pages.user.find(marker=marker).elements
    assert isinstance(found, ui.select)
    found.set_value(value)


async def made(pages: Pages, label: str = "my script", most: Role = Role.OPERATOR) -> str:
    """The token that the page shows once it was asked for one."""
    await pages.user.open("/mock/account")
    pages.user.find(marker="token-label").type(label)
    _choose(pages, "token-most", most.value)
    pages.user.find(marker="make-token").click()
    await pages.user.should_see(f"The access token {label} is made.")
    (shown,) = pages.user.find(marker="new-token").elements
    assert isinstance(shown, ui.label)
    return shown.text


async def shown_by(pages: Pages, token: str, now: float = NOW) -> PersonClient | None:
    return await client_by_token(pages.inboxes["live"], token, now)


async def kept(pages: Pages) -> list[AccessToken]:
    return await pages.people.tokens.every()


async def test_a_token_is_shown_once_and_kept_as_a_hash(
    pages: Pages, caplog: pytest.LogCaptureFixture
) -> None:
    await pages.sign_in(Role.OPERATOR)
    with caplog.at_level(logging.DEBUG):
        token = await made(pages)
    assert token.startswith("omf_")
    client = await shown_by(pages, token)
    assert client
    assert (client.name, client.role_at("mock")) == ("anna", Role.OPERATOR)
    bus = pages.inboxes["live"]
    assert token.encode() not in b"".join(await bus.client.hvals(bus.key(ACCESS_TOKENS)))
    assert token not in caplog.text
    await pages.user.open("/mock/account")
    await pages.user.should_see("my script")
    await pages.user.should_see("never used")
    await pages.user.should_not_see(token)
    assert await shown_by(pages, token[:-1]) is None
    assert await shown_by(pages, token.removeprefix("omf_")) is None


async def test_it_may_what_the_person_may_when_it_is_used_and_never_more_than_it_was_made_for(
    pages: Pages,
) -> None:
    await pages.sign_in(Role.SUPERVISOR)
    operates = await made(pages, "operates")
    looks = await made(pages, "looks", Role.VIEWER)
    leads = await made(pages, "leads", Role.SUPERVISOR)

    async def roles(factory: str) -> list[Role]:
        await pages.people.tokens.review(NOW)
        found = [await shown_by(pages, one) for one in (operates, looks, leads)]
        return [one.role_at(factory) for one in found if one]

    assert await roles("mock") == [Role.OPERATOR, Role.VIEWER, Role.SUPERVISOR]
    pages.people.accounts.change("anna", role=Role.VIEWER)
    pages.people.accounts.give("anna", Role.SUPERVISOR, ["replay"])
    assert await roles("mock") == [Role.VIEWER, Role.VIEWER, Role.VIEWER]
    assert await roles("replay") == [Role.OPERATOR, Role.VIEWER, Role.SUPERVISOR]


@pytest.mark.parametrize("how", ["password", "removed", "everywhere", "ended", "time"])
async def test_it_ends_with_what_its_person_signed_in_with(pages: Pages, how: str) -> None:
    await pages.sign_in(Role.ADMIN, "berta")
    pages.user.http_client.cookies.delete(COOKIE)
    await pages.sign_in(Role.OPERATOR)
    token, accounts, now = await made(pages), pages.people.accounts, NOW
    if how == "password":
        accounts.change("anna", password=hashed("another horse battery"))
    elif how == "removed":
        accounts.remove("anna")
    elif how == "everywhere":
        await pages.post("/logout/everywhere", {})
        assert await kept(pages) == []
    elif how == "ended":
        (found,) = await kept(pages)
        await pages.user.should_see(marker=f"end-token-{found.id[:8]}")
        pages.user.find(marker=f"end-token-{found.id[:8]}").click()
        await pages.user.should_see("The access token my script is ended.")
    else:
        now += 31 * 86_400
        assert await shown_by(pages, token, now) is None
    await pages.people.tokens.review(now)
    assert await shown_by(pages, token, now) is None
    assert await kept(pages) == []


async def test_a_new_account_of_the_name_never_gets_the_tokens_of_the_former(pages: Pages) -> None:
    await pages.sign_in(Role.OPERATOR)
    token = await made(pages)
    pages.people.accounts.remove("anna")
    pages.people.accounts.add(
        Account(name="anna", role=Role.ADMIN, password=hashed("of somebody else"))
    )
    await pages.people.tokens.review(NOW)
    assert await shown_by(pages, token) is None


async def test_it_rests_while_the_account_is_locked_or_no_page_process_vouches(
    pages: Pages,
) -> None:
    await pages.sign_in(Role.OPERATOR)
    token = await made(pages)
    with pytest.raises(StandingOverError):
        await shown_by(pages, token, NOW + BELIEVED_S)
    pages.people.accounts.change("anna", locked=True)
    await pages.people.tokens.review(NOW)
    with pytest.raises(StandingOverError):
        await shown_by(pages, token)
    pages.people.accounts.change("anna", locked=False)
    await pages.people.tokens.review(NOW + BELIEVED_S)
    assert await shown_by(pages, token, NOW + BELIEVED_S)


async def test_nothing_that_is_written_meanwhile_brings_an_ended_token_back(pages: Pages) -> None:
    await pages.sign_in(Role.OPERATOR)
    token, keeper = await made(pages), pages.people.tokens
    (found,) = await kept(pages)
    await keeper.end(found, "by_person")
    await note_use(pages.inboxes["live"], found.id, NOW)
    await keeper._write_standings({found.person: found}, {}, NOW)
    assert await shown_by(pages, token) is None


async def test_who_came_by_a_code_makes_none(pages: Pages) -> None:
    await pages.sign_in(Role.OPERATOR, "berta")
    pages.user.http_client.cookies.delete(COOKIE)
    await pages.sign_in(Role.OPERATOR)
    pins.set_pin(pages.people.accounts, "berta", "0004711A")
    await pages.post(PERSON_CHANGE, {"code": "0004711A"})
    await pages.user.open("/mock/account")
    await pages.user.should_see("My access tokens")
    await pages.user.should_not_see(marker="make-token")


async def test_it_says_why_none_was_made(pages: Pages) -> None:
    await pages.sign_in(Role.OPERATOR)
    await pages.user.open("/mock/account")
    pages.user.find(marker="make-token").click()
    await pages.user.should_see("Not made: say what it is for")
    pages.user.find(marker="token-label").type("<script>")
    pages.user.find(marker="make-token").click()
    await pages.user.should_see("Not made: say what it is for")
    (here,) = await pages.people.sessions.listed(NOW)
    for number in range(MAX_ACCESS_TOKENS):
        await pages.people.tokens.make(here, f"n{number}", Role.VIEWER, 7 * DAY_S, NOW)
    await pages.user.open("/mock/account")
    pages.user.find(marker="token-label").type("one more")
    pages.user.find(marker="make-token").click()
    await pages.user.should_see("ten access tokens are the most")
    assert len(await kept(pages)) == MAX_ACCESS_TOKENS


async def test_an_administrator_ends_those_of_others_and_nobody_else_sees_them(
    pages: Pages,
) -> None:
    await pages.sign_in(Role.OPERATOR)
    await made(pages)
    (of_anna,) = await kept(pages)
    pages.user.http_client.cookies.delete(COOKIE)
    await pages.sign_in(Role.SUPERVISOR, "carla")
    await pages.user.open("/mock/account")
    await pages.user.should_see("No access token yet.")
    await pages.user.should_not_see("my script")
    pages.user.http_client.cookies.delete(COOKIE)
    await pages.sign_in(Role.ADMIN, "berta")
    await pages.user.open("/mock/account")
    await pages.user.should_see(marker=f"end-token-{of_anna.id[:8]}")
    pages.user.find(marker=f"end-token-{of_anna.id[:8]}").click()
    await pages.user.should_see("The access token my script is ended.")
    assert await kept(pages) == []
