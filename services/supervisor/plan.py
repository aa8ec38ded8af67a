"""Which parts the options need, and what each of them is told."""

import json
import os
import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from services.common.store.environments import is_mock, is_replay, mock_part
from services.common.store.keys import Environment
from services.common.store.requirements import Durability
from services.supervisor import probe
from services.supervisor.child import Child, trimmed
from services.supervisor.configs import durability
from services.supervisor.ports import PortAllocation, free_port, is_free
from services.supervisor.runfile import USERS_FILE_NAME
from services.supervisor.server import Kind, LocalServer
from services.supervisor.supervised_process import SupervisedProcess
from services.supervisor.up_options import UnfitError, UpOptions

PER_ENVIRONMENT = ("ingest", "orders", "gateway", "alarms", "notifications", "historian")
READY_PATHS = {"ui": "", "api": "/api/v1/openapi.json"}
"""What answers at a public port once the part can do its work."""
TOKENS = "api-tokens.jsonl"
"""In the data folder: who may use the HTTP door; without it this machine may look (`omf token`)."""
SEQUENCES = "sequences"
"""Commands that people wrote down (docs/sequences.md)."""
PUSH_SIGNER = "web-push.pem"
COOKIE_SIGNER = "ui-secret"
"""Beside it: what signs the cookies of the pages."""


@dataclass
class Service:
    """How one of our processes is started; keeps its port while that is free."""

    module: str
    log: Path
    settings: dict[str, str]
    port: int = 0
    public: PortAllocation | None = None
    """Where people reach it, if they do."""
    outside: bool = False
    """A server it needs was configured, not started by us."""

    @property
    def base(self) -> str:
        """Root of its health and metrics pages."""
        return f"http://127.0.0.1:{self.port}"

    def launch(self) -> Child:
        """Start it; what an operator set in OMF_* stays, the wiring is ours."""
        if not (self.port and is_free(self.port)):
            self.port = free_port()
        if self.public:
            self.settings[self.public.setting] = str(self.public.settle())
        env = {
            **os.environ,
            "PYTHONUNBUFFERED": "1",
            **self.settings,
            "OMF_METRICS_PORT": str(self.port),
        }
        return Child([sys.executable, "-m", f"services.{self.module}"], trimmed(self.log), env)

    def is_ready(self) -> bool:
        """It says that it can do its work."""
        return probe.http_answers(f"{self.base}/health/ready")

    def hindrance(self) -> str:
        """What it says is missing."""
        wrong = []
        with suppress(ValueError, AttributeError):
            wrong = json.loads(probe.http_get(f"{self.base}/health/ready")[1]).get("wrong", [])
        return "; ".join(map(str, wrong))

    def is_alive(self) -> bool:
        """It answers at all; its own watchdog judges the rest."""
        return probe.http_status(f"{self.base}/health/live") > 0


def supervised_server(name: str, server: LocalServer) -> SupervisedProcess:
    """The part of a store or broker."""
    return SupervisedProcess(
        name,
        server.launch,
        is_ready=lambda: server.ready,
        is_alive=lambda: server.listens,
        detail=lambda: f"{server.engine.name} {server.url}, data in {server.folder}",
    )


def supervised_service(name: str, service: Service) -> SupervisedProcess:
    """The part of one of our processes; with a public port it is ready when that answers too."""

    def page() -> str:
        return (
            f"{service.public.url}{READY_PATHS[name]}"
            if service.public
            else f"{service.base}/metrics"
        )

    return SupervisedProcess(
        name,
        service.launch,
        is_ready=lambda: service.is_ready() and probe.http_answers(page()),
        is_alive=service.is_alive,
        detail=lambda: f"{page()}, log in {service.log}",
        hindrance=service.hindrance,
        outside=service.outside,
    )


