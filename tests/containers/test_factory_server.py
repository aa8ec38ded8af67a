"""A factory server from nothing, as its people walk through it; in the order written.

CI goes the first steps alone, and takes it down (`-m first_steps`).
"""

import json
import os
import shlex
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from deploy import sbom
from tests.support.container_doors import first_page, http, monitoring, targets
from tests.support.container_pages import PASSWORD, order, signed_in
from tests.support.container_stack import Stack, images, wait_patiently
from tests.support.factory_server import mounts
from tests.support.processes import ROOT
from tests.support.prometheus import OF_PEOPLE, asked_by_dashboards

pytestmark = [pytest.mark.containers, pytest.mark.timeout(2400)]

MAX_BUILD_S = 1800
MAX_UP_S = 180
"""What a newcomer waits for at most, once the images are there."""
MAX_CHECK_S = 0.1
TARGETS = 17
"""Two environments of six processes, mock, station, pages, HTTP door, Prometheus itself."""
INSTALLED = (
    "from importlib.metadata import distributions as d;"
    "print(*(f'{one.name}=={one.version}' for one in d()))"
)
SERVER = "COMPOSE_PROFILES=mock,replay,monitoring\nOMF_ENVIRONMENTS=mock,replay\n"
LOOK = """
id -u; id -g
sed -n 's/^CapEff:\\t//p;s/^CapBnd:\\t//p;s/^NoNewPrivs:\\t//p;s/^Seccomp:\\t//p' /proc/1/status
(: > /omf-was-here) 2>/dev/null && echo writable || echo read-only
ls /run/secrets 2>/dev/null | tr '\\n' ' '
"""


def seconds_of(act: Callable[[], object]) -> float:
    begun = time.monotonic()
    act()
    return time.monotonic() - begun


@pytest.mark.first_steps
def test_every_image_is_built(containers: Stack) -> None:
    took = seconds_of(lambda: containers.compose("build", "--quiet", timeout_s=MAX_BUILD_S))
    containers.measured("build_s", took)
    again = seconds_of(lambda: containers.compose("build", "--quiet", timeout_s=MAX_BUILD_S))
    containers.measured("build_again_s", again)
    assert again < 300


@pytest.mark.first_steps
@pytest.mark.parametrize("service", sorted(images()))
def test_an_image_holds_what_is_locked_and_nothing_that_installs_more(
    containers: Stack, service: str
) -> None:
    image = images()[service]
    asked = ("run", "--rm", "--network", "none", "--entrypoint", "python", image, "-c", INSTALLED)
    found = dict(line.split("==") for line in containers.run(*asked).split())
    assert found.pop("omf-dashboard")
    wanted = sbom.pins(ROOT / f"deploy/requirements/{service}.txt")
    assert {sbom._normal(name): version for name, version in found.items()} == {
        name: version for name, version in wanted.items() if name != "async-timeout"
    }
    size = int(containers.run("image", "inspect", "-f", "{{.Size}}", image))
    containers.measured(f"image_{service}_mb", size / 1e6)


@pytest.mark.first_steps
def test_up_alone_starts_the_mock_with_pages_on_https_and_says_where(containers: Stack) -> None:
    assert not (containers.checkout / ".env").exists()
    begun = time.monotonic()
    containers.up()

    told = f"the pages are on {containers.pages}\n"
    said = ("logs", "--no-log-prefix", "address")
    wait_patiently(
        lambda: told in containers.compose(*said), MAX_UP_S, lambda: containers.compose("ps", "-a")
    )
    containers.measured("up_s", time.monotonic() - begun)
    assert first_page(containers) == 200


@pytest.mark.first_steps
def test_the_secrets_are_of_whom_the_checkout_belongs_to(containers: Stack) -> None:
    secrets = containers.checkout / "secrets"
    assert secrets.stat().st_mode & 0o777 == 0o700
    owner = containers.checkout.joinpath("docker-compose.yml").stat().st_uid
    assert {path.stat().st_uid for path in secrets.rglob("*")} == {owner}


