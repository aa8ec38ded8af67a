"""Who changed which account: kept beside the users file until the audit has it.

    users.jsonl.changes: {"number": 1790000000000000, "name": "anna", "by": {"name": "berta", ...},
                          "before": {"role": "viewer", ...}, "after": {"role": "operator", ...}}

An account is changed whether or not a store answers, by `omf user` on a machine that knows none.
So each change is kept in a file first; the pages take it over (services/ui/auth/account_watch.py).
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pydantic import Field, ValidationError

from services.common.process import clock
from services.common.store.access_notes import UNKNOWN_NAME, AccessAct, AccountTurn
from services.common.store.keys import Role, StreamModel

MAX_ACCOUNT_CHANGES = 1_000
MAX_CHANGES_BYTES = 4_000_000
DIGITS = 16


class AccountActor(StreamModel):
    """Who changes an account, and where they sit."""

    name: str = Field(min_length=1, max_length=64)
    role: Role = Role.ADMIN
    source: str = Field("", max_length=200)


BY_HAND = AccountActor(name=UNKNOWN_NAME, source="users file")
"""Whoever may write the file, with an editor."""


class AccountState(StreamModel):
    """What is told of an account: digests stand for what is secret, or long."""

    role: Role
    factories: dict[str, Role] = Field(default_factory=dict)
    password: str
    pin: str = ""
    locked: bool = False
    passkeys: tuple[str, ...] = ()
    signed_out_at: float = 0.0

    @property
    def roles(self) -> str:
        """What the person may in each factory, on one line."""
        return roles_line(self.role, self.factories)


class AccountChange(StreamModel):
    """One change of one account; None: there is no account."""

    number: int
    """Microseconds of its time; each larger than the one before."""
    name: str
    by: AccountActor
    before: AccountState | None
    after: AccountState | None


def roles_line(role: Role, factories: Mapping[str, Role]) -> str:
    """Roles as the directory file writes them: `viewer, operator@hall-2`."""
    return ", ".join((role.value, *(f"{more.value}@{one}" for one, more in factories.items())))


def turns(
    before: AccountState | None, after: AccountState | None
) -> Iterator[tuple[AccessAct, AccountTurn]]:
    """What became of an account between the two, each as a note tells it."""
    if before is None or after is None:
        if after is not None:
            yield "made", "in_file"
        elif before is not None:
            yield "ended", "not_in_file"
        return
    old, new = set(before.passkeys), set(after.passkeys)
    turned: tuple[tuple[bool, AccountTurn], ...] = (
        ((before.role, before.factories) != (after.role, after.factories), "role"),
        (before.password != after.password, "password_new"),
        (before.pin != after.pin, "pin_new" if after.pin else "pin_gone"),
        (before.locked != after.locked, "lock" if after.locked else "unlock"),
        (bool(new - old), "passkey_new"),
        (bool(old - new), "passkey_gone"),
        (before.signed_out_at != after.signed_out_at, "signed_out"),
    )
    for happened, turn in turned:
        if happened:
            yield "changed", turn


def changes_file(users: Path) -> Path:
    """Where the changes of a users file are kept."""
    return users.with_name(f"{users.name}.changes")


def read_changes(users: Path) -> list[AccountChange]:
    """Those that are kept, oldest first; a line nobody can read is left out. OSError."""
    try:
        with changes_file(users).open(encoding="utf-8", errors="replace") as file:
            lines = file.read(MAX_CHANGES_BYTES).splitlines()
    except FileNotFoundError:
        return []
    return list(_readable(lines))


def keep_changes(
    users: Path,
    by: AccountActor,
    before: Mapping[str, AccountState],
    after: Mapping[str, AccountState],
) -> None:
    """Keep what became of the accounts; called by who holds the file's lock. OSError."""
    kept = read_changes(users)
    number = max(int(clock.now() * 1e6), kept[-1].number + 1 if kept else 0)
    for name in {**before, **after}:
        change = AccountChange(
            number=number,
            name=name,
            by=by,
            before=before.get(name),
            after=after.get(name),
        )
        if change.before != change.after:
            kept.append(change)
            number += 1
    _write(changes_file(users), kept[-MAX_ACCOUNT_CHANGES:])


def _readable(lines: Iterable[str]) -> Iterator[AccountChange]:
    for line in lines:
        try:
            yield AccountChange.model_validate_json(line)
        except ValidationError:
            continue


def _write(path: Path, kept: Iterable[AccountChange]) -> None:
    """The file is there as a whole or as it was before; readable by its owner only."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.writelines(f"{one.model_dump_json()}\n" for one in kept)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def secret_digest(told: str) -> str:
    """Stands for a secret: another one as soon as that changes, and nothing follows from it."""
    return hashlib.sha256(told.encode()).hexdigest()[:DIGITS]
