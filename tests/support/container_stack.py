"""docker-compose.yml on a real Docker engine of its own: a fresh checkout, built and brought up.

`OMF_ENGINE=DIR` keeps the engine and its images there, for the next run; else both go.
"""

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from services.supervisor.ports import free_port
from tests.support.factory_server import SERVICES
from tests.support.processes import ROOT, wait_for

FIGURES = ROOT / "build/containers.json"
ENGINE = ROOT / "tests/support/container_engine.sh"
BUILD_S = 1800
"""Cold, on two cores that do other things as well."""
HEALTHY_S = 420
PULL_S = 120
ENDING = frozenset({"secrets", "address"})
"""They do their work and end."""
NO_STAND_IN = "grafana"
"""No package has it: it runs where a registry of images answers."""
OF_THE_SITE = frozenset({"secrets", ".env"})
"""No checkout touches them."""
HEX_NAME = re.compile(r"[0-9a-f]{64}")


class Stack:
    """A checkout and the containers of its compose file; ports of this machine that are free."""

    def __init__(self, folder: Path, engine: Path, release: str = "") -> None:
        """Copy what a clone would hold, of an older `release` if one is named; no secret."""
        self.checkout = folder / "checkout"
        self.checkout.mkdir()
        self.check_out(release)
        self.pages_port, self.api_port, self.broker_port = free_port(), free_port(), free_port()
        self._own_ports = folder / "ports.yml"
        self._own_ports.write_text(_ports(self.api_port, self.broker_port), "utf-8")
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("OMF_", "COMPOSE_"))},
            "DOCKER_HOST": f"unix://{engine}/docker.sock",
            "DOCKER_CONFIG": str(engine / "client"),
            "DOCKER_BUILDKIT": "1",
            "COMPOSE_FILE": f"docker-compose.yml:{self._own_ports}",
            "OMF_PAGES_PORT": str(self.pages_port),
        }

    def check_out(self, release: str = "") -> None:
        """Have the files of a release, or of this tree; what belongs to the site stays."""
        for path in self.checkout.iterdir():
            if path.name not in OF_THE_SITE:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        packed = _released(release) if release else _present()
        subprocess.run(["tar", "-x"], cwd=self.checkout, input=packed, check=True)

    @cached_property
    def without_image(self) -> frozenset[str]:
        """What can be started neither from a registry nor from a stand-in."""
        image = SERVICES[NO_STAND_IN]["image"]
        for words in (("image", "inspect", image), ("pull", "--quiet", image)):
            with suppress(AssertionError, subprocess.TimeoutExpired):
                self.run(*words, timeout_s=PULL_S)
                return frozenset()
        return frozenset({NO_STAND_IN})

    @property
    def pages(self) -> str:
        """Where the pages are."""
        return f"https://localhost:{self.pages_port}"

    def run(self, *words: str, asked: str = "", timeout_s: float = 300) -> str:
        """What `docker WORDS` says; AssertionError with all it said if it fails."""
        done = subprocess.run(
            ["/usr/bin/docker", *words],
            cwd=self.checkout, env=self.environment, input=asked, text=True, capture_output=True,
            check=False, timeout=timeout_s,
        )  # fmt: skip
        assert done.returncode == 0, f"docker {' '.join(words)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def compose(self, *words: str, asked: str = "", timeout_s: float = 300) -> str:
        """What `docker compose WORDS` says."""
        return self.run("compose", *words, asked=asked, timeout_s=timeout_s)

    def omf(self, *words: str, asked: str = "") -> str:
        """What `docker compose run --rm omf WORDS` says."""
        return self.compose("run", "--rm", "-T", "omf", *words, asked=asked)

    def inside(self, name: str, line: str) -> str:
        """What a line of shell says in a running container."""
        return self.compose("exec", "-T", name, "sh", "-c", line)

    def inside_once(self, name: str, line: str) -> str:
        """What a line of shell says in a container that is run by hand."""
        return self.compose("run", "--rm", "-T", "--entrypoint", "sh", name, "-c", line)

    def inspect(self, name: str) -> dict[str, Any]:
        """All the engine knows of a container."""
        (found,) = json.loads(self.run("inspect", f"omf-{name}-1"))
        return dict(found)

    def address(self, name: str, network: str) -> str:
        """Where a container is reached from this machine."""
        joined = self.inspect(name)["NetworkSettings"]["Networks"]
        return str(joined[f"omf_{network}"]["IPAddress"])

    def served(self) -> list[str]:
        """The services that are to run now, without those that end."""
        wanted = self._wanted()
        return sorted(wanted - ENDING - self._missing(wanted))

    def up(self) -> None:
        """`docker compose up -d`, without what has no image here."""
        wanted = self._wanted()
        missing = self._missing(wanted)
        names = sorted(wanted - missing) if missing else []
        self.compose("up", "-d", *names, timeout_s=BUILD_S)

    def _wanted(self) -> set[str]:
        return set(self.compose("config", "--services").split())

    def _missing(self, wanted: set[str]) -> frozenset[str]:
        # Asked of a registry, which takes its time, only where it is to run.
        return self.without_image if NO_STAND_IN in wanted else frozenset()

    def gone(self) -> None:
        """Nothing of it runs, no volume of it is left."""
        words = ("down", "--volumes", "--remove-orphans", "--timeout", "5")
        self.compose("--profile", "*", *words)

    def unhealthy(self) -> list[str]:
        """Those of the services to run that are not healthy, with what they are."""
        rows = self.compose("ps", "-a", "--format", "json").splitlines()
        states = {row["Service"]: row["Health"] or row["State"] for row in map(json.loads, rows)}
        return [f"{n}: {states.get(n)}" for n in self.served() if states.get(n) != "healthy"]

    def wait_healthy(self) -> float:
        """Return once all are; the seconds it took."""
        begun = time.monotonic()
        wait_patiently(lambda: not self.unhealthy(), HEALTHY_S, self._illness)
        return time.monotonic() - begun

    def unnamed_volumes(self) -> list[str]:
        """Volumes that nobody can find again."""
        return HEX_NAME.findall(self.run("volume", "ls", "-q"))

    def measured(self, name: str, value: float) -> None:
        """A figure of this run, for the report: build/containers.json."""
        FIGURES.parent.mkdir(exist_ok=True)
        known = json.loads(FIGURES.read_text("utf-8")) if FIGURES.exists() else {}
        told = json.dumps(known | {name: round(value, 2)}, indent=1)
        FIGURES.write_text(told + "\n", "utf-8")

    def _illness(self) -> str:
        ill = self.unhealthy()
        logs = self.compose("logs", "--tail", "15", *(one.partition(":")[0] for one in ill))
        return f"{ill}\n{logs}"


