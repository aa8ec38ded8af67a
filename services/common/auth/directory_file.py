"""The file OMF_UI_DIRECTORY_FILE: who knows the people of this company, and what each may.

    oidc: {issuer: "https://login.example.org", client_id: omf, pages: "https://omf.example.org"}
    groups: {plant-operators: operator, plant-admins: admin}

A service reads it once, when it starts. docs/security.md says how to fill it.
"""

import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FilePath, model_validator

from omf.yaml_files import YamlFileError, line_of, read_yaml
from services.common.auth.group_roles import MappedGroups
from services.common.process.loopback import is_loopback

MAX_DIRECTORY_FILE_BYTES = 200_000
MIN_LASTS_MINUTES, MAX_LASTS_MINUTES = 5, 480


class DirectoryFileError(ValueError):
    """The file cannot be used; the text says where, what and how to mend it."""


def _web_address(address: str) -> str:
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    if not host or not safe or parts.query or parts.fragment or parts.username:
        raise ValueError("is no address of the form https://host[/path]")
    return address.rstrip("/")


def _ldap_address(address: str) -> str:
    try:
        parts = urlsplit(address)
        fits = parts.hostname and (parts.port or 1) and parts.scheme in {"ldap", "ldaps"}
    except ValueError:
        parts, fits = urlsplit(""), None
    if not fits or parts.path.strip("/") or parts.query or parts.username:
        raise ValueError("is no address of the form ldaps://host[:port]")
    return address


LdapAddress = Annotated[str, AfterValidator(_ldap_address)]
DistinguishedName = Annotated[str, Field(min_length=1, max_length=500)]
AttributeName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$")]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Claim = Annotated[str, Field(min_length=1, max_length=100)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OidcSection(_Section):
    """A provider of OpenID Connect, and how this installation is known to it."""

    issuer: WebAddress
    client_id: str = Field(min_length=1, max_length=200)
    client_secret_file: FilePath | None = None
    """None for a public client: the code is bound to the browser by PKCE alone."""
    pages: WebAddress
    """Where browsers find the pages; `<pages>/login/oidc/done` is to be registered there."""
    title: str = Field("", max_length=60)
    """What people call it; "": the host of the issuer."""
    name_claim: Claim = "preferred_username"
    groups_claim: Claim = "groups"
    scopes: str = Field("openid profile", pattern=r"^openid( [\x21-\x7e]+)*$", max_length=300)
    ca_file: FilePath | None = None
    """Who signs the provider's certificate; None: whoever this machine trusts."""
    lasts_minutes: int = Field(60, ge=MIN_LASTS_MINUTES, le=MAX_LASTS_MINUTES)
    """A sign-in lasts so long; then the provider is asked again, which knows who has left."""
    token_days: int = Field(7, ge=0, le=30)
    """Personal tokens rest once their person has not signed in for so long; 0: none works."""

    @property
    def shown_title(self) -> str:
        """What the button says."""
        return self.title or urlsplit(self.issuer).hostname or self.issuer

    def client_secret(self) -> str:
        """The secret of the file; "" without one. DirectoryFileError if it cannot be read."""
        return secret_of(self.client_secret_file, "client_secret_file")


class LdapSection(_Section):
    """A directory over LDAP, and where in it people and groups are."""

    url: LdapAddress
    starttls: bool = False
    """True: what begins as `ldap://` is made secure before anything is told."""
    ca_file: FilePath | None = None
    """Who signs the directory's certificate; None: whoever this machine trusts."""
    bind_dn: str = Field("", max_length=500)
    """The account that looks people up; "": anybody may."""
    bind_password_file: FilePath | None = None
    people: DistinguishedName
    name_attribute: AttributeName = "uid"
    person_filter: str = Field("", max_length=1000, pattern=r"^(\(.+\))?$")
    """Who of them counts, as `(!(pwdAccountLockedTime=*))`; "": everybody."""
    groups: DistinguishedName
    member_attribute: AttributeName = "member"
    group_name: AttributeName = "cn"
    recheck_minutes: int = Field(5, ge=1, le=60)
    """So often the directory is asked whether people who are signed in are still in it."""

    @model_validator(mode="after")
    def _secure(self) -> Self:
        parts = urlsplit(self.url)
        if parts.scheme == "ldap" and not self.starttls and not is_loopback(str(parts.hostname)):
            raise ValueError("passwords would travel in the open: use ldaps:// or starttls: true")
        if parts.scheme == "ldaps" and self.starttls:
            raise ValueError("ldaps:// is secure from the beginning: leave starttls out")
        if bool(self.bind_dn) != bool(self.bind_password_file):
            raise ValueError("bind_dn and bind_password_file belong together: name both or none")
        return self

    def bind_password(self) -> str:
        """The password of `bind_dn`; "" without one. DirectoryFileError if it cannot be read."""
        return secret_of(self.bind_password_file, "bind_password_file")


class DirectoryFile(_Section):
    """The whole file."""

    groups: MappedGroups
    oidc: OidcSection | None = None
    ldap: LdapSection | None = None

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if self.oidc is None and self.ldap is None:
            raise ValueError("names nobody who knows the people: add oidc or ldap")
        return self

    @classmethod
    def read(cls, path: Path, factories: Sequence[str]) -> Self:
        """The content of a file; DirectoryFileError says in one line what is wrong and where.

        `factories` are those there are: a right at another one would be a typing error.
        """
        try:
            with path.open(encoding="utf-8") as file:
                source = file.read(MAX_DIRECTORY_FILE_BYTES)
            found = read_yaml(source, cls)
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
            raise DirectoryFileError(f"{path}: {why}") from None
        except YamlFileError as error:
            raise DirectoryFileError(f"{path}: {error}") from None
        for group, grants in found.groups.items():
            if unknown := [one.factory for one in grants if one.factory not in ("", *factories)]:
                line = line_of(source, ("groups", group))
                known = ", ".join(factories)
                raise DirectoryFileError(
                    f"{path}: line {line}: groups.{group}: there is no factory {unknown[0]}; known "
                    f"are {known}"
                )
        if found.oidc:
            found.oidc.client_secret()
            tls_of(found.oidc.ca_file)
        if found.ldap:
            found.ldap.bind_password()
            tls_of(found.ldap.ca_file)
        return found


def secret_of(path: Path | None, name: str) -> str:
    """The secret in a file; "" for none. DirectoryFileError if it cannot be read or is empty."""
    if path is None:
        return ""
    try:
        found = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise DirectoryFileError(f"{name} {path} cannot be read") from None
    if not found:
        raise DirectoryFileError(f"{name} {path} is empty: write the secret into it")
    return found


def tls_of(ca_file: Path | None) -> ssl.SSLContext:
    """Who is trusted to sign a server: that authority, else whoever this machine trusts.

    DirectoryFileError for a file that holds no certificate.
    """
    try:
        return ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    except (OSError, ssl.SSLError):
        raise DirectoryFileError(f"ca_file {ca_file} holds no certificate") from None
