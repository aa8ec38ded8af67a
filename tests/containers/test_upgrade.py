"""From the images of the release before to those of this tree, by the lines of docs/runbook.md,
while a factory speaks and people command.

What a clone holds of the release before is asked of git: a shallow one does not have it.
"""

import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.container_pages import PASSWORD
from tests.support.container_stack import BUILD_S, Stack, stack, wait_patiently
from tests.support.ledger import Verdict
from tests.support.processes import ROOT
from tests.support.upgrade_traffic import Traffic

pytestmark = [pytest.mark.containers, pytest.mark.timeout(3600)]

BEFORE = "ce70cc07b4d248db9e44c8c68b26b9607d6dabf0"
"""The last commit that was released before this tree."""
SERVER = "COMPOSE_PROFILES=mock\nOMF_ENVIRONMENTS=mock\n"
RUNBOOK = (ROOT / "docs/runbook.md").read_text("utf-8")
FETCH = "git pull"
SOME = 5
"""Commands that had their effect, before anything is changed and after all is."""


@pytest.fixture(scope="module")
def server(
    containers: Stack, engine_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """The release before, at work, with an account."""
    containers.gone()
    with stack(tmp_path_factory.mktemp("upgrade"), engine_folder, BEFORE) as before:
        (before.checkout / ".env").write_text(SERVER, "utf-8")
        before.compose("build", "--quiet", timeout_s=BUILD_S)
        before.compose("build", "--quiet", "omf", "backup", timeout_s=BUILD_S)
        before.up()
        before.wait_healthy()
        before.omf("user", "add", "anna", "admin", asked=f"{PASSWORD}\n")
        yield before


@pytest.fixture(scope="module")
def traffic(server: Stack) -> Traffic:
    return Traffic(server)


def lines() -> list[str]:
    """What the runbook tells to type."""
    chapter = RUNBOOK.partition("\n## Upgrade\n")[2].partition("\n\n`build`")[0]
    return re.findall(r"^    (.+)$", chapter, re.MULTILINE)


def keeper() -> str:
    """The shell function the runbook gives for the store of containers."""
    return next(line.strip() for line in RUNBOOK.splitlines() if "keeper() { docker" in line)


def typed(server: Stack, line: str) -> None:
    """A line of the runbook in the folder of the compose file; AssertionError with what it said."""
    script = f'docker() {{ /usr/bin/docker "$@"; }}\n{keeper()}\n{line}'
    done = subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=server.checkout, env=server.environment, text=True, capture_output=True,
        check=False, timeout=BUILD_S,
    )  # fmt: skip
    assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    assert "error" not in done.stdout.lower(), f"{line}\n{done.stdout}"


def images_of(server: Stack) -> dict[str, str]:
    """Id of the image each container runs."""
    return {name: server.inspect(name)["Image"] for name in server.served()}


def test_nothing_is_lost_or_sent_twice_by_an_upgrade(server: Stack, traffic: Traffic) -> None:
    before = images_of(server)
    first, *rest = lines()
    assert first == FETCH
    with traffic.under_way():
        wait_patiently(lambda: traffic.effects() >= SOME, 120, lambda: str(traffic.ends()))
        server.check_out()
        for line in rest:
            begun = time.monotonic()
            typed(server, line)
            server.measured(f"upgrade: {line[:40]}", time.monotonic() - begun)
        server.measured("upgrade_healthy_s", server.wait_healthy())
        had = traffic.effects()
        wait_patiently(lambda: traffic.effects() >= had + SOME, 120, lambda: str(traffic.ends()))
    traffic.settled()

    assert traffic.verdict() == Verdict([], [], [])
    traffic.judge_commands()
    server.measured("upgrade_messages", len(traffic.ledger.acknowledged))
    for end, number in traffic.ends().items():
        server.measured(f"upgrade_commands_{end}", number)
    ours = {name for name in before if name not in ("store", "broker-mock")}
    after = images_of(server)
    assert {name for name in ours if before[name] == after[name]} == set()


def test_who_was_there_is_there_and_an_order_has_its_effect(server: Stack) -> None:
    assert "anna" in server.omf("user", "list")
    assert "effect" in server.omf("send", "production-order", "type=RED", "--wait", "90")
    assert "Traceback" not in server.compose("logs", "--no-log-prefix")
