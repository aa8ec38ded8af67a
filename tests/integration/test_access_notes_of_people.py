"""Each sign-in and each change of an account stands in the sealed audit, once, with who did it."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.common.auth.account_changes import AccountActor, changes_file
from services.common.auth.account_notes import ACCOUNTS_NOTED
from services.common.auth.user_file import Account, Accounts
from services.common.store.bus import Bus, StoreError
from services.common.store.keys import AuditRecord, Role, Stage
from services.ui.auth.account_watch import AccountWatch
from services.ui.auth.browser_sessions import BrowserSessions, DirectoryPerson, Visitor
from services.ui.auth.session_store import RedisSessionStore
from services.ui.auth.sign_in_refusals import SignInRefusals
from tests.support.sealed_access import sealed_records

HASH = "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo"
NOW = 1_790_000_000.0
BERTA = AccountActor(name="berta", role=Role.ADMIN, source="ui 10.0.0.8")


@pytest.fixture
async def bus(store_url: str) -> AsyncIterator[Bus]:
    async with Bus(store_url, "mock") as bus:
        yield bus


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    return Accounts(tmp_path / "users.jsonl")


def _anna(**fields: object) -> Account:
    told = {"name": "anna", "role": Role.VIEWER, "password": HASH, **fields}
    return Account.model_validate(told)


def _said(record: AuditRecord) -> tuple[str, str, str, str]:
    """Kind, why, of whom, by whom."""
    command = record.command
    return (
        command.kind.removeprefix("access-"),
        record.reasons[0].id,
        str(command.parameters["of"]),
        command.operator,
    )


async def test_a_sign_in_and_its_end_are_sealed_each_once(bus: Bus, accounts: Accounts) -> None:
    account = _anna(factories={"hall-2": "operator"})
    accounts.add(account)
    sessions = BrowserSessions(RedisSessionStore(bus), accounts, b"x" * 32)
    cookie = await sessions.begin(account, "10.0.0.7", NOW, "Firefox · Linux", "passkey")
    found = await sessions.of(cookie, NOW)
    assert found
    for _ in range(2):
        await sessions.end(found[0], "by_other", NOW + 9, BERTA)
    made, ended = await sealed_records(bus)
    assert _said(made) == ("sign-in-made", "sign-in-passkey", "anna", "anna")
    assert made.command.source == "ui 10.0.0.7"
    assert made.command.role is Role.VIEWER
    assert made.command.parameters == {
        "sign_in": found[0].id[:8],
        "of": "anna",
        "label": "Firefox · Linux",
        "roles": "viewer, operator@hall-2",
    }
    assert _said(ended) == ("sign-in-ended", "sign-in-by-other", "anna", "berta")
    assert (ended.command.source, ended.command.role) == ("ui 10.0.0.8", Role.ADMIN)


async def test_signed_out_everywhere_ends_each_sign_in_of_the_person_alone(
    bus: Bus, accounts: Accounts
) -> None:
    sessions = BrowserSessions(RedisSessionStore(bus), accounts, b"x" * 32)
    for name in ("anna@example.org", "anna@example.org", "carl@example.org"):
        await sessions.begin_known(DirectoryPerson("oidc", name, ("g",), 600), Visitor(), NOW)
    await sessions.end_all("anna@example.org", NOW)
    told = [_said(record)[:3] for record in await sealed_records(bus)]
    assert told[3:] == [("sign-in-ended", "sign-in-everywhere", "anna@example.org")] * 2


async def test_what_becomes_of_an_account_is_sealed_with_who_did_it(
    bus: Bus, accounts: Accounts
) -> None:
    watch, acting = AccountWatch(bus, accounts), accounts.acting(BERTA)
    acting.add(_anna())
    await watch.look()
    acting.change("anna", locked=True)
    acting.change("anna", locked=False)
    acting.give("anna", Role.OPERATOR, ["hall-2"])
    for _ in range(2):
        await watch.look()
        await AccountWatch(bus, accounts).look()
    acting.change("anna", password=HASH.replace("aGFz", "bGFz"))
    acting.remove("anna")
    await watch.look()
    found = await sealed_records(bus)
    assert [_said(record)[0::3] for record in found] == [
        ("account-made", "berta"),
        *[("account-changed", "berta")] * 4,
        ("account-ended", "berta"),
    ]
    assert [record.reasons[0].id.removeprefix("account-") for record in found] == [
        *("in-file", "lock", "unlock", "role", "password-new", "not-in-file")
    ]
    assert found[3].command.parameters["roles"] == "viewer, operator@hall-2"
    assert HASH not in changes_file(accounts.path or Path()).read_text()


async def test_what_an_editor_changed_is_sealed_as_done_by_nobody_known(
    bus: Bus, accounts: Accounts
) -> None:
    watch = AccountWatch(bus, accounts)
    accounts.acting(BERTA).add(_anna())
    file = accounts.path or Path()
    file.write_text(_anna(role="admin").model_dump_json() + "\n")
    accounts.acting(BERTA).change("anna", locked=True)
    file.write_text("")
    await watch.look()
    assert [_said(record)[1::2] for record in await sealed_records(bus)] == [
        ("account-in-file", "berta"),
        ("account-role", "?"),
        ("account-lock", "berta"),
        ("account-not-in-file", "?"),
    ]


async def test_an_account_is_changed_while_the_store_is_away_and_sealed_later(
    bus: Bus, accounts: Accounts
) -> None:
    async with Bus("redis://127.0.0.1:1/0", "mock") as away:
        watch = AccountWatch(away, accounts)
        accounts.acting(BERTA).add(_anna())
        with pytest.raises(StoreError):
            await watch.look()
    assert accounts.get("anna")
    await AccountWatch(bus, accounts).look()
    (made,) = await sealed_records(bus)
    assert _said(made) == ("account-made", "account-in-file", "anna", "berta")
    noted = await bus.call(bus.client.hgetall(bus.key(ACCOUNTS_NOTED)))
    assert json.loads(noted[b"anna"])["role"] == "viewer"


async def test_a_flood_of_wrong_passwords_is_a_few_notes_that_count_it_and_keep_no_typed_text(
    bus: Bus, accounts: Accounts
) -> None:
    now = [0.0]
    accounts.add(_anna())
    refusals = SignInRefusals(bus, accounts, lambda: now[0])
    for number in range(60):
        now[0] += 1.0
        refusals.refused("Anna", "wrong", "10.0.0.9", NOW)
        refusals.refused(f"my-secret-{number}", "wrong", "10.0.0.9", NOW)
        await refusals.write()
    refusals.refused("dora@example.org", "no_right", "10.0.0.9", NOW, proved=True)
    now[0] += 60.0
    await refusals.write()
    found = await sealed_records(bus)
    assert all(record.decision is Stage.REFUSED for record in found)
    told = [(record.command.operator, record.reasons[0].en) for record in found]
    assert told == [
        ("anna", "name or password is wrong (1×)"),
        ("?", "name or password is wrong (1×)"),
        ("anna", "name or password is wrong (59×)"),
        ("?", "name or password is wrong (59×)"),
        ("dora@example.org", "no group of the person has a role here (1×)"),
    ]
    assert "my-secret" not in " ".join(record.model_dump_json() for record in found)