def servers(options: UpOptions) -> dict[str, LocalServer]:
    """The servers to start, by part name: none for which an address is configured.

    OMF_SERVERS=embedded takes those from pip even where others are installed.
    """
    if durability() not in get_args(Durability):
        known = " or ".join(get_args(Durability))
        raise UnfitError(f"OMF_DURABILITY is {known}; {durability()!r} is not.")
    needed: dict[str, Kind] = {} if options.store() else {"store": "store"}
    for environment in options.environments:
        if options.broker_of(environment) is None:
            needed[f"broker-{environment}"] = "broker"
    embedded = os.environ.get("OMF_SERVERS") == "embedded"
    return {
        name: LocalServer(kind, options.data / name, embedded=embedded)
        for name, kind in needed.items()
    }


def services(
    options: UpOptions,
    store_url: str,
    mqtt: Mapping[Environment, str],
    ports: Mapping[str, PortAllocation],
) -> dict[str, Service]:
    """Our processes, by part name; `ports` of `ui` and `api`."""
    made: dict[str, Service] = {}
    store_outside = options.store() is not None

    def add(part: str, module: str, **settings: str) -> None:
        log = options.data / "logs" / f"{part}.log"
        own = {"STORE_URL": store_url, "DATA": str(options.data.resolve()), **settings}
        told = {f"OMF_{key}": value for key, value in own.items()}
        made[part] = Service(module, log, told, free_port(), ports.get(part), store_outside)

    for environment, mqtt_url in mqtt.items():
        where = {"ENVIRONMENT": environment, "MQTT_URL": mqtt_url}
        broker_outside = options.broker_of(environment) is not None
        for part, module in _parts_of(environment):
            add(part, module, **where)
            made[part].outside |= broker_outside
        made[f"notifications-{environment}"].settings |= _notifications(options, ports)
    names = ",".join(options.environments)
    own = {**_accounts(options), **_sequences(options)}
    add("ui", "ui", ENVIRONMENTS=names, UI_HOST=options.host, **own)
    tokens = options.data.resolve() / TOKENS
    known = {"API_TOKENS_FILE": str(tokens)} if tokens.exists() else {}
    add("api", "api", ENVIRONMENTS=names, **known)
    parts = json.dumps({part: service.base for part, service in made.items()})
    made["ui"].settings["OMF_UI_PARTS"] = parts
    return made


def _parts_of(environment: Environment) -> Iterator[tuple[str, str]]:
    """Each part of one factory, and the module that it is."""
    yield from ((f"{module}-{environment}", module) for module in PER_ENVIRONMENT)
    if is_mock(environment):
        yield mock_part(environment), "mock"
    if is_replay(environment):
        yield f"station-{environment}", "replay"


def _accounts(options: UpOptions) -> dict[str, str]:
    """Where the pages find accounts and what signs their cookies, unless an operator said so."""
    if "OMF_UI_USERS_FILE" in os.environ:
        return {}
    data = options.data.resolve()
    found = {"UI_USERS_FILE": str(data / USERS_FILE_NAME)}
    if "OMF_UI_SECRET_FILE" not in os.environ:
        found["UI_SECRET_FILE"] = str(_secret(data / COOKIE_SIGNER))
    return found


def _notifications(options: UpOptions, ports: Mapping[str, PortAllocation]) -> dict[str, str]:
    """Where the pages are and what signs Web Push, unless an operator said so."""
    own = {"OMF_NOTIFICATIONS_VAPID": str(options.data.resolve() / PUSH_SIGNER)}
    if "ui" in ports:
        own["OMF_UI_URL"] = ports["ui"].url
    return {name: value for name, value in own.items() if name not in os.environ}


def _sequences(options: UpOptions) -> dict[str, str]:
    """The folder of sequences, unless an operator named another."""
    if "OMF_UI_SEQUENCES" in os.environ:
        return {}
    return {"UI_SEQUENCES": str(options.data.resolve() / SEQUENCES)}


def _secret(path: Path) -> Path:
    """Random bytes of this folder's own, made once: a restart must sign nobody out."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path
