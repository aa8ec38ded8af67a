"""Who may come in: the clients of the tokens file, known by the hash of their token.

JSON Lines, one client a line; empty lines and lines that begin with `#` are left out:

    {"name": "mes", "role": "operator", "sha256": "<64 hex digits>", "environments": ["mock"]}

`environments` may be missing: all. The token itself stands nowhere. `omf token NAME ROLE` makes
one with such a line; made by chance of 256 bits, it needs no slow hash against guessing.
"""

import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints, ValidationError

from omf import faults
from services.common.store.keys import Environment, Role, StreamModel

MAX_TOKEN = 512
"""Longer ones are refused before they are hashed."""
MAX_FILE_BYTES = 1_000_000

_log = logging.getLogger(__name__)


class TokensError(Exception):
    """The tokens file cannot be used; the text names file, line and what is wrong."""


class ApiClient(StreamModel):
    """A system that is known, and what it may."""

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]
    role: Role
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$", to_lower=True)] = Field(
        repr=False
    )
    environments: tuple[Environment, ...] | None = None

    def enters(self, environment: Environment) -> bool:
        """True if this client may look at that environment at all."""
        return self.environments is None or environment in self.environments


LOOPBACK = ApiClient(name="loopback", role=Role.VIEWER, sha256="0" * 64)
"""Whoever asks from this machine while there is no tokens file."""


def digest(token: str) -> str:
    """The hash of a token as it stands in the file."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def minted(
    name: str, role: Role, environments: tuple[Environment, ...] | None = None
) -> tuple[str, ApiClient]:
    """A new token, and the client to write into the file; ValidationError for an unfit name."""
    token = secrets.token_urlsafe(32)
    client = ApiClient(name=name, role=role, sha256=digest(token), environments=environments)
    return token, client


class Tokens:
    """The clients of one file, read again whenever it has changed.

    A change that cannot be used is told in the log and in `flaw`; the last good content stays.
    """

    def __init__(self, path: Path) -> None:
        """TokensError if the file cannot be used."""
        self._path = path
        self._seen = _stamp(path)
        self._clients = _read(path)
        self.flaw: str | None = None

    def of(self, token: str) -> ApiClient | None:
        """The client with this token; every client is compared, in constant time."""
        self._refresh()
        if len(token) > MAX_TOKEN:
            return None
        given = digest(token)
        known = [client for client in self._clients if hmac.compare_digest(client.sha256, given)]
        return known[0] if known else None

    def _refresh(self) -> None:
        try:
            if (seen := _stamp(self._path)) == self._seen:
                return
            self._clients, self._seen, self.flaw = _read(self._path), seen, None
            _log.info("the tokens file was read again", extra={"clients": len(self._clients)})
        except TokensError as error:
            self.flaw = str(error)
            _log.error("the tokens file was changed and cannot be used: %s", error)


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError as error:
        raise TokensError(f"{path}: {error.strerror}") from error
    return found.st_mtime_ns, found.st_size, found.st_ino


def _read(path: Path) -> tuple[ApiClient, ...]:
    try:
        with path.open(encoding="utf-8") as file:
            lines = file.read(MAX_FILE_BYTES).splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise TokensError(f"{path}: {error}") from error
    clients = tuple(_clients(path, lines))
    if len({client.name for client in clients}) != len(clients):
        raise TokensError(f"{path}: a name stands in it twice")
    return clients


def _clients(path: Path, lines: list[str]) -> Iterator[ApiClient]:
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            yield ApiClient.model_validate(json.loads(line))
        except ValidationError as error:
            flaw = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in flaw["loc"])
            raise TokensError(f"{path}, line {number}: {where}: {faults.english(flaw)}") from None
        except ValueError:
            raise TokensError(f"{path}, line {number}: not JSON") from None
