"""One container after the other is killed: it comes back, no other falls with it, work goes on."""

import json
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import cycle
from pathlib import Path

import httpx
import pytest

from tests.support import container_doors as doors
from tests.support.container_stack import ENDING, Stack, wait_patiently
from tests.support.factory_server import SERVICES
from tests.support.prometheus import PrometheusApi

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1200)]

SERVER = "COMPOSE_PROFILES=mock,replay,monitoring\nOMF_ENVIRONMENTS=mock,replay\n"
STUCK = "ending so that it is restarted"
"""What a service says last that made no progress for long."""
BACK_S = 180
WORKS_S = 180
NAME = "day"
SESSION = f"{NAME}.jsonl"
ON_THE_WAY = frozenset(
    {"store", "broker-mock", "mock", "ingest-mock", "orders-mock", "gateway-mock"}
)
"""What an order passes."""
COLOURS = cycle(("WHITE", "BLUE", "RED"))
SENSOR = ("topic=/j1/txt/1/c/ldr", 'payload={"period": 60}')
"""Nobody acts on it where a recording is played: the broker's own echo is its effect."""


def killed() -> list[str]:
    """All that keep running with these profiles."""
    ours = {"mock", "replay", "monitoring"}
    return sorted(
        name
        for name, service in SERVICES.items()
        if name not in ENDING and ours & set(service.get("profiles", ours))
    )


@pytest.fixture(scope="module")
def server(containers: Stack, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """All of it at work, with a session in the library; what ran before goes on."""
    (containers.checkout / ".env").write_text(SERVER, "utf-8")
    containers.up()
    containers.wait_healthy()
    session(containers, tmp_path_factory.mktemp("session"))
    return containers


def session(server: Stack, folder: Path) -> None:
    """Import a day of one message."""
    line = {"topic": "ccu/state/stock", "payload": "{}", "timestamp": "2026-01-01T00:00:00Z"}
    (folder / SESSION).write_text(json.dumps(line) + "\n", "utf-8")
    folder.chmod(0o755)
    if SESSION in server.inside("station-replay", "ls /var/lib/omf/sessions"):
        return
    given = ("run", "--rm", "-T", "-v", f"{folder / SESSION}:/in/{SESSION}:ro", "omf")
    server.compose(*given, "session", "import", f"/in/{SESSION}")


@pytest.mark.parametrize("name", killed())
def test_a_killed_container_comes_back_alone_and_work_goes_on(server: Stack, name: str) -> None:
    if name in server.without_image:
        pytest.xfail("no registry of images answers and no package has Grafana")
    stood = {other: started(server, other) for other in server.served()}
    before = stood.pop(name)
    begun = time.monotonic()
    # What `docker kill` ends stays ended; what dies does not.
    os.kill(server.inspect(name)["State"]["Pid"], signal.SIGKILL)
    wait_patiently(lambda: back(server, name, before), BACK_S, lambda: logs(server, name))
    server.measured(f"killed_{name}_healthy_s", time.monotonic() - begun)

    wait_patiently(lambda: ready(server), WORKS_S, lambda: "\n".join(ailing))
    OWN_WORK.get(name, nothing)(server)
    assert "effect" in server.omf("send", *command(name), "--wait", "90")
    server.measured(f"killed_{name}_effect_s", time.monotonic() - begun)
    assert fell(server, stood) == []
    assert not server.unhealthy()


def started(server: Stack, name: str) -> str:
    """When the engine started a container last."""
    return str(server.inspect(name)["State"]["StartedAt"])


def fell(server: Stack, stood: dict[str, str]) -> list[str]:
    """Those that began anew, but for a service that ends itself where the machine starves it."""
    anew = [name for name, since in stood.items() if started(server, name) != since]
    return [name for name in anew if STUCK not in server.run("logs", f"omf-{name}-1")]


def back(server: Stack, name: str, before: str) -> bool:
    """True once it is another life of it, and well."""
    state = server.inspect(name)["State"]
    return bool(state["StartedAt"] != before and state["Health"]["Status"] == "healthy")


def logs(server: Stack, name: str) -> str:
    return server.compose("logs", "--tail", "30", name)


ailing: list[str] = []
"""What `omf status` said last."""


def ready(server: Stack) -> bool:
    """True once `omf status` finds nothing to be done."""
    try:
        server.omf("status")
    except AssertionError as told:
        ailing[:] = [str(told)]
        return False
    return True


def command(name: str) -> tuple[str, ...]:
    """What is asked for after one was killed: an order, if it passes there and takes a piece."""
    if name.endswith("-replay"):
        return ("free-message", *SENSOR, "-e", "replay", "--yes")
    if name in ON_THE_WAY:
        return ("production-order", f"type={next(COLOURS)}")
    return ("fts-factsheet", "serial=5iO4")


def nothing(server: Stack) -> None:
    """What nobody asks anything but its state has shown that."""


def pages(server: Stack) -> None:
    wait_patiently(lambda: answers(doors.first_page, server), WORKS_S)


def http_door(server: Stack) -> None:
    wait_patiently(lambda: answers(doors.http, server), WORKS_S)


def answers(asked: Callable[[Stack], int], server: Stack) -> bool:
    with suppress(OSError):
        return asked(server) == 200
    return False


def library(server: Stack) -> None:
    assert NAME in server.omf("session", "play", NAME)


def questions(server: Stack) -> None:
    """Prometheus has all its targets again."""
    monitor = doors.monitoring(server)
    wait_patiently(lambda: answered(monitor), WORKS_S, lambda: str(doors.targets(monitor, 0)))


def answered(monitor: PrometheusApi) -> bool:
    with suppress(httpx.HTTPError):
        return bool(doors.targets(monitor, 1)) and not doors.targets(monitor, 0)
    return False


def alerts(server: Stack) -> None:
    """Alertmanager says what stands."""
    where = server.address("alertmanager", "backend")
    assert httpx.get(f"http://{where}:9093/api/v2/alerts", timeout=30).is_success


OWN_WORK: dict[str, Callable[[Stack], None]] = {
    "ui": pages,
    "api": http_door,
    "station-replay": library,
    "prometheus": questions,
    "alertmanager": alerts,
}
"""What is asked of one itself."""
