"""Who has an account: the users file, one person a line.

    {"name": "anna", "role": "viewer", "password": "$argon2id$...", "locked": false,
     "factories": {"hall-2": "operator"}}

A file that is not there holds nobody: no account and no password comes with the system. `omf user`
and the page of administrators write it.
"""

import copy
import fcntl
import logging
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.common.auth.account_changes import (
    BY_HAND,
    AccountActor,
    AccountChange,
    AccountState,
    changes_file,
    keep_changes,
    read_changes,
    secret_digest,
)
from services.common.auth.passkey import MAX_PASSKEYS, Passkey
from services.common.auth.record_file import NamedRecord, RecordFile, RecordFileError
from services.common.store.keys import Role

RESERVED_NAMES = frozenset({"local", "guest", "loopback", "cli"})
"""Names under which those stand in the audit who have no account."""

NO_PASSWORD = "$argon2id$no-password-fits-this"  # noqa: S105 - as `*` in /etc/shadow
"""Of who signs in another way only: no password has this hash."""
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$")]
AccountsReason = Literal["file", "taken", "reserved", "unknown", "name", "password", "differ"]


_log = logging.getLogger(__name__)


class AccountsError(RecordFileError):
    """The users file cannot be used or changed so; the text says where and how to mend it."""

    def __init__(self, text: str, reason: AccountsReason = "file") -> None:
        super().__init__(text)
        self.reason: AccountsReason = reason


class Account(NamedRecord):
    """One person: what they may, and the hash that their password is checked against."""

    name: Name
    role: Role
    password: Annotated[str, StringConstraints(pattern=r"^\$argon2id\$\S{20,400}$")] = Field(
        repr=False
    )
    pin: Annotated[str, StringConstraints(pattern=r"^(\$argon2id\$\S{20,400})?$")] = Field(
        default="", repr=False
    )
    """Hash of the code that changes the person at a shared screen; "": none (pins.py)."""
    locked: bool = False
    """True: signs in no more, and open sessions end."""
    factories: dict[str, Role] = Field(default_factory=dict)
    """Factories in which the person may more than `role`."""
    passkeys: tuple[Passkey, ...] = Field((), max_length=MAX_PASSKEYS, repr=False)
    signed_out_at: float = 0.0
    """Unix seconds: every sign-in that began before is over; 0: the person never asked for it."""

    def role_at(self, factory: str) -> Role:
        """What the person may in one factory."""
        return max(self.role, self.factories.get(factory, self.role), key=lambda role: role.rank)

    @property
    def state(self) -> AccountState:
        """What the audit is told of the account."""
        return AccountState(
            role=self.role,
            factories=dict(sorted(self.factories.items())),
            password=secret_digest(self.password),
            pin=secret_digest(self.pin) if self.pin else "",
            locked=self.locked,
            passkeys=tuple(secret_digest(one.id) for one in self.passkeys),
            signed_out_at=self.signed_out_at,
        )

    @property
    def sign_in_key(self) -> bytes:
        """What a sign-in is sealed with: another password or a sign-out everywhere ends it."""
        stamp = f"\n{self.signed_out_at!r}" if self.signed_out_at else ""
        return f"{self.password}{stamp}".encode()


