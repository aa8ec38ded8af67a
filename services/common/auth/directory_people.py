"""Names and passwords that the company's directory knows, with the groups that count here."""

from typing import NamedTuple, Protocol

from services.common.auth.group_roles import DirectoryAccount, GroupRoles, GroupsError
from services.common.auth.user_file import Accounts


class DirectoryAwayError(Exception):
    """The directory does not answer as it should; the text says how."""


class DirectoryRefusedError(Exception):
    """Nobody has that name and that password; the text says why, for the log."""


class FoundPerson(NamedTuple):
    """A person as the directory writes their name, and the groups they are in."""

    name: str
    groups: tuple[str, ...]


class PeopleDirectory(Protocol):
    """What is asked of a directory; both calls block. DirectoryAwayError while it is away."""

    def person(self, name: str, password: str) -> FoundPerson:
        """Who signs in with that; DirectoryRefusedError."""

    def still(self, name: str) -> FoundPerson | None:
        """The person as they are known now; None if they have left."""


class DirectoryPeople:
    """The people of one directory as far as they may do something here."""

    def __init__(self, directory: PeopleDirectory, accounts: Accounts, roles: GroupRoles) -> None:
        self._directory = directory
        self._accounts = accounts
        self._roles = roles

    def person(self, name: str, password: str) -> FoundPerson:
        """Who signs in with that, with the groups that have a role here.

        DirectoryRefusedError, GroupsError where none has, DirectoryAwayError.
        """
        found = self._directory.person(name, password)
        if self._accounts.like(found.name):
            raise DirectoryRefusedError(f"a local account has the name {found.name} already")
        return FoundPerson(found.name, self._roles.known(found.groups))

    def account(self, name: str, password: str) -> DirectoryAccount:
        """The same with what they may; raises the same."""
        found = self.person(name, password)
        account = self._roles.account(*found)
        if account is None:
            raise GroupsError("no group has a role here")
        return account

    def groups_now(self, name: str) -> tuple[str, ...]:
        """The groups that count now; () for who has left or has no right. DirectoryAwayError."""
        try:
            found = self._directory.still(name)
            return self._roles.known(found.groups) if found else ()
        except (GroupsError, DirectoryRefusedError):
            return ()
