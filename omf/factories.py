"""The factories of a site: the file that names them, and what kind each is.

factories:
- {name: hall-2, kind: live, title: Hall 2, broker: "mqtt://default@192.168.0.100:1883"}
- {name: training, kind: mock}
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlsplit, urlunsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from omf.texts import text

MAX_FACTORIES = 500
_Place = tuple[int | str, ...]
_Words = Mapping[str, str]
BROKER_PORTS = {"mqtt": 1883, "mqtts": 8883}
FACTORY_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
MAX_FACTORY_NAME = 32
"""Fits into a key of the store, a page's address, a unit, a service of compose, a file's name."""
TAKEN_ADDRESSES = frozenset({"choose", "login", "logout", "site", "static"})
"""Pages that belong to no factory; a factory of that name could not be looked at."""


class FactoryKind(StrEnum):
    """What stands behind a name; rights and rules go by it, never by the name."""

    LIVE = "live"
    """A real one: whoever acts has signed in, and nothing recorded is ever played to it."""
    MOCK = "mock"
    """A simulated one: it can be given pieces and faults."""
    REPLAY = "replay"
    """Where recorded sessions are played."""


def _fault(key: str, **words: str) -> PydanticCustomError:
    return PydanticCustomError("factories", "not usable", {"text": text(key, **words)})


def _fit_name(name: str) -> str:
    if len(name) > MAX_FACTORY_NAME or not FACTORY_NAME.fullmatch(name):
        raise _fault("factories.bad_name", limit=str(MAX_FACTORY_NAME))
    if name in TAKEN_ADDRESSES:
        raise _fault("factories.taken_address", name=name)
    return name


def _fit_broker(address: str) -> str:
    if address and not brokers_of(address):
        raise _fault("factories.bad_broker")
    return address


def brokers_of(address: str) -> tuple[tuple[str, int], ...]:
    """Host and port of each node of `mqtt://[user[:password]@]host[:port][,host[:port]]`.

    `mqtts://` is as good; none for anything else.
    """
    try:
        parts = [urlsplit(one) for one in node_urls(address)]
        found = [(one.hostname or "", one.port or BROKER_PORTS[one.scheme]) for one in parts]
    except (ValueError, KeyError):
        return ()
    return tuple(found) if all(host for host, _ in found) else ()


def node_urls(address: str) -> tuple[str, ...]:
    """An address of each server that `scheme://[account@]host:port,host:port` names."""
    parts = urlsplit(address)
    account, at, hosts = parts.netloc.rpartition("@")
    return tuple(
        urlunsplit(parts._replace(netloc=f"{account}{at}{host.strip()}"))
        for host in hosts.split(",")
    )


FactoryName = Annotated[str, AfterValidator(_fit_name)]


class FactoryEntry(BaseModel):
    """One entry of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: FactoryName
    kind: FactoryKind
    title: Annotated[str, Field(max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    """What people call it; "": its name."""
    broker: Annotated[str, AfterValidator(_fit_broker)] = Field(default="", repr=False)
    """Address of its MQTT broker. "": `omf up` starts one, other ways name it in OMF_MQTT_URL."""


class Factories(BaseModel):
    """The whole file, in its order; the first one is looked at first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    factories: tuple[FactoryEntry, ...] = Field(min_length=1, max_length=MAX_FACTORIES)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name, in the order of the file."""
        return tuple(one.name for one in self.factories)

    @property
    def usual(self) -> str:
        """What is meant where none is named: the first mock, else the first of all."""
        return self.first(FactoryKind.MOCK) or self.names[0]

    def first(self, kind: FactoryKind) -> str | None:
        """The first name of a kind."""
        return next((one.name for one in self.factories if one.kind is kind), None)

    def get(self, name: str) -> FactoryEntry | None:
        """The factory of that name."""
        return next((one for one in self.factories if one.name == name), None)


DEFAULT_FACTORIES = Factories(
    factories=tuple(FactoryEntry(name=kind.value, kind=kind) for kind in FactoryKind)
)
"""Without a file: `live`, `mock` and `replay`, each of its kind."""


def read_factories(source: str) -> Factories:
    """The content of a file; YamlFileError names each fault with line, entry and mend."""
    # Most sites have no such file, and every process imports this module.
    from omf import yaml_files  # noqa: PLC0415

    found = yaml_files.read_yaml(source, Factories)
    faults = [
        yaml_files.YamlFault(
            yaml_files.line_of(source, place), ".".join(map(str, place)), text(key, **words)
        )
        for place, key, words in _crossing(found.factories)
    ]
    if faults:
        raise yaml_files.YamlFileError(faults)
    return found


def _crossing(
    factories: Sequence[FactoryEntry],
) -> Iterator[tuple[_Place, str, _Words]]:
    """Where, in which words: what is wrong with an entry beside the others, or as a whole."""
    names, brokers = set[str](), dict[tuple[str, int], str]()
    for number, one in enumerate(factories):
        where = ("factories", number)
        if one.name in names:
            yield (*where, "name"), "factories.twice", {"name": one.name}
        names.add(one.name)
        if one.kind is FactoryKind.LIVE and not one.broker:
            yield where, "factories.no_broker", {"name": one.name}
        # A command of one would reach the other.
        others = {brokers.setdefault(broker, one.name) for broker in brokers_of(one.broker)}
        for other in sorted(others - {one.name}):
            yield (*where, "broker"), "factories.same_broker", {"name": other}
