"""A PIN changes the person at a screen where somebody signed in, and opens nothing elsewhere."""

import logging
from pathlib import Path

import pytest

from services.common.auth import pins
from services.common.auth.group_roles import GroupRoles, RoleGrant
from services.common.auth.kept_sign_in import LASTS_S
from services.common.auth.pins import PinError
from services.common.auth.rate_limiter import MAX_FAILURES, TRIES_PER_MINUTE
from services.common.auth.user_file import Account
from services.common.store.keys import Role
from services.ui.auth import current_user
from services.ui.auth.browser_sessions import COOKIE, DirectoryPerson, Visitor
from services.ui.auth.request_rules import PASSKEY_NEW, PERSON_CHANGE
from tests.support.ui_pages import NOW, Pages

BADGE = "0004711A"
HASH = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$aGFzaGhhc2hoYXNoaGFzaA"


@pytest.fixture
def opening(tmp_path: Path) -> dict[str, object]:
    return {"users": tmp_path / "users.jsonl"}


def known(pages: Pages, name: str, role: Role = Role.OPERATOR) -> None:
    pages.people.accounts.add(Account(name=name, role=role, password=HASH))


async def test_the_next_person_types_a_code_and_the_one_before_is_signed_out(
    pages: Pages, caplog: pytest.LogCaptureFixture
) -> None:
    await pages.sign_in(Role.SUPERVISOR)
    known(pages, "berta")
    pins.set_pin(pages.people.accounts, "berta", BADGE)
    first = pages.user.http_client.cookies.get(COOKIE)
    await pages.user.open("/mock/overview")
    await pages.user.should_see("Change person")
    with caplog.at_level(logging.INFO):
        answer = await pages.post(PERSON_CHANGE, {"code": f"{BADGE} "})
    assert (answer.status_code, answer.text) == (200, "berta is signed in.")
    assert "httponly" in answer.headers["set-cookie"].lower()
    (told,) = [one for one in caplog.records if "changed by PIN" in one.getMessage()]
    assert (told.user, told.before) == ("berta", "anna")  # type: ignore[attr-defined]
    assert BADGE not in caplog.text
    await pages.user.open("/mock/overview")
    await pages.user.should_see("berta")
    await pages.user.should_see("Operator")
    assert await pages.people.sessions.of(first, NOW) is None


async def test_without_a_sign_in_a_code_opens_nothing(pages: Pages) -> None:
    known(pages, "berta")
    pins.set_pin(pages.people.accounts, "berta", BADGE)
    answer = await pages.post(PERSON_CHANGE, {"code": BADGE})
    assert answer.status_code == 403
    assert COOKIE not in answer.headers.get("set-cookie", "")


async def test_it_lasts_no_longer_than_the_sign_in_it_began_with(pages: Pages) -> None:
    await pages.sign_in(Role.SUPERVISOR)
    known(pages, "berta")
    pins.set_pin(pages.people.accounts, "berta", BADGE)
    sessions = pages.people.sessions
    token = await sessions.begin(pages.people.accounts.all()["anna"], "x", NOW - 3600)
    pages.user.http_client.cookies.delete(COOKIE)
    pages.user.http_client.cookies.set(COOKIE, token)
    answer = await pages.post(PERSON_CHANGE, {"code": BADGE})
    found = await sessions.of(answer.cookies.get(COOKIE), NOW)
    assert found is not None
    assert (found[0].name, found[0].began) == ("berta", NOW - 3600)


async def test_wrong_codes_are_held_back_by_the_screen_and_a_right_one_buys_no_tries(
    pages: Pages,
) -> None:
    await pages.sign_in(Role.SUPERVISOR)
    known(pages, "berta")
    pins.set_pin(pages.people.accounts, "berta", BADGE)
    answers = [await pages.post(PERSON_CHANGE, {"code": f"wrong{n}"}) for n in range(4)]
    assert {one.status_code for one in answers} == {401}
    assert (await pages.post(PERSON_CHANGE, {"code": BADGE})).status_code == 200
    assert TRIES_PER_MINUTE == MAX_FAILURES == 5
    assert (await pages.post(PERSON_CHANGE, {"code": BADGE})).status_code == 429


