"""What the user of `omf up` asked for."""

import os
from dataclasses import dataclass
from pathlib import Path

from services.common.mqtt.link import BrokerAddress
from services.common.store.keys import ENVIRONMENTS, Environment


class UnfitError(Exception):
    """What was asked for cannot be done as it is; the text says why and what to do."""


@dataclass(frozen=True)
class UpOptions:
    """Options of `omf up`; checked, nothing started."""

    data: Path
    environments: tuple[Environment, ...] = ("mock", "replay")
    port: int = 8080
    host: str = "127.0.0.1"
    external: bool = False

    def broker_of(self, environment: Environment) -> str | None:
        """Configured broker address; None where the supervisor starts one itself."""
        if not (self.external or environment == "live"):
            return None
        name = f"OMF_{environment.upper()}_MQTT_URL"
        address = os.environ.get(name) or os.environ.get("OMF_MQTT_URL")
        if not address:
            raise UnfitError(f"No broker for {environment}: set {name}=mqtt://host:port.")
        try:
            BrokerAddress.parse(address)
        except ValueError as error:
            raise UnfitError(f"{name}: {error}") from None
        return address

    def store(self) -> str | None:
        """Configured store address; None where the supervisor starts one itself."""
        if not self.external:
            return None
        if address := os.environ.get("OMF_STORE_URL"):
            return address
        raise UnfitError("No store: --external needs OMF_STORE_URL=redis://host:port/0.")


def parse_environments(text: str) -> tuple[Environment, ...]:
    """`mock,replay` as environments, each once; UnfitError names the known ones."""
    names = list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    known = tuple(known for name in names for known in ENVIRONMENTS if known == name)
    if not names or len(known) != len(names):
        raise UnfitError(f"Environments are {', '.join(ENVIRONMENTS)}; {text!r} is not.")
    return known
