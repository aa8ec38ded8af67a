"""Where store, brokers and parts are: from run.json, the environment, or by default."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import Field

from omf.constants import MOCK_SPEED
from services.common.process.settings import Environments, ServiceSettings, served
from services.common.store import environments
from services.common.store.bus import Bus
from services.common.store.keys import Environment
from services.history.location import storage_of
from services.history.storage import ArchiveStorage
from services.supervisor.runfile import RUN_FILE_NAME, NotRunningError, RunFile, read

DEFAULT_DATA = Path("data")


class _Told(ServiceSettings):
    """What the pages are told, for the command line beside them on a factory server."""

    environments: Environments = Field(default_factory=served)
    ui_parts: dict[str, str] = Field(default_factory=dict)
    pages_url: str = ""
    pages_ca_file: Path | None = None


def data_folder(run: Path | None) -> Path:
    """The data of the system that is meant: `--run DIR`, else OMF_DATA, else ./data."""
    return run or Path(os.environ.get("OMF_DATA") or DEFAULT_DATA)


@dataclass(frozen=True)
class Endpoints:
    """Addresses for one command; `run` is None when no run.json was used."""

    environment: Environment
    store_url: str
    mqtt: Mapping[str, str]
    run: RunFile | None = None
    parts: Mapping[str, str] = field(default_factory=dict)
    """Roots of the health pages by part."""
    environments: tuple[Environment, ...] = ()
    """What is served here, the chosen one or not."""
    pages: str = ""
    """Address of the pages; "": nobody said it."""
    pages_ca_file: Path | None = None
    """Who signed their certificate."""

    def bus(self) -> Bus:
        """The streams of the chosen environment."""
        return Bus(self.store_url, self.environment)

    @property
    def speed(self) -> float:
        """Seconds of the factory in one of life, as a simulated one is usually told."""
        return MOCK_SPEED if environments.is_mock(self.environment) else 1.0

    @property
    def mqtt_url(self) -> str:
        """The broker of the chosen environment; NotRunningError when it has none."""
        if address := self.mqtt.get(self.environment):
            return address
        raise NotRunningError(f"No broker for {self.environment} runs here; name one: --broker.")


def connect(environment: Environment, run: Path | None) -> Endpoints:
    """`--run DIR`, else OMF_* variables, else ./data/run.json, else the defaults.

    NotRunningError when the folder named has no run.json.
    """
    if run is not None:
        return _from_run(environment, read(run))
    if not os.environ.get("OMF_STORE_URL") and (DEFAULT_DATA / RUN_FILE_NAME).exists():
        return _from_run(environment, read(DEFAULT_DATA))
    told = _Told(environment=environment)
    served = told.environments if os.environ.get("OMF_ENVIRONMENTS") else (environment,)
    mqtt = _broker(told)
    return Endpoints(
        environment,
        told.store_address,
        mqtt,
        parts=told.ui_parts,
        environments=served,
        pages=told.pages_url,
        pages_ca_file=told.pages_ca_file,
    )


def archive_storage(environment: Environment, run: Path | None) -> ArchiveStorage:
    """The archive of an environment: where OMF_HISTORY says, else in `--run DIR`, OMF_DATA, ./data.

    NotRunningError for an address that is none.
    """
    try:
        return storage_of(environment, data_folder(run), os.environ.get("OMF_HISTORY", ""))
    except ValueError as error:
        raise NotRunningError(f"OMF_HISTORY: {error}") from error


def _broker(told: _Told) -> dict[str, str]:
    """Where only the store was named the broker may be on a network that is not reached here."""
    own = environments.told_broker(told.environment)
    if not own and os.environ.get("OMF_STORE_URL") and not os.environ.get("OMF_MQTT_URL"):
        return {}
    return {told.environment: own or told.mqtt_address}


def _from_run(environment: Environment, run: RunFile) -> Endpoints:
    parts = {part: url.removesuffix("/metrics") for part, url in run.metrics.items()}
    served = tuple(name for name in environments.names() if name in run.mqtt)
    return Endpoints(environment, run.redis, run.mqtt, run, parts, served)