async def test_wrong_codes_of_one_person_are_counted_wherever_they_come_from(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    await pages.sign_in(Role.VIEWER)
    known(pages, "berta", Role.SUPERVISOR)
    pins.set_pin(pages.people.accounts, "berta", BADGE)
    for n in range(MAX_FAILURES):
        monkeypatch.setattr(current_user, "address", lambda _, n=n: f"2001:db8::{n}")
        assert (await pages.post(PERSON_CHANGE, {"code": f"wrong{n}"})).status_code == 401
    monkeypatch.setattr(current_user, "address", lambda _: "2001:db8::ff")
    assert (await pages.post(PERSON_CHANGE, {"code": BADGE})).status_code == 429


async def test_who_came_by_a_code_stays_as_long_as_the_one_before_and_makes_no_passkey(
    pages: Pages,
) -> None:
    await pages.sign_in(Role.VIEWER)
    known(pages, "berta")
    pins.set_pin(pages.people.accounts, "berta", BADGE)
    sessions, who = pages.people.sessions, DirectoryPerson("oidc", "emma", ("ops",), 600)
    sessions._roles = GroupRoles({"ops": (RoleGrant(Role.VIEWER),)})
    for cookie, lasts_s in (
        (await sessions.begin_known(who, Visitor(), NOW), 600),
        (await sessions.begin(pages.people.accounts.all()["anna"], "", NOW), LASTS_S),
    ):
        pages.user.http_client.cookies.delete(COOKIE)
        pages.user.http_client.cookies.set(COOKIE, cookie)
        answer = await pages.post(PERSON_CHANGE, {"code": BADGE})
        changed = answer.cookies.get(COOKIE)
        assert await sessions.of(changed, NOW + lasts_s - 1)
        assert await sessions.of(changed, NOW + lasts_s) is None
    pages.user.http_client.cookies.delete(COOKIE)
    pages.user.http_client.cookies.set(COOKIE, changed or "")
    assert (await pages.post(PASSKEY_NEW, {})).status_code == 403


@pytest.mark.parametrize("change", ["taken", "another", "administers"])
async def test_a_code_that_is_no_longer_theirs_ends_what_began_with_it(
    pages: Pages, change: str
) -> None:
    await pages.sign_in(Role.VIEWER)
    accounts, sessions = pages.people.accounts, pages.people.sessions
    known(pages, "berta")
    pins.set_pin(accounts, "berta", BADGE)
    by_password = await sessions.begin(accounts.all()["berta"], "", NOW)
    cookie = (await pages.post(PERSON_CHANGE, {"code": BADGE})).cookies.get(COOKIE)
    assert await sessions.of(cookie, NOW)
    if change == "administers":
        accounts.change("berta", role=Role.ADMIN)
    else:
        accounts.change("berta", pin="" if change == "taken" else HASH)
    assert await sessions.of(cookie, NOW) is None
    assert await sessions.of(by_password, NOW)


async def test_who_administers_or_is_locked_has_none(pages: Pages) -> None:
    accounts = pages.people.accounts
    for name, role in (("anna", Role.ADMIN), ("berta", Role.OPERATOR), ("cleo", Role.VIEWER)):
        known(pages, name, role)
    with pytest.raises(PinError, match="administers"):
        pins.set_pin(accounts, "anna", BADGE)
    pins.set_pin(accounts, "berta", BADGE)
    for code, flaw in (("12345", "short"), ("111111", "simple"), (BADGE, "taken")):
        with pytest.raises(PinError) as error:
            pins.set_pin(accounts, "cleo", code)
        assert error.value.flaw == flaw
    accounts.change("berta", role=Role.ADMIN)
    assert pins.holder(accounts, BADGE) is None
    accounts.change("berta", role=Role.OPERATOR, locked=True)
    assert pins.holder(accounts, BADGE) is None
    accounts.change("berta", locked=False)
    assert (found := pins.holder(accounts, BADGE))
    assert found.name == "berta"
    pins.remove_pin(accounts, "berta")
    assert pins.holder(accounts, BADGE) is None


async def test_an_administrator_gives_and_takes_a_code(pages: Pages) -> None:
    await pages.sign_in(Role.ADMIN)
    known(pages, "berta")
    await pages.user.open("/mock/users")
    for code, said in (("111111", "three different"), (BADGE, "has a new code")):
        field = next(iter(pages.user.find(marker="pin-berta").elements))
        field.set_value(code)
        pages.user.find(marker="give-pin-berta").click()
        await pages.user.should_see(said)
    pages.user.find(marker="give-pin-berta").click()
    await pages.user.should_see("no code any more")
    assert not pages.people.accounts.all()["berta"].pin
