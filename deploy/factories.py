"""`python -m deploy.factories factories.yaml`: the compose file of a site with its own factories.

docker-compose.yml is the pattern: what it has for `live`, `mock` and `replay` is there once for
each factory of that kind, with the factory's name in the place of the kind's.
"""

import argparse
import copy
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from deploy.accounts.__main__ import factory_password
from deploy.shared import UI_PARTS, asked_at, shared_services
from omf.factories import Factories, FactoryEntry, FactoryKind, read_factories
from omf.yaml_files import YamlFileError
from services.common.store.environments import mock_part

PATTERN = Path(__file__).parents[1] / "docker-compose.yml"
MOUNTED = "/etc/omf/factories.yaml"
HEAD = "# Made of docker-compose.yml by `python -m deploy.factories {file}`: do not edit.\n"
TARGETS = "deploy/prometheus/targets/site.yml"
PAGE = "__metrics_path__"
"""Label by which Prometheus asks another page than /metrics."""
Service = dict[str, Any]


def compose(pattern: Mapping[str, Any], found: Factories, file: str, out: str) -> dict[str, Any]:
    """The whole compose file; `file` is the file of factories, `out` where this one will stand."""
    services: dict[str, Service] = pattern["services"]
    made: dict[str, Service] = {}
    for name, service in services.items():
        if _kind(name, service) is None and not _only_to_try(service):
            made[name] = copy.deepcopy(service)
    for factory in found.factories:
        made |= _of(factory, services)
    for service in made.values():
        if _asks_for_factories(service):
            service["environment"]["OMF_FACTORIES"] = MOUNTED
            service["volumes"] = [*service.get("volumes", ()), f"./{file}:{MOUNTED}:ro"]
    _hands_out_secrets(made["secrets"], file, out)
    _serves(made, found)
    volumes = {name: told for name, told in pattern["volumes"].items() if name in _named(made)}
    brokers: dict[str, Service] = {name: {} for name in made if name.startswith("broker-")}
    rest = {name: told for name, told in pattern.items() if not name.startswith("x-")}
    return {**rest, "services": made, "volumes": {**volumes, **brokers}}


def _kind(name: str, service: Service) -> FactoryKind | None:
    """Whose service it is in the pattern: of one kind of factory, or of the whole site."""
    told = service.get("environment", {}).get("OMF_ENVIRONMENT") or name.partition("broker-")[2]
    return FactoryKind(told) if told in list(FactoryKind) else None


def _only_to_try(service: Service) -> bool:
    """It runs only where no profile is named, as a factory to try out."""
    return all("COMPOSE_PROFILES" in one for one in service.get("profiles", ["no"]))


def _of(factory: FactoryEntry, services: Mapping[str, Service]) -> Iterator[tuple[str, Service]]:
    for name, pattern in services.items():
        if _kind(name, pattern) is not factory.kind or (factory.broker and "broker" in name):
            continue
        part = _renamed(name, factory) if "-" in name else mock_part(factory.name)
        service: Service = _walk(pattern, factory)
        service.pop("profiles", None)
        if factory.name != factory.kind:
            service.pop("ports", None)
        own = f"./secrets/containers/{part}:/run/secrets:ro"
        mounts = service.get("volumes", ())
        service["volumes"] = [own if "secrets/containers/" in one else one for one in mounts]
        if "OMF_ENVIRONMENT" in (told := service.get("environment", {})):
            told["OMF_ENVIRONMENT"] = factory.name
        if factory.broker and "OMF_MQTT_URL" in told:
            told["OMF_MQTT_URL"] = factory.broker
        yield part, service


def _walk(value: Any, factory: FactoryEntry) -> Any:
    if isinstance(value, dict):
        return {key: _walk(one, factory) for key, one in value.items()}
    if isinstance(value, list):
        return [_walk(one, factory) for one in value]
    return _renamed(value, factory) if isinstance(value, str) else value


