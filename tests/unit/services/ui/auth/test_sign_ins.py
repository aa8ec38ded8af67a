"""The list of sign-ins, and the ways to end one, some or all of a person's."""

from pathlib import Path

import pytest

from services.common.auth import kept_sign_in
from services.common.auth.kept_sign_in import LASTS_S
from services.common.auth.passkey import Passkey
from services.common.auth.user_file import Account, Accounts, AccountsError
from services.common.store.bus import StoreError
from services.common.store.keys import Role
from services.ui.auth.browser_sessions import BrowserSessions
from services.ui.auth.user_agent import device_of
from tests.support.ui_pages import NOW, Shelf

SECRET = b"x" * 32
HASH = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$aGFzaGhhc2hoYXNo"
ANNA = Account(name="anna", role=Role.OPERATOR, password=HASH)
BERTA = Account(name="berta", role=Role.ADMIN, password=HASH)


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    made = Accounts(tmp_path / "users.jsonl")
    made.add(ANNA)
    made.add(BERTA)
    return made


async def test_every_sign_in_is_listed_with_device_and_place_the_newest_first(
    accounts: Accounts,
) -> None:
    sessions = BrowserSessions(Shelf(), accounts, SECRET)
    await sessions.begin(ANNA, "10.0.0.1", NOW - 60, "Firefox · Linux")
    await sessions.begin(BERTA, "10.0.0.2", NOW)
    found = await sessions.listed(NOW)
    assert [(one.name, one.device, one.address) for one in found] == [
        ("berta", "", "10.0.0.2"),
        ("anna", "Firefox · Linux", "10.0.0.1"),
    ]


async def test_what_is_over_or_locked_is_not_listed(accounts: Accounts) -> None:
    sessions = BrowserSessions(Shelf(), accounts, SECRET)
    await sessions.begin(ANNA, "", NOW - LASTS_S)
    await sessions.begin(BERTA, "", NOW)
    accounts.change("berta", locked=True)
    assert await sessions.listed(NOW) == []


async def test_ending_one_sign_in_leaves_the_others(accounts: Accounts) -> None:
    sessions = BrowserSessions(Shelf(), accounts, SECRET)
    first = await sessions.begin(ANNA, "", NOW - 9)
    second = await sessions.begin(ANNA, "", NOW)
    await sessions.end((await sessions.listed(NOW))[-1], "by_person", NOW)
    assert await sessions.of(first, NOW) is None
    assert await sessions.of(second, NOW)


async def test_a_sign_out_everywhere_ends_pages_and_command_line_of_that_person_alone(
    accounts: Accounts,
) -> None:
    sessions = BrowserSessions(Shelf(), accounts, SECRET)
    cookies = [await sessions.begin(ANNA, "", NOW - age) for age in (9, 5)]
    other = await sessions.begin(BERTA, "", NOW)
    kept = kept_sign_in.sealed(ANNA, "here", NOW - 7)
    await sessions.end_all("anna", NOW)
    assert [await sessions.of(cookie, NOW) for cookie in cookies] == [None, None]
    assert not kept.holds(accounts.get("anna"), NOW)
    assert await sessions.of(other, NOW)
    anna = accounts.get("anna")
    assert anna
    assert await sessions.of(await sessions.begin(anna, "", NOW + 1), NOW + 1)
    assert kept_sign_in.sealed(anna, "here", NOW + 1).holds(anna, NOW + 1)


async def test_a_sign_out_everywhere_needs_no_store(accounts: Accounts) -> None:
    shelf = Shelf()
    sessions = BrowserSessions(shelf, accounts, SECRET)
    cookie = await sessions.begin(ANNA, "", NOW - 9)
    shelf.away = True
    await sessions.end_all("anna", NOW)
    assert await sessions.of(cookie, NOW) is None
    shelf.away = False
    assert await sessions.of(cookie, NOW) is None
    shelf.away = True
    with pytest.raises(StoreError):
        await sessions.end_all("nobody", NOW)
    with pytest.raises(StoreError):
        await sessions.listed(NOW)


@pytest.mark.parametrize(
    ("header", "device"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox · Linux",
        ),
        (
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
                "Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"
            ),
            "Edge · Windows",
        ),
        (
            (
                "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) "
                "Chrome/140.0.0.0 Mobile Safari/537.36"
            ),
            "Chrome · Android",
        ),
        (
            (
                "Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
                "Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
            ),
            "Safari · iPad",
        ),
        ("curl/8.9", ""),
        ("", ""),
        ("<script>Windows</script>", "Windows"),
    ],
)
def test_a_device_has_the_name_its_owner_knows_it_by(header: str, device: str) -> None:
    assert device_of(header) == device


async def test_a_sign_in_that_cannot_be_read_is_none_and_hides_no_other(accounts: Accounts) -> None:
    shelf = Shelf()
    sessions = BrowserSessions(shelf, accounts, SECRET)
    cookie = await sessions.begin(ANNA, "", NOW)
    shelf.kept["forged"] = "{}"
    assert [one.name for one in await sessions.listed(NOW)] == ["anna"]
    assert await sessions.still("forged", NOW) is None
    assert await sessions.of(cookie, NOW)


def test_a_passkey_taken_away_while_it_was_used_stays_away(accounts: Accounts) -> None:
    one = Passkey(id="one", public_key="key", host="omf.example")
    accounts.change("anna", passkeys=(one, one.model_copy(update={"id": "two"})))
    accounts.count_passkey("anna", "one", 7)
    assert [(key.id, key.count) for key in accounts.all()["anna"].passkeys] == [
        ("one", 7),
        ("two", 0),
    ]
    # Somebody sets another password, for a foreign passkey is among them, while the device answers.
    accounts.change("anna", password=HASH)
    accounts.count_passkey("anna", "one", 8)
    assert accounts.all()["anna"].passkeys == ()


@pytest.mark.parametrize("name", ["local", "Local", "CLI", "Guest"])
def test_nobody_is_called_as_those_without_account_in_whatever_case(
    accounts: Accounts, tmp_path: Path, name: str
) -> None:
    for add in (accounts.add, Accounts(tmp_path / "none.jsonl").add_first):
        with pytest.raises(AccountsError, match="kept for people without account"):
            add(ANNA.model_copy(update={"name": name}))
