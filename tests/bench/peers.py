"""Node-RED and mq-bridge as contenders: fetched into build/peers once, else left out by name.

Both do a plainer job than ingest: one stream, no ids of their own, no second buffer, no last
values, and nothing tells a message that comes again.
"""

import json
import shutil
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from pathlib import Path

from services.common.store.bus import store
from services.supervisor.child import Child
from services.supervisor.engines import program
from services.supervisor.ports import free_port
from tests.bench.report import FOLDER
from tests.support.processes import base_env, wait_for

PEERS = FOLDER.parent / "peers"
NODE_RED, MQ_BRIDGE = PEERS / "node-red", PEERS / "mq-bridge"
RED = NODE_RED / "node_modules/node-red/red.js"
BRIDGE_PYTHON = MQ_BRIDGE / "bin/python"
INSTALL_S, START_S, SETTLE_S = 180.0, 60.0, 1.5

SETTINGS = """\
module.exports = {{
  uiPort: {port}, uiHost: "127.0.0.1", flowFile: "flows.json", telemetry: {{enabled: false}},
  diagnostics: {{enabled: false}}, externalModules: {{autoInstall: false}},
  nodesDir: "{nodes}", logging: {{console: {{level: "info"}}}},
}};
"""
BRIDGE = """
import sys, time
from mq_bridge import Route
mqtt, redis = sys.argv[1:]
source = {"url": mqtt.replace("mqtt:", "tcp:"), "topic": "#", "qos": 1, "client_id": "mqbridge",
          "clean_session": False, "queue_capacity": 1000, "max_inflight": 1000, "protocol": "v3"}
sink = {"url": redis, "stream": "peer"}
Route.from_config({"input": {"mqtt": source}, "output": {"redis_streams": sink},
                   "batch_size": 512, "empty_batch_delay_ms": 1}).start()
print("ready", flush=True)
time.sleep(3600)
"""


def install() -> dict[str, str]:
    """Fetch what is not there yet; the peers that could not be, each with the reason."""
    missing = {}
    if not RED.exists() and (why := _run(_npm())):
        missing["Node-RED"] = why
    if not BRIDGE_PYTHON.exists() and (why := _run(_venv()) or _run(_pip())):
        shutil.rmtree(MQ_BRIDGE, ignore_errors=True)
        missing["mq-bridge"] = why
    return missing


def _npm() -> list[str]:
    packages = ("node-red@4", "node-red-contrib-redis@1")
    quiet = ("--no-audit", "--no-fund", "--loglevel=error")
    return [program("npm") or "npm", "install", "--prefix", str(NODE_RED), *quiet, *packages]


def _venv() -> list[str]:
    return [sys.executable, "-m", "venv", str(MQ_BRIDGE)]


def _pip() -> list[str]:
    return [str(BRIDGE_PYTHON), "-m", "pip", "install", "--quiet", "mq-bridge==1.2.0"]


def _run(command: list[str]) -> str:
    """Run it; in words what went wrong, empty if nothing did."""
    try:
        PEERS.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=INSTALL_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return done.stderr.strip().splitlines()[-1] if done.returncode else ""


class _Peer(ABC):
    """A contender that appends everything to the one stream `peer`."""

    name = ""

    def __init__(self, folder: Path, mqtt_url: str, store_url: str, count: int) -> None:
        self._count = count
        self._store = store(store_url)
        self._store.flushall()
        log = folder / f"{self.name}-{free_port()}.log"
        self.child = Child(self._command(folder, mqtt_url, store_url), log, base_env({}))
        wait_for(lambda: self.said in self.child.tail(200), START_S, self.child.tail)
        time.sleep(SETTLE_S)

    said = ""

    @abstractmethod
    def _command(self, folder: Path, mqtt_url: str, store_url: str) -> list[str]:
        """The command that starts it."""

    def done(self) -> bool:
        """True once all are in its stream."""
        return int(self._store.xlen("peer")) >= self._count


class NodeRed(_Peer):
    """MQTT in, a function that names the fields, XADD by node-red-contrib-redis."""

    name = "Node-RED"
    said = "Connected to broker"

    def _command(self, folder: Path, mqtt_url: str, store_url: str) -> list[str]:
        home = folder / f"node-red-{free_port()}"
        home.mkdir()
        nodes = NODE_RED / "node_modules/node-red-contrib-redis"
        (home / "settings.js").write_text(SETTINGS.format(port=free_port(), nodes=nodes), "utf-8")
        (home / "flows.json").write_text(json.dumps(_flow(mqtt_url, store_url)), "utf-8")
        return ["node", str(RED), "-u", str(home), "-s", str(home / "settings.js")]


def _flow(mqtt_url: str, store_url: str) -> list[dict[str, object]]:
    port = int(store_url.rpartition(":")[2].partition("/")[0])
    options = json.dumps({"host": "127.0.0.1", "port": port})
    fields = "msg.payload=['*','t',msg.topic,'p',msg.payload]; msg.topic='peer'; return msg;"
    return [
        {"id": "tab", "type": "tab", "label": "mirror"},
        {"id": "broker", "type": "mqtt-broker", "broker": "127.0.0.1", "clientid": "node-red",
         "port": mqtt_url.rpartition(":")[2], "autoConnect": True, "usetls": False,
         "protocolVersion": "4", "keepalive": "60", "cleansession": True},
        {"id": "redis", "type": "redis-config", "name": "r", "options": options,
         "optionsType": "json", "cluster": False},
        {"id": "in", "type": "mqtt in", "z": "tab", "topic": "#", "qos": "1", "datatype": "utf8",
         "broker": "broker", "inputs": 0, "wires": [["fields"]]},
        {"id": "fields", "type": "function", "z": "tab", "func": fields, "outputs": 1,
         "wires": [["add"]]},
        {"id": "add", "type": "redis-command", "z": "tab", "server": "redis", "command": "xadd",
         "name": "", "topic": "", "params": "[]", "paramsType": "json", "payloadType": "json",
         "block": False, "wires": [[]]},
    ]  # fmt: skip


class MqBridge(_Peer):
    """One route from `#` to one stream; acknowledges after the write, by its documentation."""

    name = "mq-bridge"
    said = "ready"

    def _command(self, folder: Path, mqtt_url: str, store_url: str) -> list[str]:
        program_ = folder / "mq_bridge_route.py"
        program_.write_text(BRIDGE, "utf-8")
        return [str(BRIDGE_PYTHON), str(program_), mqtt_url, store_url]