class Accounts(RecordFile[Account]):
    """The accounts of one file, and their changes."""

    def __init__(self, path: Path | None) -> None:
        """`path` None: nobody has an account. AccountsError if the file cannot be used."""
        super().__init__(path, Account, AccountsError, optional=True)
        self.actor = BY_HAND

    def acting(self, actor: AccountActor) -> "Accounts":
        """The same accounts, changed in the name of somebody: it stands so in the audit."""
        found = copy.copy(self)
        found.actor = actor
        return found

    def with_changes(self) -> tuple[dict[str, Account], list[AccountChange]]:
        """What stands in the file now, and who made it so; AccountsError."""
        if self.path is None:
            return {}, []
        if self.version() is None and not changes_file(self.path).exists():
            return {}, []
        try:
            with _alone(self.path):
                return self.read(), read_changes(self.path)
        except OSError as error:
            raise AccountsError(f"{self.path}: {error.strerror}") from error

    def get(self, name: str) -> Account | None:
        """The account of that name."""
        return self.all().get(name)

    def like(self, name: str) -> bool:
        """True if a local account, or those without one, have this name whatever its case."""
        same = name.casefold()
        return same in RESERVED_NAMES or any(one.casefold() == same for one in self.all())

    def add(self, account: Account) -> None:
        """A new person; AccountsError if the name is taken or kept for those without account."""
        if account.name.casefold() in RESERVED_NAMES:
            raise AccountsError(f"{account.name!r} is kept for people without account", "reserved")
        self._change(lambda known: {**_free(known, account.name), account.name: account})

    def add_first(self, account: Account) -> None:
        """The first person; AccountsError if anybody has an account by now."""
        if account.name.casefold() in RESERVED_NAMES:
            raise AccountsError(f"{account.name!r} is kept for people without account", "reserved")
        self._change(lambda known: {**_nobody(known), account.name: account})

    def change(self, name: str, **fields: object) -> None:
        """Other values of an account, `password` as a hash; AccountsError for an unknown name.

        Another `role` holds in every factory: what the person was in single ones is given up.
        Another password takes the passkeys along: somebody else may have made one of them.
        """
        if "password" in fields:
            fields = {"passkeys": (), **fields}
        if "role" in fields:
            fields = {"factories": {}, **fields}

        def made(known: dict[str, Account]) -> dict[str, Account]:
            changed = Account.model_validate({**_one(known, name).model_dump(), **fields})
            return {**known, name: changed}

        self._change(made)

    def give(self, name: str, role: Role, factories: Iterable[str]) -> None:
        """Another role in some factories alone; AccountsError for an unknown name."""

        def made(known: dict[str, Account]) -> dict[str, Account]:
            account = _one(known, name)
            given = {**account.factories, **dict.fromkeys(factories, role)}
            more = {one: r for one, r in given.items() if r.rank > account.role.rank}
            return {**known, name: account.model_copy(update={"factories": more})}

        self._change(made)

    def count_passkey(self, name: str, key: str, count: int) -> None:
        """A passkey was used so often by now; one that was taken away meanwhile stays away.

        AccountsError as `change`.
        """

        def made(known: dict[str, Account]) -> dict[str, Account]:
            account = _one(known, name)
            kept = tuple(
                one.model_copy(update={"count": count}) if one.id == key else one
                for one in account.passkeys
            )
            return {**known, name: account.model_copy(update={"passkeys": kept})}

        self._change(made)

    def remove(self, name: str) -> None:
        """The person has no account any more; AccountsError for an unknown name."""
        self._change(lambda known: {n: a for n, a in known.items() if n != _one(known, name).name})

    def _change(self, made: Callable[[dict[str, Account]], dict[str, Account]]) -> None:
        if self.path is None:
            raise AccountsError("no users file is named: set OMF_UI_USERS_FILE")
        try:
            with _alone(self.path):
                before = self.read()
                after = made(before)
                _write(self.path, after)
                self._keep(self.path, before, after)
        except OSError as error:
            raise AccountsError(f"{self.path}: {error.strerror}") from error
        self.all()

    def _keep(self, path: Path, before: dict[str, Account], after: dict[str, Account]) -> None:
        """Who did it; where that cannot be kept, the audit says of it only that it was done."""
        try:
            keep_changes(path, self.actor, _states(before), _states(after))
        except OSError as error:
            _log.error("who changed %s cannot be kept: %s", path, error.strerror)


def _states(known: dict[str, Account]) -> dict[str, AccountState]:
    return {name: account.state for name, account in known.items()}


def _one(known: dict[str, Account], name: str) -> Account:
    if name not in known:
        said = f"nobody is called {name!r}; known are: {', '.join(known) or '-'}"
        raise AccountsError(said, "unknown")
    return known[name]


def _free(known: dict[str, Account], name: str) -> dict[str, Account]:
    if name in known:
        raise AccountsError(f"{name!r} has an account already", "taken")
    return known


def _nobody(known: dict[str, Account]) -> dict[str, Account]:
    if known:
        raise AccountsError("there is an account already: sign in", "taken")
    return known


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One change at a time, whether from a page or from the command line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write(path: Path, known: dict[str, Account]) -> None:
    """The file is there as a whole or as it was before; readable by its owner only."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.writelines(f"{account.model_dump_json()}\n" for account in known.values())
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