def _renamed(text: str, factory: FactoryEntry) -> str:
    """`store-ingest-mock`, `mqtt-mock-mock`, `broker-mock:8883` with the name of the factory."""
    if text == factory_password(FactoryKind.LIVE):
        return factory_password(factory.name)
    return re.sub(rf"(?<=-){factory.kind}\b", factory.name, text, count=1)


def _asks_for_factories(service: Service) -> bool:
    told = service.get("environment", {})
    return any(name in told for name in ("OMF_ENVIRONMENT", "OMF_ENVIRONMENTS", "OMF_STORE_URL"))


def _hands_out_secrets(service: Service, file: str, out: str) -> None:
    service["environment"] = {"OMF_FACTORIES": MOUNTED}
    pattern = f"./{PATTERN.name}:"
    mounts = [one.replace(pattern, f"./{out}:") for one in service["volumes"]]
    service["volumes"] = [*mounts, f"./{file}:{MOUNTED}:ro"]


def _serves(made: Mapping[str, Service], found: Factories) -> None:
    """What pages, HTTP door and command line serve, and whom they ask how they are."""
    asked = [name for name, one in made.items() if "OMF_ENVIRONMENT" in one.get("environment", {})]
    asked = [name for name in asked if "-" in name and not name.startswith("mock-")]
    parts = {name: f"http://{name}:9100" for name in (*asked, "ui", "api")}
    for service in made.values():
        told = service.get("environment", {})
        if "OMF_ENVIRONMENTS" in told:
            told["OMF_ENVIRONMENTS"] = ",".join(found.names)
        if UI_PARTS in told:
            told[UI_PARTS] = json.dumps(parts)


def targets(
    made: Mapping[str, Service], found: Factories, *, shared: bool = False
) -> list[dict[str, Any]]:
    """Whom Prometheus asks of each factory; the rules go by the label `kind`.

    Where the processes are `shared`, each factory has a page of its own in them: a rule need not
    know of it.
    """
    told = {name: one.get("environment", {}).get("OMF_ENVIRONMENT") for name, one in made.items()}
    return [
        {
            "targets": [f"{asked_at(name)[0] if shared else name}:9100"],
            "labels": {
                "service": name.partition("-")[0],
                "environment": factory.name,
                "kind": factory.kind.value,
                **({PAGE: f"{path}/metrics"} if shared and (path := asked_at(name)[1]) else {}),
            },
        }
        for factory in found.factories
        for name in made
        if told[name] == factory.name
    ]


def _named(made: Mapping[str, Service]) -> set[str]:
    """The volumes that are mounted anywhere."""
    return {
        one.partition(":")[0] for service in made.values() for one in service.get("volumes", ())
    }


def main(words: list[str] | None = None) -> int:
    """Write the file; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m deploy.factories", description=__doc__)
    parser.add_argument("file", help="the file of factories, beside docker-compose.yml")
    parser.add_argument("--out", default="compose.site.yml", help="(default: %(default)s)")
    parser.add_argument("--targets", default=TARGETS, help="of Prometheus (default: %(default)s)")
    parser.add_argument(
        "--shared", action="store_true", help="one container of each service for all factories"
    )
    told = parser.parse_args(words)
    try:
        found = read_factories(Path(told.file).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, YamlFileError) as error:
        sys.stderr.write(f"{told.file}: {error}\n")
        return 1
    pattern = yaml.safe_load(PATTERN.read_text("utf-8"))
    made = compose(pattern, found, Path(told.file).name, Path(told.out).name)
    asked = targets(made["services"], found, shared=told.shared)
    if told.shared:
        made["services"] = shared_services(made["services"], found.names)
    for out, content in ((told.out, made), (told.targets, asked)):
        text = yaml.dump(content, Dumper=_Plain, sort_keys=False, width=200)
        Path(out).write_text(HEAD.format(file=told.file) + text, "utf-8")
    return 0


class _Plain(yaml.SafeDumper):
    """Writes everything out where it stands: anchors made by a program read badly."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - as its base
        return True


if __name__ == "__main__":
    sys.exit(main())