def wait_patiently(
    condition: Callable[[], object], timeout_s: float, say: Callable[[], str] = str
) -> None:
    """As `wait_for`, but once a second: each question starts a process or two."""

    def asked() -> object:
        time.sleep(1)
        return condition()

    wait_for(asked, timeout_s, say)


def _present() -> bytes:
    """This tree as an archive: what is tracked, and what would be."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True).stdout
    pack = ["tar", "--null", "-T", "-", "-c"]
    return subprocess.run(pack, cwd=ROOT, input=names, capture_output=True, check=True).stdout


def _released(release: str) -> bytes:
    """A commit of this repository as an archive; AssertionError where it is not there."""
    # With the rights of a checkout: an image is made anew where a file has others.
    pack = ["git", "-c", "tar.umask=0022", "archive", "--format=tar", release]
    done = subprocess.run(pack, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, f"{release} is not in this clone: {done.stderr.decode()}"
    return done.stdout


def _ports(api_port: int, broker_port: int) -> str:
    """Ports of this machine that are free; that of the pages stands in a variable."""
    own = {
        "ui": None,
        "api": f"127.0.0.1:{api_port}:8081",
        "broker-mock": f"127.0.0.1:{broker_port}:8883",
    }
    lines = ["services:"]
    for name, service in SERVICES.items():
        if "ports" in service and name != "ui":
            told = json.dumps([own[name]] if own.get(name) else [])
            lines.append(f"  {name}: {{ports: !override {told}}}")
    return "\n".join(lines) + "\n"


@contextmanager
def engine() -> Iterator[Path]:
    """A Docker engine of its own, in a folder of its own."""
    kept = os.environ.get("OMF_ENGINE")
    folder = Path(kept) if kept else Path(mkdtemp(prefix="omf-engine-", dir="/var/tmp"))
    try:
        if not (folder / "docker.pid").exists():
            subprocess.run(["bash", str(ENGINE), "start", str(folder)], check=True, timeout=BUILD_S)
        yield folder
    finally:
        if not kept:
            subprocess.run(["bash", str(ENGINE), "stop", str(folder)], check=True, timeout=300)
            shutil.rmtree(folder)


@contextmanager
def stack(folder: Path, engine_folder: Path, release: str = "") -> Iterator[Stack]:
    """Nothing of it runs before; nothing of it is left afterwards."""
    made = Stack(folder, engine_folder, release)
    try:
        yield made
    finally:
        made.gone()


def images() -> dict[str, str]:
    """Image of each kind of process of ours that is built without a file .env: service -> image."""
    built = {name: service for name, service in SERVICES.items() if "build" in service}
    return {
        str(service["build"]["args"]["SERVICE"]): f"omf-{name}"
        for name, service in built.items()
        if not {"live", "tools"} & set(service.get("profiles", ()))
    }
