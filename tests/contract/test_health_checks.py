"""What Docker asks every container every ten seconds tells the truth and costs next to nothing."""

import json
import re
import resource
import subprocess
import sys
from collections.abc import Callable

import pytest

from services.common.process.health import Health
from services.supervisor.ports import free_port
from tests.contract.test_deploy import DOCKERFILE, FIRST, OURS, SERVICES, TOLD

(INSTRUCTION,) = re.findall(r"(?ms)^HEALTHCHECK (.+?)\\\n +CMD (\[.+?\])$", DOCKERFILE)
TIMES = dict(re.findall(r"--([a-z-]+)=(\d+)s?", INSTRUCTION[0]))
QUESTION: list[str] = json.loads(INSTRUCTION[1])
ROUNDS = 5


def ask(port: int) -> int:
    """Exit code of the health check of our images, at another port."""
    words = [word.replace("/9100", f"/{port}") for word in QUESTION]
    return subprocess.run(words, capture_output=True, check=False, timeout=20).returncode


@pytest.fixture
def served() -> Callable[[Health], int]:
    def serve(health: Health) -> int:
        port = free_port()
        health.serve("127.0.0.1", port)
        return port

    return serve


def test_a_process_whose_loops_go_round_is_healthy(
    served: Callable[[Health], int], caplog: pytest.LogCaptureFixture
) -> None:
    one = Health(lambda: "no broker")  # not ready is no reason to be started again
    one.beat("fold")
    assert ask(served(one)) == 0
    assert not caplog.records


def test_a_process_that_is_stuck_is_not(served: Callable[[Health], int]) -> None:
    one = Health()
    one.beat("fold", at=0.0)
    one.stuck = lambda: ["fold"]  # type: ignore[method-assign]
    assert ask(served(one)) != 0


def test_where_nobody_answers_nobody_is_healthy() -> None:
    assert ask(free_port()) != 0


def test_a_check_costs_next_to_nothing(served: Callable[[Health], int]) -> None:
    """Less than an interpreter that does nothing, whatever that takes on this machine."""
    port = served(Health())
    idle = [sys.executable, "-I", "-S", "-c", "pass"]
    assert spent_s(lambda: ask(port)) < spent_s(lambda: subprocess.run(idle, check=True).returncode)


def spent_s(run: Callable[[], int]) -> float:
    """Of a processor, by what is started."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert not any(run() for _ in range(ROUNDS))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_no_check_starts_a_python() -> None:
    told = [
        QUESTION,
        *(s["healthcheck"].get("test", []) for s in SERVICES.values() if "image" in s),
    ]
    assert not [words for words in told if re.search(r"\bpython|promtool", " ".join(words))]


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {*OURS, FIRST, TOLD}))
def test_a_check_of_a_server_has_a_time_that_a_busy_machine_keeps(name: str) -> None:
    told = SERVICES[name]["healthcheck"]
    seconds = {key: int(str(told[key]).rstrip("s")) for key in TIMES_OF_COMPOSE}
    assert_patient(seconds["interval"], seconds["timeout"], seconds["retries"])
    assert seconds["start_period"] >= 60


TIMES_OF_COMPOSE = ("interval", "timeout", "retries", "start_period")


def test_a_check_of_ours_has_a_time_that_a_busy_machine_keeps() -> None:
    assert_patient(*(int(TIMES[key]) for key in ("interval", "timeout", "retries")))
    assert int(TIMES["start-period"]) >= 120


def assert_patient(interval_s: int, timeout_s: int, retries: int) -> None:
    """A Raspberry Pi that is busy for half a minute is not called ill."""
    assert timeout_s >= 10
    assert interval_s * retries >= 30
