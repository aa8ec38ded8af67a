"""Who may come in: the clients of the tokens file, known by the hash of their token.

One client a line:

    {"name": "mes", "role": "operator", "sha256": "<64 hex digits>", "environments": ["mock"]}

`environments` may be missing: all. `"alerts": true` lets an Alertmanager hand over its alerts. The
token itself stands nowhere. `omf token NAME ROLE` makes one with such a line; made by chance of
256 bits, it needs no slow hash against guessing.
"""

import hashlib
import hmac
import secrets
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from services.common.auth.record_file import NamedRecord, RecordFile, RecordFileError
from services.common.store.keys import Environment, Role

MAX_TOKEN = 512
"""Longer ones are refused before they are hashed."""


class TokensError(RecordFileError):
    """The tokens file cannot be used; the text names file, line and what is wrong."""


class ApiClient(NamedRecord):
    """A system that is known, and what it may."""

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]
    role: Role
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$", to_lower=True)] = Field(
        repr=False
    )
    environments: tuple[Environment, ...] | None = None
    alerts: bool | None = None
    """True: may hand over alerts whatever its role, as an Alertmanager that may nothing else."""

    @property
    def may_tell_alerts(self) -> bool:
        """Whether what it says of alerts is taken."""
        return bool(self.alerts) or self.role.includes(Role.OPERATOR)

    @property
    def counted_as(self) -> str:
        """Its name among figures."""
        return self.name

    def role_at(self, _environment: Environment) -> Role:
        """What this client may in one factory: the same in each."""
        return self.role

    def enters(self, environment: Environment) -> bool:
        """True if this client may look at that environment at all."""
        return self.environments is None or environment in self.environments


LOOPBACK = ApiClient(name="loopback", role=Role.VIEWER, sha256="0" * 64)
"""Whoever asks from this machine while there is no tokens file."""


def digest(token: str) -> str:
    """The hash of a token as it stands in the file."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def minted(
    name: str,
    role: Role,
    environments: tuple[Environment, ...] | None = None,
    *,
    alerts: bool = False,
) -> tuple[str, ApiClient]:
    """A new token, and the client to write into the file; ValidationError for an unfit name."""
    token = secrets.token_urlsafe(32)
    client = ApiClient(
        name=name,
        role=role,
        sha256=digest(token),
        environments=environments,
        alerts=alerts or None,
    )
    return token, client


class Tokens(RecordFile[ApiClient]):
    """The clients of one file."""

    def __init__(self, path: Path) -> None:
        """TokensError if the file cannot be used."""
        super().__init__(path, ApiClient, TokensError)

    def of(self, token: str) -> ApiClient | None:
        """The client with this token; every client is compared, in constant time."""
        clients = self.all().values()
        if len(token) > MAX_TOKEN:
            return None
        given = digest(token)
        known = [client for client in clients if hmac.compare_digest(client.sha256, given)]
        return known[0] if known else None
