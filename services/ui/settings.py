"""What the user interface is told from outside."""

import secrets
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from omf.constants import MOCK_SPEED
from services.common.auth.directory_file import DirectoryFile, DirectoryFileError
from services.common.process.loopback import is_loopback
from services.common.process.settings import Environments, Named, served
from services.common.store.environments import names
from services.history.location import ArchiveSettings

MIN_SECRET_BYTES = 32


class UiSettings(ArchiveSettings):
    """`OMF_UI_HOST`, `OMF_UI_PORT`, `OMF_ENVIRONMENTS`, and who may sign in how.

    Without a users file nobody can sign in: everybody may look, and only on loopback whoever sits
    there may steer a mock or replayed factory. A person without account leaves no session and no
    file behind.
    """

    environments: Environments = Field(default_factory=served)
    data: Path = Path("data")
    """The archives of the historians are the folder `history` in here (docs/history.md)."""
    mock_speed: float = Field(default=MOCK_SPEED, gt=0)
    """As the simulated factory was told: how long its steps may take before one was measured."""
    ui_host: str = "127.0.0.1"
    ui_port: int = Field(default=8080, ge=1, le=65535)
    ui_users_file: Path | None = None
    """Accounts (`omf user`); one that is not there yet holds nobody."""
    ui_directory_file: Annotated[Path | None, Named] = None
    """Who besides knows people, and what their groups may (docs/security.md)."""
    ui_secret_file: Path | None = None
    """At least 32 random bytes that sign the cookies: `head -c 48 /dev/urandom | base64`."""
    ui_proxies: str = ""
    """Comma list of proxies whose X-Forwarded-For and -Proto are believed; they hand Host on."""
    ui_parts: dict[str, str] = Field(default_factory=dict)
    """Roots of the health pages by part, as JSON: {"ingest-live": "http://ingest-live:9100"}."""
    ui_sequences: Path | None = None
    """A folder of sequences of commands, one YAML file each (docs/sequences.md)."""
    ui_tls_cert: Path | None = None
    ui_tls_key: Path | None = None
    """PEM files; with both the pages are served over HTTPS."""

    @model_validator(mode="after")
    def _safe(self) -> Self:
        people = {"USERS": self.ui_users_file, "DIRECTORY": self.ui_directory_file}
        named = [f"OMF_UI_{one}_FILE" for one, path in people.items() if path is not None]
        if self.ui_secret_file is None and named and not self.local:
            raise ValueError(
                f"OMF_UI_HOST={self.ui_host} can be reached by others and {named[0]} is set:"
                " name a file of at least 32 random bytes in OMF_UI_SECRET_FILE"
            )
        self.directory()
        if (self.ui_tls_cert is None) != (self.ui_tls_key is None):
            raise ValueError("OMF_UI_TLS_CERT and OMF_UI_TLS_KEY belong together: set both")
        self.secret()
        return self

    @property
    def local(self) -> bool:
        """True when only this machine can reach the pages."""
        return is_loopback(self.ui_host) and not self.ui_proxies

    def directory(self) -> DirectoryFile | None:
        """Who besides knows people; ValueError if the file cannot be used."""
        path = self.ui_directory_file
        try:
            return DirectoryFile.read(path, names()) if path else None
        except DirectoryFileError as error:
            raise ValueError(f"OMF_UI_DIRECTORY_FILE: {error}") from None

    def secret(self) -> bytes:
        """What signs the cookies; on a laptop without a file one that ends with the process.

        ValueError if the file cannot be read or holds less than 32 bytes.
        """
        if self.ui_secret_file is None:
            return secrets.token_bytes(MIN_SECRET_BYTES)
        try:
            found = self.ui_secret_file.read_bytes().strip()
        except OSError as error:
            raise ValueError(
                f"OMF_UI_SECRET_FILE {self.ui_secret_file}: {error.strerror}"
            ) from None
        if len(found) < MIN_SECRET_BYTES:
            raise ValueError(
                f"OMF_UI_SECRET_FILE {self.ui_secret_file} holds {len(found)} bytes; at least "
                f"{MIN_SECRET_BYTES} are needed: head -c 48 /dev/urandom | base64 > FILE"
            )
        return found
