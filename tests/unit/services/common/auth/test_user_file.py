"""Accounts and their passwords, as the users file keeps them."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from services.common.auth.passwords import PasswordError, fits, hashed
from services.common.auth.user_file import Account, Accounts, AccountsError
from services.common.store.keys import Role
from tests.support.ui_pages import PASSWORD


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
    assert why in (accounts.error or "")
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