@pytest.mark.first_steps
def test_every_container_becomes_healthy_and_none_by_chance(containers: Stack) -> None:
    containers.measured("healthy_after_up_s", containers.wait_healthy())
    for name in containers.served():
        log = containers.inspect(name)["State"]["Health"]["Log"]
        assert log[-1]["ExitCode"] == 0


def test_a_health_check_costs_next_to_nothing(containers: Stack) -> None:
    check = json.loads(containers.run("image", "inspect", "-f", "{{json .Config}}", "omf-ui"))
    question = check["Healthcheck"]["Test"][-1]
    line = f"TIMEFORMAT='%U %S'; time bash -c {shlex.quote(question)}"
    asked = ("exec", "omf-ui-1", "bash", "-c", f"({line}) 2>&1")
    spent = sum(map(float, containers.run(*asked).split()))
    containers.measured("health_check_cpu_s", spent)
    assert spent < MAX_CHECK_S


@pytest.mark.first_steps
def test_a_container_may_do_what_it_must_and_nothing_else(containers: Stack) -> None:
    for name in containers.served():
        told = containers.inside(name, LOOK).split("\n")
        assert int(told[0]) > 0, name
        assert [int(word, 16) for word in told[2:4]] == [0, 0], f"{name} has capabilities"
        assert told[4:7] == ["1", "2", "read-only"], name
        assert set(told[7].split()) == set(mounts(name)), name
        limits = containers.inspect(name)["HostConfig"]
        assert limits["Memory"] > 0
        assert limits["NanoCpus"] > 0
        assert limits["PidsLimit"] > 0
        assert not limits["Privileged"]


@pytest.mark.first_steps
def test_the_first_account_signs_in_and_its_order_has_an_effect(
    containers: Stack, chromium: Browser
) -> None:
    containers.omf("user", "add", "anna", "admin", asked=f"{PASSWORD}\n")
    page = signed_in(containers, chromium)
    order(page, containers, "WHITE")
    page.context.close()


@pytest.mark.parametrize("colour", ["BLUE", "RED"])
def test_an_order_from_the_command_line_has_an_effect(containers: Stack, colour: str) -> None:
    told = containers.omf("send", "production-order", f"type={colour}", "--wait", "90")
    assert "effect" in told


def test_an_imported_session_lies_where_it_is_played_from(
    containers: Stack, tmp_path: Path
) -> None:
    line = {"topic": "ccu/state/stock", "payload": "{}", "timestamp": "2026-01-01T00:00:00Z"}
    day = tmp_path / "day.jsonl"
    day.write_text(json.dumps(line) + "\n", "utf-8")
    tmp_path.chmod(0o755)
    given = ("run", "--rm", "-T", "-v", f"{day}:/in/day.jsonl:ro", "omf")
    containers.compose(*given, "session", "import", "/in/day.jsonl")
    assert "day.jsonl.gz" in containers.inside("station-replay", "ls /var/lib/omf/sessions")


def test_a_file_env_adds_the_monitoring_and_every_target_is_up(containers: Stack) -> None:
    (containers.checkout / ".env").write_text(SERVER, "utf-8")
    containers.up()
    containers.wait_healthy()
    monitor = monitoring(containers)
    wait_patiently(
        lambda: len(targets(monitor, 1)) >= TARGETS, 90, lambda: str(targets(monitor, 0))
    )
    assert not targets(monitor, 0)
    containers.measured("targets_up", len(targets(monitor, 1)))
    assert monitor.get("alertmanagers")["activeAlertmanagers"]


def test_every_expression_of_a_dashboard_has_data(containers: Stack) -> None:
    monitor = monitoring(containers)
    empty = [e for e in asked_by_dashboards() if not any(name in e for name in OF_PEOPLE)]
    containers.measured("dashboard_expressions", len(empty))
    containers.omf("send", "fts-factsheet", "serial=5iO4")

    def complete() -> bool:
        with suppress(OSError):
            http(containers)
        empty[:] = [expression for expression in empty if not monitor.told(expression)]
        return not empty

    wait_patiently(complete, 120, lambda: f"no data: {empty}")


