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

    @property
    def shown_title(self) -> str:
        """What the button says."""
        return self.title or urlsplit(self.issuer).hostname or self.issuer

    def client_secret(self) -> str:
        """The secret of the file; "" without one. DirectoryFileError if it cannot be read."""
        return secret_of(self.client_secret_file, "client_secret_file")


class DirectoryFile(_Section):
    """The whole file."""

    groups: MappedGroups
    oidc: OidcSection | None = None

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if self.oidc is None:
            raise ValueError("names nobody who knows the people: add oidc")
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
