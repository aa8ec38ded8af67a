"""What the race asks of a contender, and what those out of pip or npm have in common."""

import contextlib
import http.client
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

from services.supervisor.child import Child
from services.supervisor.engines import program
from services.supervisor.ports import free_port
from tests.bench.peers import PEERS
from tests.support.processes import base_env, wait_for

VALUES = 60
TOPICS = tuple(f"race/{number:02}" for number in range(VALUES))
POLL_MS = 250
"""Of those that ask again and again."""
INSTALL_S, START_S, STOP_S = 900.0, 90.0, 5.0
NODE_HEADERS = Path("/usr/include/node/node.h")
FIRST_PAGE_S = 30.0
"""Some draw the first page for seconds."""


class PageContender(ABC):
    """One server that shows `{"value": number}` of each of TOPICS on one page."""

    name = ""
    told = ""
    """How it brings values to the page, for the result."""
    root = "body"
    """CSS selector of what holds the values."""

    def install(self) -> str:
        """Fetch what is not there yet; why it could not be, "" if it is there."""
        return ""

    @abstractmethod
    def start(self, folder: Path, broker_port: int) -> str:
        """Start it in an empty folder; the address of its page, once it answers."""

    @abstractmethod
    def pids(self) -> list[int]:
        """Its server processes, without those they started."""

    @abstractmethod
    def story(self) -> str:
        """The end of its logs, for an error."""

    @abstractmethod
    def stop(self) -> None:
        """End every process of it."""


class OneServer(PageContender):
    """A contender that is one command."""

    child: Child | None = None
    path = "/"

    @abstractmethod
    def command(self, folder: Path, broker_port: int, port: int) -> list[str]:
        """Write its files into the folder; the command that serves them at this port."""

    def start(self, folder: Path, broker_port: int) -> str:
        """Start it; the address of its page."""
        port = free_port()
        address = f"http://127.0.0.1:{port}{self.path}"
        told = {"HOME": str(folder), "PYTHONPATH": str(folder), "RACE_BROKER": str(broker_port)}
        command = self.command(folder, broker_port, port)
        child = self.child = Child(command, folder / "server.log", base_env(told))
        wait_for(lambda: serves(address) or not child.alive, START_S, child.tail)
        assert child.alive, f"{self.name} ended with {child.returncode}:\n{child.tail()}"
        return address

    def pids(self) -> list[int]:
        """Its one process."""
        return [self.child.pid] if self.child else []

    def story(self) -> str:
        """The end of its log."""
        return self.child.tail() if self.child else ""

    def stop(self) -> None:
        """End it and what it started, which is of its group."""
        if self.child:
            self.child.stop(STOP_S)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.child.pid, signal.SIGKILL)


class PipServer(OneServer):
    """One out of pip, in a virtual environment of its own; its app is a text of ours."""

    folder_name = ""
    packages: Sequence[str] = ()
    app = ""

    @property
    def python(self) -> Path:
        """The interpreter of its environment."""
        return PEERS / self.folder_name / "bin/python"

    def install(self) -> str:
        """Make the environment and install the packages."""
        kept = PEERS / self.folder_name
        if (kept / "complete").exists():
            return ""
        pip = (str(self.python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        steps = ((sys.executable, "-m", "venv", str(kept)), (*pip, PAHO, *self.packages))
        return fetched(kept, *steps)

    def write(self, folder: Path) -> Path:
        """Put the app and what follows the broker into the folder."""
        (folder / "values_feed.py").write_text(FEED, "utf-8")
        path = folder / "app.py"
        path.write_text(self.app, "utf-8")
        return path


class NpmServer(OneServer):
    """One out of npm, below a prefix of its own."""

    folder_name = ""
    packages: Sequence[str] = ()

    @property
    def modules(self) -> Path:
        """Where its packages lie."""
        return PEERS / self.folder_name / "node_modules"

    def install(self) -> str:
        """Install the packages."""
        kept = PEERS / self.folder_name
        if (kept / "complete").exists():
            return ""
        missing = [one for one in ("node", "npm") if not program(one)]
        if missing:
            return f"the program {missing[0]} is not installed"
        quiet = ("--no-audit", "--no-fund", "--loglevel=error")
        return fetched(kept, ("npm", "install", "--prefix", str(kept), *quiet, *self.packages))


def serves(address: str) -> bool:
    """True when a page is answered."""
    try:
        with urllib.request.urlopen(address, timeout=FIRST_PAGE_S):  # noqa: S310 - our own child
            return True
    except (OSError, http.client.HTTPException):
        return False


def fetched(kept: Path, *steps: Sequence[str]) -> str:
    """Run the steps that fill a folder; why one failed (then nothing is kept), "" if none did."""
    PEERS.mkdir(parents=True, exist_ok=True)
    for step in steps:
        if why := _failure(step):
            shutil.rmtree(kept, ignore_errors=True)
            return why
    (kept / "complete").touch()
    return ""


def _failure(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(
            command,
            env=_with_headers(),
            capture_output=True,
            text=True,
            timeout=INSTALL_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
    return lines[-1] if done.returncode else ""


def _with_headers() -> dict[str, str]:
    """This environment; what npm compiles takes the headers of this machine where it has some."""
    headers = {"npm_config_nodedir": "/usr"} if NODE_HEADERS.exists() else {}
    return {**os.environ, **headers}


PAHO = "paho-mqtt==2.1.0"
FEED = f'''\
"""The newest value of each topic, kept up to date by a thread of paho."""
import json, os
import paho.mqtt.client as paho

TOPICS = {list(TOPICS)}


def follow():
    """A dictionary that always holds what came last."""
    latest = {{}}
    client = paho.Client(paho.CallbackAPIVersion.VERSION2)
    client.on_connect = lambda c, *_: c.subscribe("race/+", 1)
    client.on_message = lambda c, u, m: latest.update({{m.topic: json.loads(m.payload)["value"]}})
    client.connect("127.0.0.1", int(os.environ["RACE_BROKER"]))
    client.loop_start()
    return latest
'''
