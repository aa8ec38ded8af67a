"""One container after the other dies; it comes back by itself, and no other one goes with it."""

import os
import signal
import time

import pytest

from tests.support.container_stack import Stack, wait_patiently

pytestmark = [pytest.mark.containers, pytest.mark.timeout(2400)]

SERVER = "COMPOSE_PROFILES=mock,monitoring\nOMF_ENVIRONMENTS=mock\n"
BACK_S = 180


def restarts(containers: Stack) -> dict[str, int]:
    """How often the engine started each of them again."""
    return {name: containers.inspect(name)["RestartCount"] for name in containers.served()}


def die(containers: Stack, name: str) -> None:
    """What `docker kill` ends stays ended; what dies does not."""
    os.kill(containers.inspect(name)["State"]["Pid"], signal.SIGKILL)


def test_each_that_dies_comes_back_and_no_other_goes_with_it(containers: Stack) -> None:
    containers.compose("down")
    (containers.checkout / ".env").write_text(SERVER, "utf-8")
    containers.up()
    containers.wait_healthy()
    for name in containers.served():
        before, begun = restarts(containers), time.monotonic()
        die(containers, name)
        wanted = before | {name: before[name] + 1}
        wait_patiently(
            lambda count=wanted[name], name=name: containers.inspect(name)["RestartCount"] == count,
            BACK_S,
        )
        containers.wait_healthy()
        containers.measured(f"killed_{name}_healthy_s", time.monotonic() - begun)
        assert restarts(containers) == wanted, name


def test_after_all_that_an_order_has_its_effect(containers: Stack) -> None:
    told = containers.omf("send", "production-order", "type=BLUE", "--wait", "90")
    assert "effect" in told
    assert "Traceback" not in containers.compose("logs", "--no-log-prefix")
