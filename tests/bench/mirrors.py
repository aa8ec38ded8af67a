"""The contenders of the ingest bench: what each does with a message, and how to know it is done."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from services.common.store.bus import store
from services.common.store.keys import JOURNAL, buffer_key, key
from services.supervisor.child import Child
from tests.support import shared
from tests.support.processes import base_env, wait_for

SETTLE_S = 1.0
POLL_S = 0.01


class Contender(Protocol):
    """Something that receives all the load."""

    name: str
    child: Child

    def done(self) -> bool:
        """True once the last message has been dealt with."""


class Mirror:
    """Our ingest: one id, two or more buffers, last value, counters, acknowledged afterwards."""

    def __init__(
        self, folder: Path, mqtt_url: str, store_url: str, count: int, **settings: str
    ) -> None:
        self.name = "omf ingest"
        self._count = count
        self.store = store(store_url)
        self.store.flushall()
        values = {"mqtt_url": mqtt_url, "store_url": store_url, "log_level": "WARNING", **settings}
        env = base_env({f"OMF_{name.upper()}": value for name, value in values.items()})
        command = [sys.executable, "-m", "services.ingest"]
        self.child = Child(command, folder / "ingest.log", env)
        wait_for(
            lambda: b'"connected":true' in (self.store.get(self._key("link:ingest")) or b""), 20
        )
        time.sleep(SETTLE_S)

    def done(self) -> bool:
        """True once all are in the journal."""
        return int(self.store.hget(self._key("counters"), "appended") or 0) >= self._count

    def check(self) -> str:
        """Lost and doubled, in words; empty if neither."""
        counted = int(self.store.hget(self._key("counters"), "appended") or 0)
        kept = self.store.xinfo_stream(buffer_key("mock", JOURNAL))["entries-added"]
        wrong = counted != self._count or kept != self._count
        return f"{counted} counted and {kept} in the journal of {self._count}" if wrong else ""

    def _key(self, name: str) -> str:
        return key("mock", name)


class Subscriber:
    """mosquitto_sub, written in C: receives, prints to nowhere, keeps nothing."""

    def __init__(self, folder: Path, mqtt_url: str, count: int) -> None:
        self.name = "mosquitto_sub"
        port = mqtt_url.rpartition(":")[2]
        command = ["mosquitto_sub", "-p", port, "-q", "1", "-t", "#", "-C", str(count)]
        # Its output would be a file otherwise: the shell sends it where it says.
        quiet = ["sh", "-c", 'exec "$@" >/dev/null', "sh", *command]
        self.child = Child(quiet, folder / "sub.log", base_env({}))
        time.sleep(SETTLE_S)

    def done(self) -> bool:
        """It ends by itself."""
        return not self.child.alive


class Naive:
    """paho and one XADD per message in its callback, one stream: what one writes first."""

    PROGRAM = """
import sys, redis, paho.mqtt.client as paho
port, store = int(sys.argv[1]), redis.Redis.from_url(sys.argv[2])
client = paho.Client(paho.CallbackAPIVersion.VERSION2)
client.on_message = lambda c, u, m: store.xadd("naive", {"t": m.topic, "p": m.payload})
client.on_connect = lambda c, *_: c.subscribe("#", 1)
client.connect("127.0.0.1", port)
client.loop_forever()
"""

    def __init__(self, folder: Path, mqtt_url: str, store_url: str, count: int) -> None:
        self.name = "naive paho"
        self._count = count
        self._store = store(store_url)
        self._store.flushall()
        port = mqtt_url.rpartition(":")[2]
        command = [sys.executable, "-c", self.PROGRAM, port, store_url]
        self.child = Child(command, folder / "naive.log", base_env({}))
        time.sleep(SETTLE_S)

    def done(self) -> bool:
        """True once all are in its stream."""
        return int(self._store.xlen("naive")) >= self._count


@contextmanager
def load(
    port: str, count: int, rate: float = 0, window: int = 2000, topics: int = 0
) -> Iterator[subprocess.Popen[str]]:
    """A loader that has everything packed and starts at a line on its standard input."""
    command = [
        sys.executable,
        "-m",
        "tests.bench.load",
        port,
        str(count),
        str(rate),
        str(window),
        str(topics),
    ]
    pipe = subprocess.PIPE
    env = base_env({"OMF_SHARED": str(shared.FOLDER)})
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=env)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
