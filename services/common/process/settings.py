"""What a process is told from outside: `OMF_*` variables, read once, never changed."""

import os
import socket
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import (
    BeforeValidator,
    DirectoryPath,
    Field,
    FilePath,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)

from omf import faults
from omf.factories import DEFAULT_FACTORIES, brokers_of
from services.common.process import factory_scope, server_address
from services.common.process.exit_codes import ExitCode
from services.common.store import environments
from services.common.store.keys import Environment
from services.common.store.requirements import Durability

if TYPE_CHECKING:
    from omf.analysis.shifts import ShiftCalendar


def _split(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(dict.fromkeys(name.strip() for name in value.split(",") if name.strip()))


Environments = Annotated[
    tuple[Environment, ...], NoDecode, BeforeValidator(_split), Field(min_length=1)
]
"""`OMF_ENVIRONMENTS`: the comma list of what a process serves, the usual one first."""


def served() -> tuple[Environment, ...]:
    """What is served where OMF_ENVIRONMENTS says nothing: all of a file, else the mock."""
    known = environments.factories()
    return (known.usual,) if known is DEFAULT_FACTORIES else known.names


def _told_broker(known: dict[str, Any]) -> str:
    """What the file of factories names for the environment; else a broker of this machine."""
    found = environments.factories().get(known.get("environment", ""))
    return (found and found.broker) or "mqtt://127.0.0.1:1883"


def _named(value: object) -> object:
    return None if value == "" else value


Named = BeforeValidator(_named)
"""Of a file or folder that need not be there: a variable left empty names none."""


class ServiceSettings(BaseSettings):
    """What every process of one environment needs; services add their own fields."""

    model_config = SettingsConfigDict(env_prefix="OMF_", frozen=True, extra="ignore")

    environment: Environment = Field(default_factory=environments.usual, validate_default=True)
    store_url: str = "redis://127.0.0.1:6379/0"
    mqtt_url: str = Field(default_factory=_told_broker)
    secrets: DirectoryPath | None = None
    """A folder of files, each the value of the setting it is named after: `omf_store_password`."""
    store_password: SecretStr | None = None
    mqtt_password: SecretStr | None = None
    store_ca_file: FilePath | None = None
    """Who signs the store (`rediss://`); without one the machine's own list counts."""
    store_replicas: int = Field(default=0, ge=0, le=8)
    """Decisions, publishes and messages count once so many replicas of the store have them too."""
    mqtt_ca_file: FilePath | None = None
    """Who signs the broker (`mqtts://`)."""
    unprotected: bool = False
    """Servers of other machines may be used without an account."""
    durability: Durability = "everysec"
    """`always`: ingest, orders and gateway work only on a store that syncs before it answers."""
    metrics_port: int = Field(default=0, ge=0, le=65535)
    """Port of /health and /metrics on loopback; 0 serves none."""
    metrics_host: str = "127.0.0.1"
    node: str = Field(default_factory=socket.gethostname, min_length=1, max_length=64)
    """Name of this machine among those that stand by for each other; its host name as it is."""
    log_level: str = "INFO"
    otel_endpoint: str = ""
    """OTLP/HTTP address of a collector, as http://127.0.0.1:4318/v1/traces; "" traces nothing."""

    shifts: Annotated[FilePath | None, Named] = None
    """The calendar of shifts (omf/analysis/shifts.yaml); without one there are three a day."""

    @field_validator("shifts")
    @classmethod
    def _readable(cls, path: Path | None) -> Path | None:
        if path is not None:
            _calendar(path)
        return path

    @property
    def shift_calendar(self) -> "ShiftCalendar":
        """Which shift a moment lies in."""
        return _calendar(self.shifts)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        *_: PydanticBaseSettingsSource,
        **__: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is passed, then the environment, then the files of OMF_SECRETS."""
        told = os.environ.get("OMF_SECRETS", "")
        files = _secret_files(settings_cls, Path(told)) if told else ()
        if (factory := factory_scope.current()) is None:
            return init_settings, env_settings, *files
        prefix = environments.variable_prefix(factory)
        own = EnvSettingsSource(settings_cls, env_prefix=prefix)
        own_files = _secret_files(settings_cls, Path(told) / factory) if told else ()
        return init_settings, own, *own_files, env_settings, *files

    @model_validator(mode="after")
    def _protected(self) -> Self:
        for what, url, password in (
            ("STORE", self.store_url, self.store_password),
            ("MQTT", self.mqtt_url, self.mqtt_password),
        ):
            if flaw := server_address.unfit(url, password, what=what, unprotected=self.unprotected):
                raise ValueError(flaw)
        # The account of a real factory's broker is the factory's own business.
        ours = () if environments.is_live(self.environment) else (("mqtt", self.mqtt_password),)
        for name, secret in (("store", self.store_password), *ours):
            text = secret.get_secret_value() if secret else ""
            if text and (flaw := server_address.weakness(text)):
                raise ValueError(f"the secret omf_{name}_password {flaw}; `make secrets` draws one")
        return self

    @property
    def store_address(self) -> str:
        """The store with its password and who signs it: for the driver, never for a log."""
        return server_address.complete(
            self.store_url, self.store_password, ("ssl_ca_certs", self.store_ca_file)
        )

    @property
    def mqtt_address(self) -> str:
        """The broker with its password and who signs it: for the driver, never for a log."""
        return server_address.complete(self.mqtt_url, self.mqtt_password, ("ca", self.mqtt_ca_file))

    @classmethod
    def read_each(cls, **given: Any) -> list[Self]:
        """The settings of each factory that OMF_ENVIRONMENT names, `*` being all there are.

        Of several each has its own where there are such: `OMF_<FACTORY>_STORE_PASSWORD` before
        OMF_STORE_PASSWORD, files of OMF_SECRETS/<factory> before those of OMF_SECRETS.
        """
        named = _split(os.environ.get("OMF_ENVIRONMENT", ""))
        if not isinstance(named, tuple) or not named or (len(named) == 1 and named != ("*",)):
            return [cls.read(**given)]
        each = []
        for name in cls._all() if named == ("*",) else named:
            with factory_scope.of(name):
                each.append(cls.read(environment=name, **given))
        return each

    @classmethod
    def _all(cls) -> tuple[str, ...]:
        try:
            return environments.names()
        except environments.FactoriesError as error:
            sys.stderr.write(f"{error}\n")
            raise SystemExit(ExitCode.BAD_SETTINGS) from None

    @classmethod
    def read(cls, **given: Any) -> Self:
        """The settings; where one does not fit, a line on stderr names it and the process ends."""
        try:
            environments.factories()
            return cls(**given)
        except environments.FactoriesError as error:
            sys.stderr.write(f"{error}\n")
            raise SystemExit(ExitCode.BAD_SETTINGS) from None
        except ValidationError as error:
            factory = factory_scope.current()
            whose = f"{factory}: " if factory else ""
            sys.stderr.writelines(f"{whose}{line}\n" for line in complaints(error, cls))
            raise SystemExit(ExitCode.BAD_SETTINGS) from None

    def shown(self) -> dict[str, Any]:
        """The settings as they may be logged: passwords in URLs are starred."""
        return {name: _starred(value) for name, value in self.model_dump(mode="json").items()}


def _secret_files(
    settings_cls: type[BaseSettings], folder: Path
) -> tuple[PydanticBaseSettingsSource, ...]:
    return (SecretsSettingsSource(settings_cls, folder),) if folder.is_dir() else ()


def shared_broker(each: Sequence[ServiceSettings]) -> str:
    """In words that two factories of a process have one broker, and the mend; "" for none."""
    seen: dict[tuple[str, int], str] = {}
    for one in each:
        nodes = brokers_of(one.mqtt_url)
        others = [seen.setdefault(node, one.environment) for node in nodes]
        if other := next((name for name in others if name != one.environment), ""):
            variable = environments.broker_variable(one.environment)
            return (
                f"{other} and {one.environment} have one broker, and a command of one would reach"
                f" the other; name its own in the file of factories or in {variable}"
            )
    return ""


@cache
def _calendar(path: Path | None) -> "ShiftCalendar":
    from omf.analysis import shifts  # noqa: PLC0415 - most processes ask for no shift

    return shifts.ShiftCalendar.parse(path.read_text("utf-8")) if path else shifts.default_shifts()


def complaints(error: ValidationError, model: type[BaseSettings]) -> Iterator[str]:
    """What is wrong with each variable and how to mend it, without its value: it may be secret."""
    for item in error.errors():
        said = faults.fault_text(item).en
        if not item["loc"]:
            yield said
            continue
        name = str(item["loc"][0])
        yield f"OMF_{name.upper()}: {said}{_mend(model, name)}"


def _mend(model: type[BaseSettings], name: str) -> str:
    """What would fit, and what holds without the variable; "" where neither is known."""
    field = model.model_fields.get(name)
    if field is None:
        return ""
    bounds = {
        key: getattr(one, key)
        for one in field.metadata
        for key in ("ge", "le")
        if hasattr(one, key)
    }
    room = " (from {ge} to {le})".format(**bounds) if len(bounds) == len(("ge", "le")) else ""
    if field.is_required():
        return f"{room}; set it right"
    default = field.get_default(call_default_factory=True, validated_data={})
    default = ",".join(default) if isinstance(default, tuple) else default
    without = "" if default in (None, "") else f", then it is {str(default).lower()}"
    return f"{room}; mend it or leave it out{without}"


def _starred(value: Any) -> Any:
    if not isinstance(value, str) or "@" not in value or "://" not in value:
        return value
    return server_address.hidden(value)