def test_a_broker_reaches_neither_the_store_nor_prometheus(containers: Stack) -> None:
    for name, port in (("store", 6379), ("prometheus", 9090)):
        where = f"http://{containers.address(name, 'backend')}:{port}/"
        line = f"wget -q -T 3 -t 1 -O /dev/null {where} && echo reached || echo cut off"
        assert containers.inside("broker-mock", line).strip() == "cut off", name


def test_every_container_that_is_killed_comes_back(containers: Stack, chromium: Browser) -> None:
    names = containers.served()
    begun = time.monotonic()
    for name in names:
        # What `docker kill` ends stays ended; what dies does not.
        os.kill(containers.inspect(name)["State"]["Pid"], signal.SIGKILL)
    wait_patiently(lambda: restarted(containers, names), 120)
    containers.wait_healthy()
    containers.measured("all_killed_and_healthy_s", time.monotonic() - begun)
    page = signed_in(containers, chromium)
    order(page, containers, "WHITE")
    page.context.close()


def restarted(containers: Stack, names: list[str]) -> bool:
    """True once the engine started each of them again."""
    return all(containers.inspect(name)["RestartCount"] for name in names)


def commands(containers: Stack) -> set[str]:
    """Ids of all commands that are kept."""
    rows = containers.omf("commands", "--json", "-n", "200").splitlines()
    return {json.loads(row)["command_id"] for row in rows}


def test_a_copy_comes_back_into_a_fresh_volume(containers: Stack) -> None:
    copy = "/backups/mock.jsonl.gz"
    before = commands(containers)
    assert before
    containers.compose("run", "--rm", "-T", "backup", "backup", "-e", "mock", "--out", copy)
    containers.compose("down")
    containers.run("volume", "rm", "omf_store")
    containers.compose("up", "-d", "store")
    containers.compose("run", "--rm", "-T", "backup", "restore", "-e", "mock", copy)
    assert commands(containers) == before


def healthy_again(containers: Stack) -> None:
    """All of it up, and well."""
    containers.up()
    containers.wait_healthy()


def kept(containers: Stack) -> dict[str, set[str]]:
    """What each volume has, by name."""
    return {
        "commands": commands(containers),
        "accounts": set(containers.omf("user", "list").split()),
        "sessions": set(containers.inside("station-replay", "ls /var/lib/omf/sessions").split()),
        "archive": set(containers.inside("historian-mock", "ls -R /var/lib/omf/history").split()),
        "copies": set(containers.inside_once("backup", "ls /backups").split()),
    }


def test_down_and_up_keeps_everything(containers: Stack, chromium: Browser) -> None:
    healthy_again(containers)  # the copy was put back with nothing but the store
    before, downed = kept(containers), time.time()
    assert {"anna", "day.jsonl.gz", "mock.jsonl.gz"} <= set.union(*before.values())
    containers.compose("down")
    took = seconds_of(lambda: healthy_again(containers))
    containers.measured("up_again_and_healthy_s", took)
    after = kept(containers)
    lost = {name: had - after[name] for name, had in before.items()}
    assert not any(lost.values()), lost
    (first,) = monitoring(containers).query("min_over_time(timestamp(up{job='prometheus'})[2h:5s])")
    assert float(first["value"][1]) < downed
    page = signed_in(containers, chromium)
    order(page, containers, "BLUE")
    page.context.close()


@pytest.mark.first_steps
def test_nothing_is_left_lying_about(containers: Stack) -> None:
    assert containers.unnamed_volumes() == []
    assert "Traceback" not in containers.compose("logs", "--no-log-prefix")


@pytest.mark.first_steps
def test_down_ends_all_and_keeps_what_was_written(containers: Stack) -> None:
    volumes = containers.run("volume", "ls", "-q")
    assert "omf_store" in volumes.split()
    containers.compose("--profile", "*", "down")
    assert containers.run("ps", "-aq") == ""
    assert "omf_" not in containers.run("network", "ls", "--format", "{{.Name}}")
    assert containers.run("volume", "ls", "-q") == volumes
