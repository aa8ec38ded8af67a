"""`python -m deploy.site_units factories.yaml`: the units of systemd for a site with own factories.

The templates of deploy/systemd are the pattern: each factory gets a drop-in for each of them, with
a port, its broker and its password; a mock and a session station get a unit of their own, made of
the one there is. What is called `live`, `mock` or `replay` keeps the ports it has there.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import NamedTuple

import yaml

from deploy.accounts.__main__ import factory_password
from omf.factories import Factories, FactoryEntry, FactoryKind, read_factories
from omf.yaml_files import YamlFileError

UNIT_PATTERNS = Path(__file__).parent / "systemd"
ON_SERVER = "/etc/omf/factories.yaml"
PORT_DIGITS = {
    "ingest": 1,
    "orders": 2,
    "gateway": 3,
    "historian": 5,
    "alarms": 6,
    "notifications": 7,
}
OWN_UNIT_DIGIT = 4
"""Of the mock or the station."""
OWN_UNITS = {FactoryKind.MOCK: "mock", FactoryKind.REPLAY: "station"}
SHIPPED_TENS = {"live": 17110, "mock": 17120, "replay": 17130}
SHIPPED_BROKERS = {"mock": 8883, "replay": 8884}
FIRST_TEN, FIRST_BROKER = 17200, 8885
SHARED_PORTS = {"ui": 17101, "api": 17102}
MADE_BY = "# Made of {file} by `python -m deploy.site_units`: do not edit.\n"


class FactoryPlace(NamedTuple):
    """Where the processes of one factory answer, and where its broker does."""

    factory: FactoryEntry
    ten: int
    """The port of each of its processes is this and a digit."""
    broker_port: int
    """Of a broker of this machine; 0: the file names another."""

    @property
    def broker(self) -> str:
        """The address with the place for an account in it."""
        return self.factory.broker or f"mqtts://{{account}}@localhost:{self.broker_port}"

    @property
    def own_unit(self) -> str:
        """Name of the unit of its mock or station; "" where it has neither."""
        service = OWN_UNITS.get(self.factory.kind, "")
        if not service or (self.factory.kind is FactoryKind.MOCK and self.factory.broker):
            return ""
        shipped = self.factory.name == self.factory.kind
        return f"omf-{service}" if shipped else f"omf-{service}-{self.factory.name}"


def places(found: Factories) -> list[FactoryPlace]:
    """Every factory with its ports, in the order of the file."""
    tens, brokers = count(FIRST_TEN, 10), count(FIRST_BROKER)
    made = []
    for one in found.factories:
        ten = SHIPPED_TENS.get(one.name) or next(tens)
        port = 0 if one.broker else SHIPPED_BROKERS.get(one.name) or next(brokers)
        made.append(FactoryPlace(one, ten, port))
    return made


def site_units(found: Factories) -> Iterator[tuple[str, str]]:
    """Path below /etc/systemd/system, and content, of each file."""
    every = places(found)
    for place in every:
        for service, digit in PORT_DIGITS.items():
            path = f"omf-{service}@{place.factory.name}.service.d/site.conf"
            yield path, _drop_in(place, service, place.ten + digit)
        if place.own_unit:
            yield f"{place.own_unit}.service", _own_unit(place)
    parts = {name: f"http://127.0.0.1:{port}" for name, port in _ports(every)}
    served = f"OMF_FACTORIES={ON_SERVER} OMF_ENVIRONMENTS={','.join(found.names)}"
    for service in SHARED_PORTS:
        lines = [f"Environment={served}"]
        if service == "ui":
            lines.append(f"Environment='OMF_UI_PARTS={json.dumps(parts, separators=(',', ':'))}'")
        yield f"omf-{service}.service.d/site.conf", _section(*lines)


def native_targets(found: Factories) -> list[dict[str, object]]:
    """Whom a Prometheus of this machine asks; the rules go by the label `kind`."""
    asked: list[dict[str, object]] = [
        {"targets": [f"127.0.0.1:{port}"], "labels": {"service": service}}
        for service, port in SHARED_PORTS.items()
    ]
    for place in places(found):
        labels = {"environment": place.factory.name, "kind": place.factory.kind.value}
        for service, port in _ports_of(place):
            asked.append(
                {"targets": [f"127.0.0.1:{port}"], "labels": {"service": service, **labels}}
            )
    return asked


def _drop_in(place: FactoryPlace, service: str, port: int) -> str:
    lines = [f"Environment=OMF_FACTORIES={ON_SERVER} OMF_METRICS_PORT={port}"]
    if service in ("ingest", "gateway"):
        lines.append(f"Environment=OMF_MQTT_URL={place.broker.format(account=service)}")
        if place.factory.broker:
            secret = f"/etc/omf/secrets/{factory_password(place.factory.name)}"
            lines.append(f"LoadCredential=omf_mqtt_password:{secret}")
    return _section(*lines)


def _own_unit(place: FactoryPlace) -> str:
    """The unit of the mock or the station that there is, for another factory of its kind."""
    kind, name = place.factory.kind.value, place.factory.name
    service = OWN_UNITS[place.factory.kind]
    text = (UNIT_PATTERNS / f"omf-{service}.service").read_text("utf-8")
    own = {
        "OMF_FACTORIES": ON_SERVER,
        "OMF_ENVIRONMENT": name,
        "OMF_METRICS_PORT": str(place.ten + OWN_UNIT_DIGIT),
        "OMF_MQTT_URL": place.broker.format(account=service),
    }
    text = _told(text, own)
    text = re.sub(rf"(?<=/secrets/mqtt-){kind}(?=-)", name, text)
    return re.sub(rf"(?<=omf-){service}(?=[\s:/]|$)", place.own_unit[4:], text)


def _told(text: str, variables: Mapping[str, str]) -> str:
    """The unit with these variables in the place of its own."""
    for variable, value in variables.items():
        said = f"{variable}={value}"
        text, there = re.subn(rf"(?<=[ =]){variable}=\S+", said, text, count=1)
        if not there:
            text = text.replace("Environment=", f"Environment={said} ", 1)
    return text


def _ports_of(place: FactoryPlace) -> Iterator[tuple[str, int]]:
    yield from ((service, place.ten + digit) for service, digit in PORT_DIGITS.items())
    if place.own_unit:
        yield OWN_UNITS[place.factory.kind], place.ten + OWN_UNIT_DIGIT


def _ports(every: list[FactoryPlace]) -> Iterator[tuple[str, int]]:
    """What the page System asks, by part: a mock is no part of ours."""
    for place in every:
        for service, port in _ports_of(place):
            if service != OWN_UNITS[FactoryKind.MOCK]:
                yield f"{service}-{place.factory.name}", port
    yield from SHARED_PORTS.items()


def _section(*lines: str) -> str:
    return "\n".join(("[Service]", *lines, ""))


def main(words: list[str] | None = None) -> int:
    """Write the files; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m deploy.site_units", description=__doc__)
    parser.add_argument("file", help=f"the file of factories; on the server: {ON_SERVER}")
    parser.add_argument("--out", default="site-units", help="folder (default: %(default)s)")
    told = parser.parse_args(words)
    try:
        found = read_factories(Path(told.file).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, YamlFileError) as error:
        sys.stderr.write(f"{told.file}: {error}\n")
        return 1
    out, head = Path(told.out), MADE_BY.format(file=told.file)
    for path, content in site_units(found):
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        (out / path).write_text(head + content, "utf-8")
    asked = yaml.safe_dump(native_targets(found), sort_keys=False)
    (out / "targets.yml").write_text(head + asked, "utf-8")
    for place in places(found):
        if place.broker_port:
            sys.stdout.write(f"broker {place.factory.name} {place.broker_port}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
