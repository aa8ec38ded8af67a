"""What the user of `omf up` asked for."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from omf.factories import DEFAULT_FACTORIES, FactoryKind
from services.common.mqtt.link import BrokerAddress
from services.common.store import environments as known
from services.common.store.keys import Environment

USUAL_BROKER = "mqtt://default@192.168.0.100:1883"
"""Where the broker of a fischertechnik factory is as it is delivered (PROTOCOL A)."""


class UnfitError(Exception):
    """What was asked for cannot be done as it is; the text says why and what to do."""


def usual_environments() -> tuple[Environment, ...]:
    """What `omf up` starts unless told: every factory of a file, else a mock and a replay."""
    told = known.factories()
    if told is not DEFAULT_FACTORIES:
        return told.names
    return tuple(one.name for one in told.factories if one.kind is not FactoryKind.LIVE)


@dataclass(frozen=True)
class UpOptions:
    """Options of `omf up`; checked, nothing started."""

    data: Path
    environments: tuple[Environment, ...] = field(default_factory=usual_environments)
    port: int = 8080
    host: str = "127.0.0.1"
    external: bool = False

    def broker_of(self, environment: Environment) -> str | None:
        """Configured broker address; None where the supervisor starts one itself."""
        name, address = known.broker_variable(environment), known.told_broker(environment)
        own = known.factory(environment).broker
        if not (self.external or own or known.is_live(environment)):
            return None
        address = address or os.environ.get("OMF_MQTT_URL", "")
        if not address and not known.is_live(environment):
            raise UnfitError(f"No broker for {environment}: set {name}=mqtt://host:port.")
        if not address and not _broker_password():
            raise UnfitError(
                f"No broker for {environment}: set {name}=mqtt://host:port. A factory as delivered"
                f" has {USUAL_BROKER}; that is taken once OMF_MQTT_PASSWORD has its password."
            )
        address = address or USUAL_BROKER
        try:
            BrokerAddress.parse_each(address)
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


def _broker_password() -> bool:
    """Whether the processes will find one: their variable, or their file of secrets."""
    secrets = os.environ.get("OMF_SECRETS", "")
    kept = bool(secrets) and (Path(secrets) / "omf_mqtt_password").is_file()
    return kept or bool(os.environ.get("OMF_MQTT_PASSWORD"))


def parse_environments(text: str) -> tuple[Environment, ...]:
    """`mock,replay` as environments, each once; UnfitError names the known ones."""
    asked = list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    there = known.names()
    if not asked or not set(asked) <= set(there):
        raise UnfitError(f"Environments are {', '.join(there)}; {text!r} is not.")
    return tuple(asked)
