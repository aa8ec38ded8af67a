"""The company's directory over LDAP: is this the password of that person, and what are they in.

A person is looked up with the account of this installation, and their password is proven by a bind
of their own. What is typed is never part of a filter unescaped, an empty password is never sent
(RFC 4513 5.1.2: a bind without one succeeds for everybody), and no referral is followed.
"""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import ldap3
from ldap3.core.exceptions import (
    LDAPBusyResult,
    LDAPExceptionError,
    LDAPInvalidCredentialsResult,
    LDAPNoSuchObjectResult,
    LDAPOperationResult,
    LDAPUnavailableResult,
)
from ldap3.core.results import RESULT_SIZE_LIMIT_EXCEEDED, RESULT_SUCCESS
from ldap3.utils.conv import escape_filter_chars
from pydantic import TypeAdapter, ValidationError

from services.common.auth.directory_file import LdapSection
from services.common.auth.directory_people import (
    DirectoryAwayError,
    DirectoryPeople,
    DirectoryRefusedError,
    FoundPerson,
)
from services.common.auth.group_roles import MAX_GROUPS, DirectoryName, GroupRoles
from services.common.auth.passwords import MAX_LENGTH
from services.common.auth.user_file import Accounts

LDAP_CONNECT_S, LDAP_ANSWER_S = 3, 5
_FIT_NAME: TypeAdapter[str] = TypeAdapter(DirectoryName)
_Entry = tuple[str, Mapping[str, list[str]]]
"""Its name in the directory, and its attributes by their names in small letters."""


class LdapDirectory:
    """One directory. Every call is one connection of its own, and blocks for up to ten seconds."""

    def __init__(self, section: LdapSection) -> None:
        """DirectoryFileError if a file it names cannot be used."""
        self._section = section
        self._password = section.bind_password()
        parts = urlsplit(section.url)
        secure = parts.scheme == "ldaps"
        ca_file = str(section.ca_file) if section.ca_file else None
        self._server = ldap3.Server(
            parts.hostname,
            port=parts.port or (636 if secure else 389),
            use_ssl=secure,
            tls=ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=ca_file),
            get_info=ldap3.NONE,
            connect_timeout=LDAP_CONNECT_S,
            allowed_referral_hosts=[],
        )

    def person(self, name: str, password: str) -> FoundPerson:
        """Who signs in with that; DirectoryRefusedError, DirectoryAwayError."""
        if not password or len(password) > MAX_LENGTH or "\0" in password:
            raise DirectoryRefusedError("no password that may be sent")
        # A directory takes wide letters and unseen characters for plain ones: wrong passwords of
        # one person would be counted under as many names.
        if not (name.isascii() and name.isprintable()):
            raise DirectoryRefusedError("the directory knows nobody of that name")
        with self._told(), self._bound(self._section.bind_dn, self._password) as own:
            entry = self._entry(own, name)
            if entry is None:
                raise DirectoryRefusedError("the directory knows nobody of that name")
            self._prove(entry[0], password)
            return self._described(own, entry)

    def still(self, name: str) -> FoundPerson | None:
        """The person as they are known now; None if they have left. DirectoryAwayError."""
        with self._told(), self._bound(self._section.bind_dn, self._password) as own:
            entry = self._entry(own, name)
            return self._described(own, entry) if entry else None

    def _prove(self, dn: str, password: str) -> None:
        try:
            with self._bound(dn, password):
                return
        except (LDAPBusyResult, LDAPUnavailableResult):
            raise
        except LDAPOperationResult as error:
            raise DirectoryRefusedError(f"the directory says {error.description}") from None

    def _entry(self, own: ldap3.Connection, name: str) -> _Entry | None:
        """The one entry of that name, or None; DirectoryRefusedError where there are more."""
        section = self._section
        wanted = f"({section.name_attribute}={escape_filter_chars(name)})"
        found = list(_found(own, section.people, _both(wanted, section.person_filter), section))
        if len(found) > 1:
            raise DirectoryRefusedError("the directory knows several of that name")
        return found[0] if found else None

    def _described(self, own: ldap3.Connection, entry: _Entry) -> FoundPerson:
        section, (dn, attributes) = self._section, entry
        try:
            name = _FIT_NAME.validate_python(
                (attributes.get(section.name_attribute.lower()) or [""])[0]
            )
        except ValidationError:
            raise DirectoryRefusedError("no fit name in the directory") from None
        by_name = section.member_attribute.lower() == "memberuid"
        member = escape_filter_chars(name if by_name else dn)
        wanted = f"({section.member_attribute}={member})"
        groups = _found(own, section.groups, wanted, section)
        names = (attributes.get(section.group_name.lower()) for _, attributes in groups)
        return FoundPerson(name, tuple(one[0] for one in names if one))

    @contextmanager
    def _bound(self, dn: str, password: str) -> Iterator[ldap3.Connection]:
        """A connection that is secure before anything is told over it."""
        made = ldap3.Connection(
            self._server,
            user=dn or None,
            password=password or None,
            auto_bind=ldap3.AUTO_BIND_NONE,
            receive_timeout=LDAP_ANSWER_S,
            raise_exceptions=True,
            auto_referrals=False,
            check_names=False,
            read_only=True,
        )
        try:
            made.open()
            if self._section.starttls and not made.start_tls():
                raise DirectoryAwayError(f"{self._section.url} does not begin TLS")
            # ldap3 raises nothing for a referral: who is not bound has proven nothing.
            if not made.bind():
                told = made.result["description"]
                raise DirectoryAwayError(f"{self._section.url} answers a sign-in with {told}")
            yield made
        finally:
            with suppress(LDAPExceptionError, OSError):  # what went wrong before is what counts
                made.unbind()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except LDAPInvalidCredentialsResult:
            raise DirectoryAwayError(f"{self._section.url} does not take ldap.bind_dn") from None
        except (LDAPExceptionError, OSError, ValueError) as error:
            said = str(error).splitlines() or ["no answer"]
            raise DirectoryAwayError(f"{self._section.url}: {said[0][:300]}") from None


def _both(one: str, other: str) -> str:
    return f"(&{one}{other})" if other else one


def _found(own: ldap3.Connection, base: str, wanted: str, section: LdapSection) -> Iterator[_Entry]:
    """Every entry below `base` that fits; what only leads to another server is left out.

    DirectoryAwayError for a search that was not finished: who is not in it has not left.
    """
    attributes = [section.name_attribute, section.group_name]
    try:
        own.search(base, wanted, attributes=attributes, size_limit=MAX_GROUPS + 1)
    except LDAPNoSuchObjectResult:
        return
    found = [one for one in own.response or () if one["type"] == "searchResEntry"]
    code, told = own.result["result"], own.result["description"]
    too_many = code == RESULT_SIZE_LIMIT_EXCEEDED and len(found) > MAX_GROUPS
    if code != RESULT_SUCCESS and not too_many:
        raise DirectoryAwayError(f"{section.url} answers a search with {told}")
    for one in found:
        read = {name.lower(): _texts(values) for name, values in one["raw_attributes"].items()}
        yield str(one["dn"]), read


def _texts(raw: list[bytes]) -> list[str]:
    return [one.decode(errors="replace") for one in raw]


def people_of(section: LdapSection, accounts: Accounts, roles: GroupRoles) -> DirectoryPeople:
    """The people of that directory; DirectoryFileError if a file it names cannot be used."""
    return DirectoryPeople(LdapDirectory(section), accounts, roles)
