"""One container of each service for all factories of a site, in place of one for each factory.

Nobody's rights grow: the container logs in as the accounts of its factories, each with the password
in the factory's own folder of /run/secrets.
"""

import copy
import json
from collections.abc import Iterable, Mapping
from typing import Any

from services.common.store.environments import variable_prefix

Service = dict[str, Any]
SHARED = ("ingest", "orders", "gateway", "alarms", "notifications", "historian")
UI_PARTS = "OMF_UI_PARTS"
SECRETS = "/run/secrets"
OF_FACTORIES = "x-secrets-of"
MEMORY_MB, MEMORY_MB_EACH = 512, 16
PIDS, PIDS_EACH = 128, 4
"""Of ingest: three threads a factory, and one while it asks anew for what is retained."""


def shared_services(made: Mapping[str, Service], names: Iterable[str]) -> dict[str, Service]:
    """The services of a compose file with those of all factories in one of each kind."""
    factories = tuple(names)
    of = {module: {name: f"{module}-{name}" for name in factories} for module in SHARED}
    single = {part for parts in of.values() for part in parts.values()}
    rest = {name: one for name, one in made.items() if name not in single}
    joined = {
        module: _joined({name: made[part] for name, part in of[module].items()}, module)
        for module in SHARED
    }
    for service in rest.values():
        told = service.get("environment", {})
        if UI_PARTS in told:
            told[UI_PARTS] = _asked(told[UI_PARTS])
    return {**rest, **joined}


def asked_at(part: str) -> tuple[str, str]:
    """Host and path at which a part of a factory answers: `ingest`, `/hall-2`."""
    module, _, name = part.partition("-")
    return (module, f"/{name}") if module in SHARED else (part, "")


def _asked(parts: str) -> str:
    found: dict[str, str] = json.loads(parts)
    moved = {part: (asked_at(part), address) for part, address in found.items()}
    return json.dumps(
        {
            part: address.replace(f"//{part}:", f"//{host}:") + path
            for part, ((host, path), address) in moved.items()
        }
    )


def _joined(each: Mapping[str, Service], module: str) -> Service:
    """The service of all factories, made of theirs."""
    first = copy.deepcopy(next(iter(each.values())))
    told: dict[str, str] = {}
    for name, service in each.items():
        for variable, value in service["environment"].items():
            own = _own(variable, value, name, each)
            told[own[0]] = own[1]
    told["OMF_ENVIRONMENT"] = ",".join(each)
    told["OMF_SECRETS"] = SECRETS
    first["environment"] = told
    first["volumes"] = _mounts(each, module)
    first.pop("x-secrets", None)
    first[OF_FACTORIES] = {
        f"{module}-{name}": service.get("x-secrets", []) for name, service in each.items()
    }
    first["depends_on"] = {
        part: how for service in each.values() for part, how in service["depends_on"].items()
    }
    first["mem_limit"] = f"{MEMORY_MB + MEMORY_MB_EACH * len(each)}m"
    first["pids_limit"] = PIDS + PIDS_EACH * len(each)
    return first


def _own(variable: str, value: str, name: str, each: Mapping[str, Service]) -> tuple[str, str]:
    """A variable as the shared process is told it: for all, or for this factory alone."""
    alike = all(one["environment"].get(variable) == value for one in each.values())
    if alike and not value.startswith(f"{SECRETS}/"):
        return variable, value
    moved = value.replace(f"{SECRETS}/", f"{SECRETS}/{name}/")
    return variable.replace("OMF_", variable_prefix(name), 1), moved


def _mounts(each: Mapping[str, Service], module: str) -> list[str]:
    folders = {name: f"./secrets/containers/{module}-{name}:{SECRETS}" for name in each}
    common = [
        one
        for service in each.values()
        for one in service.get("volumes", ())
        if "secrets/containers/" not in one
    ]
    return [*dict.fromkeys(common), *(f"{path}/{name}:ro" for name, path in folders.items())]
