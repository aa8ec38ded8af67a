"""What a process is told from outside: `OMF_*` variables, read once, never changed."""

import sys
from collections.abc import Iterator
from typing import Annotated, Any, Self
from urllib.parse import urlsplit, urlunsplit

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from services.common.streams import Environment

UNFIT = 2
"""Exit code of a process whose settings do not fit."""


def _split(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(dict.fromkeys(name.strip() for name in value.split(",") if name.strip()))


Environments = Annotated[
    tuple[Environment, ...], NoDecode, BeforeValidator(_split), Field(min_length=1)
]
"""`OMF_ENVIRONMENTS`: the comma list of what a process serves, the usual one first."""


class ServiceSettings(BaseSettings):
    """What every process of one environment needs; services add their own fields."""

    model_config = SettingsConfigDict(env_prefix="OMF_", frozen=True, extra="ignore")

    environment: Environment = "mock"
    store_url: str = "redis://127.0.0.1:6379/0"
    mqtt_url: str = "mqtt://127.0.0.1:1883"
    metrics_port: int = Field(default=0, ge=0, le=65535)
    """Port of /health and /metrics on loopback; 0 serves none."""
    metrics_host: str = "127.0.0.1"
    log_level: str = "INFO"
    otel_endpoint: str = ""
    """OTLP/HTTP address of a collector, as http://127.0.0.1:4318/v1/traces; "" traces nothing."""

    @classmethod
    def read(cls) -> Self:
        """The settings; where one does not fit, a line on stderr names it and the process ends."""
        try:
            return cls()
        except ValidationError as error:
            sys.stderr.writelines(f"{line}\n" for line in complaints(error))
            raise SystemExit(UNFIT) from None

    def shown(self) -> dict[str, Any]:
        """The settings as they may be logged: passwords in URLs are starred."""
        return {name: _starred(value) for name, value in self.model_dump(mode="json").items()}


def complaints(error: ValidationError) -> Iterator[str]:
    """What is wrong with each variable and what would fit, without its value: it may be secret."""
    for item in error.errors():
        name = f"OMF_{item['loc'][0]}: ".upper() if item["loc"] else ""
        yield name + item["msg"].removeprefix("Value error, ")


def _starred(value: Any) -> Any:
    if not isinstance(value, str) or "@" not in value or "://" not in value:
        return value
    parts = urlsplit(value)
    user = f"{parts.username}:***@" if parts.password else f"{parts.username}@"
    host = f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
    return urlunsplit(parts._replace(netloc=user + host))
