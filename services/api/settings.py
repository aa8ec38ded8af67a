"""What the HTTP door is told from outside."""

from pathlib import Path
from typing import Self

from pydantic import Field, FilePath, model_validator

from services.common.process.loopback import is_loopback
from services.common.process.settings import Environments, served
from services.history.location import ArchiveSettings


class ApiSettings(ArchiveSettings):
    """`OMF_API_HOST`, `OMF_API_PORT`, `OMF_API_TOKENS_FILE`, the certificate, `OMF_ENVIRONMENTS`.

    Without a tokens file nobody is known: then only this machine may ask, and only look.
    """

    environments: Environments = Field(default_factory=served)
    api_host: str = "127.0.0.1"
    api_port: int = Field(default=8081, ge=1, le=65535)
    api_tokens_file: Path | None = None
    api_tls_cert: FilePath | None = None
    api_tls_key: FilePath | None = None
    """PEM files; with both the door speaks HTTPS only."""

    @model_validator(mode="after")
    def _open_only_to_the_known(self) -> Self:
        if self.api_tokens_file is None and not is_loopback(self.api_host):
            raise ValueError(
                f"OMF_API_HOST={self.api_host} can be reached by others: name the clients in "
                "OMF_API_TOKENS_FILE, or bind 127.0.0.1"
            )
        if (self.api_tls_cert is None) != (self.api_tls_key is None):
            raise ValueError("OMF_API_TLS_CERT and OMF_API_TLS_KEY belong together: set both")
        return self
