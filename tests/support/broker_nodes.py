"""A cluster of three real MQTT brokers on loopback, whose nodes are killed and started again."""

import os
import secrets
import shutil
import subprocess
from pathlib import Path

from services.supervisor.child import Child
from services.supervisor.ports import free_port
from services.supervisor.probe import broker_answers
from tests.support.processes import ROOT, base_env, wait_for

NODES = 3
READY_S = 90.0
"""Three nodes elect their leaders, and Erlang starts for ten seconds on a busy core."""
NATS_PROGRAM = ROOT / "build/brokers/bin/nats-server"
RABBIT_HOME = Path("/usr/lib/rabbitmq/lib")


class BrokerNodes:
    """Three nodes; `urls` are their addresses for MQTT, in their order."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = [free_port() for _ in range(NODES)]
        self.urls = [f"mqtt://127.0.0.1:{port}" for port in self.ports]
        self.children: list[Child] = []

    def url_from(self, number: int) -> str:
        """All nodes as one address, this one first."""
        ports = self.ports[number:] + self.ports[:number]
        return "mqtt://" + ",".join(f"127.0.0.1:{port}" for port in ports)

    def start(self) -> "BrokerNodes":
        """Return when all of them serve as one cluster."""
        self.children = [self.launch(number) for number in range(NODES)]
        for number in range(NODES):
            self._serves(number)
        return self

    def kill(self, number: int) -> None:
        """End one node as a power cut would."""
        self.children[number].kill()

    def restart(self, number: int) -> None:
        """Start it again with its data; returns when it lets clients in."""
        self.children[number] = self.launch(number)
        self._serves(number)

    def close(self) -> None:
        """End all."""
        for child in self.children:
            child.kill()

    def launch(self, number: int) -> Child:
        """Start one node and return at once."""
        raise NotImplementedError

    def _serves(self, number: int) -> None:
        child, url = self.children[number], self.urls[number]
        wait_for(lambda: broker_answers(url) or not child.alive, READY_S, child.tail)
        assert child.alive, f"node {number} ended with {child.returncode}:\n{child.tail()}"


class NatsNodes(BrokerNodes):
    """NATS with JetStream: whatever has QoS 1 lies on three disks."""

    def __init__(self, folder: Path, *, ack_wait: str = "5s") -> None:
        """What was not acknowledged after `ack_wait` is delivered again."""
        super().__init__(folder)
        self._ack_wait = ack_wait
        self._client_ports = [free_port() for _ in range(NODES)]
        self._routes = [free_port() for _ in range(NODES)]

    @staticmethod
    def program() -> str:
        """The server out of its wheel; "" where `make brokers` has not put it."""
        return str(NATS_PROGRAM) if NATS_PROGRAM.exists() else ""

    def launch(self, number: int) -> Child:
        node = self.folder / f"nats-{number}"
        node.mkdir(parents=True, exist_ok=True)
        routes = ", ".join(f"nats://127.0.0.1:{port}" for port in self._routes)
        config = node / "nats.conf"
        config.write_text(
            f"server_name: node{number}\n"
            f"listen: 127.0.0.1:{self._client_ports[number]}\n"
            f'jetstream {{ store_dir: "{node}" }}\n'
            f'mqtt {{ listen: 127.0.0.1:{self.ports[number]}, ack_wait: "{self._ack_wait}" }}\n'
            f"cluster {{ name: factory, listen: 127.0.0.1:{self._routes[number]}\n"
            f"  routes: [{routes}] }}\n",
            "utf-8",
        )
        return Child([self.program(), "-c", str(config)], node / "node.log", base_env({}))


class RabbitNodes(BrokerNodes):
    """RabbitMQ with its MQTT plugin; the queue of each session has a mirror on every node."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._epmd_port = free_port()
        self._between = [free_port() for _ in range(NODES)]
        self._epmd: Child | None = None

    @staticmethod
    def program() -> str:
        """The script that starts a node; "" where Debian's rabbitmq-server is not installed."""
        found = sorted(RABBIT_HOME.glob("rabbitmq_server-*/sbin/rabbitmq-server"))
        return str(found[-1]) if found and shutil.which("epmd") else ""

    def start(self) -> "RabbitNodes":
        # A node that finds no register of names starts one that outlives it.
        register = ["epmd", "-port", str(self._epmd_port), "-address", "127.0.0.1"]
        self._epmd = Child(register, self.folder / "epmd.log", base_env({}))
        super().start()
        wait_for(lambda: self._control("await_online_nodes", str(NODES)), READY_S)
        mirrored = '{"ha-mode":"all","ha-sync-mode":"automatic"}'
        assert self._control("set_policy", "mirrored", "^mqtt-subscription-", mirrored)
        return self

    def close(self) -> None:
        super().close()
        if self._epmd:
            self._epmd.kill()

    def launch(self, number: int) -> Child:
        node = self.folder / f"rabbit-{number}"
        node.mkdir(parents=True, exist_ok=True)
        peers = "cluster_formation.classic_config.nodes"
        config = node / "rabbitmq.conf"
        config.write_text(
            "listeners.tcp = none\n"
            f"mqtt.listeners.tcp.default = 127.0.0.1:{self.ports[number]}\n"
            "mqtt.subscription_ttl = undefined\n"
            "cluster_formation.peer_discovery_backend = classic_config\n"
            + "".join(f"{peers}.{at + 1} = {self._name(at)}\n" for at in range(NODES)),
            "utf-8",
        )
        (node / "plugins").write_text("[rabbitmq_mqtt].\n", "ascii")
        settings = self._settings() | {
            "RABBITMQ_NODENAME": self._name(number),
            "RABBITMQ_DIST_PORT": str(self._between[number]),
            "RABBITMQ_CONFIG_FILE": str(config),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(node / "plugins"),
            "RABBITMQ_MNESIA_BASE": str(node),
            "RABBITMQ_LOG_BASE": str(node),
            "RABBITMQ_LOGS": "-",
            # The script becomes the node itself: to kill the one is to kill the other.
            "RUNNING_UNDER_SYSTEMD": "true",
        }
        return Child([self.program()], node / "node.log", base_env(settings))

    def _settings(self) -> dict[str, str]:
        own = "-kernel inet_dist_use_interface {127,0,0,1}"
        return {
            "HOME": str(self._home()),
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_CONF_ENV_FILE": os.devnull,
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": own,
        }

    def _home(self) -> Path:
        cookie = self.folder / ".erlang.cookie"
        if not cookie.exists():
            cookie.write_text(secrets.token_hex(10), "ascii")
            cookie.chmod(0o400)
        return self.folder

    def _control(self, *words: str) -> bool:
        tool = str(Path(self.program()).with_name("rabbitmqctl"))
        command = [tool, "--node", self._name(0), "--quiet", *words]
        asked = subprocess.run(
            command, env=base_env(self._settings()), check=False, timeout=READY_S
        )
        return asked.returncode == 0

    def _name(self, number: int) -> str:
        return f"node{number}@localhost"
