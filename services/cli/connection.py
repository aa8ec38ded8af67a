"""Where the store and the brokers are: from run.json, the environment, or by default."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from services.common.bus import Bus
from services.common.settings import ServiceSettings
from services.common.streams import Environment
from services.up.runfile import NAME, NotRunningError, RunFile, read

DEFAULT_DATA = Path("data")


@dataclass(frozen=True)
class Connection:
    """Addresses for one command; `run` is None when no run.json was used."""

    environment: Environment
    store_url: str
    mqtt: Mapping[str, str]
    run: RunFile | None = None

    def bus(self) -> Bus:
        """The streams of the chosen environment."""
        return Bus(self.store_url, self.environment)

    @property
    def mqtt_url(self) -> str:
        """The broker of the chosen environment; NotRunningError when it has none."""
        if address := self.mqtt.get(self.environment):
            return address
        raise NotRunningError(f"No broker for {self.environment} runs here; name one: --broker.")


def connect(environment: Environment, run: Path | None) -> Connection:
    """`--run DIR`, else OMF_* variables, else ./data/run.json, else the defaults.

    NotRunningError when the folder named has no run.json.
    """
    if run is not None:
        return _from_run(environment, read(run))
    if not os.environ.get("OMF_STORE_URL") and (DEFAULT_DATA / NAME).exists():
        return _from_run(environment, read(DEFAULT_DATA))
    settings = ServiceSettings(environment=environment)
    own = os.environ.get(f"OMF_{environment.upper()}_MQTT_URL", settings.mqtt_address)
    return Connection(environment, settings.store_address, {environment: own})


def _from_run(environment: Environment, run: RunFile) -> Connection:
    return Connection(environment, run.redis, run.mqtt, run)
