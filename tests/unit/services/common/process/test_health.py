import json
import socket
import struct
import subprocess
import sys
import threading

import pytest

from services.common.process import clock, health, lost_time
from services.common.process.exit_codes import ExitCode
from services.common.process.health import STUCK_S, Health
from services.common.process.lost_time import LostTime, StoreCalls
from services.supervisor import probe
from services.supervisor.ports import free_port
from tests.support.processes import base_env, wait_for


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clock that never steps back, to be set."""
    now = [1000.0]
    monkeypatch.setattr(clock, "monotonic", lambda: now[0])
    return now


def served(one: Health) -> str:
    port = free_port()
    one.serve("127.0.0.1", port)
    return f"http://127.0.0.1:{port}"


def test_a_port_that_is_taken_ends_the_process_with_one_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit) as end:
            Health().serve("127.0.0.1", port)
    assert end.value.code == ExitCode.BROKEN
    assert f"127.0.0.1:{port} (OMF_METRICS_PORT)" in caplog.text


def test_live_means_that_every_loop_goes_round_whatever_else_answers(time: list[float]) -> None:
    one = Health()
    base = served(one)
    one.beat("fold")
    one.beat("commands")
    assert probe.http_get(f"{base}/health/live") == (200, '{"ok": true, "wrong": []}')
    time[0] += STUCK_S + 1
    one.beat("fold")
    status, body = probe.http_get(f"{base}/health/live")
    assert (status, json.loads(body)["wrong"]) == (503, ["commands"])
    one.end("commands")
    assert probe.http_status(f"{base}/health/live") == 200


def test_a_beat_of_an_earlier_time_is_as_old_as_that(time: list[float]) -> None:
    one = Health()
    one.beat("network", time[0] - STUCK_S - 1)
    assert one.stuck() == ["network"]
    one.beat("network", time[0] - STUCK_S + 1)
    assert not one.stuck()


def test_ready_says_in_words_what_is_missing_and_does_not_touch_live() -> None:
    missing: list[str] = ["the broker is not connected"]
    base = served(Health(lambda: missing[0] if missing else None))
    status, body = probe.http_get(f"{base}/health/ready")
    assert (status, json.loads(body)) == (503, {"ok": False, "wrong": missing})
    assert probe.http_status(f"{base}/health/live") == 200
    assert "omf_ready 0.0" in probe.http_get(f"{base}/metrics")[1]
    missing.clear()
    assert probe.http_status(f"{base}/health/ready") == 200
    assert "omf_ready 1.0" in probe.http_get(f"{base}/metrics")[1]


def test_a_loop_that_cannot_work_makes_the_process_unready_until_it_can() -> None:
    one = Health()
    one.hindered("commands", "the store is full")
    one.hindered("snapshot", "the store is full")
    assert one.missing() == "the store is full"
    one.hindered("commands", "")
    assert one.missing()
    one.end("snapshot")
    assert one.missing() is None


def test_the_age_of_each_loop_is_a_figure(time: list[float]) -> None:
    one = Health()
    base = served(one)
    one.beat("fold")
    time[0] += 3
    assert 'omf_loop_age_seconds{loop="fold"} 3.0' in probe.http_get(f"{base}/metrics")[1]


def test_nothing_else_is_answered() -> None:
    base = served(Health())
    assert probe.http_status(f"{base}/") == 404
    assert probe.http_status(f"{base}/metrics/../secrets") == 404


def test_a_stuck_process_ends_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    monkeypatch.setattr(health.os, "_exit", ended.append)
    one = Health()
    one.beat("fold")
    monkeypatch.setattr(health, "STUCK_S", -1.0)
    health.end_when_stuck(one.stuck, lambda: (one,))
    assert ended == [health.EXIT_STUCK]


@pytest.fixture
def delay(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the process was kept from a processor in all, to be set."""
    now = [5.0]
    monkeypatch.setattr(lost_time, "run_delay_s", lambda: now[0])
    return now


def test_a_busy_machine_makes_a_loop_slow_and_not_stuck(
    time: list[float], delay: list[float]
) -> None:
    """Twenty processes want two processors: a second of work takes ten."""
    lost = LostTime(StoreCalls())
    for _ in range(60):
        time[0] += 1.0
        delay[0] += 0.9
        lost.turn(1.0)
    assert lost.total_s == pytest.approx(54.0)


TWO_ON_ONE_PROCESSOR = """
import hashlib, os, threading
from services.common.process.lost_time import RunDelay
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
delay, much, over = RunDelay(), bytes(1 << 20), threading.Event()
def work():
    while not over.is_set():
        hashlib.sha256(much)  # without the lock of the interpreter
threads = [threading.Thread(target=work) for _ in range(2)]
delay.total_s()
for one in threads: one.start()
over.wait(1.0)
print(delay.total_s())
over.set()
"""


def test_a_thread_beside_the_main_one_that_gets_no_processor_counts() -> None:
    """The archive is written by a thread; while it waits the main one has nothing to do."""
    ran = subprocess.run(
        [sys.executable, "-c", TWO_ON_ONE_PROCESSOR],
        env=base_env({}),
        capture_output=True,
        text=True,
        check=True,
    )
    assert float(ran.stdout) > 0.1


def test_a_process_that_was_stopped_is_not_stuck(time: list[float], delay: list[float]) -> None:
    lost = LostTime(StoreCalls())
    time[0] += 21.0
    lost.turn(1.0)
    assert (lost.total_s, delay) == (20.0, [5.0])


def test_waiting_for_the_store_is_not_being_stuck(time: list[float], delay: list[float]) -> None:
    calls = StoreCalls()
    lost = LostTime(calls)
    with calls.waiting():
        for _ in range(20):
            time[0] += 1.0
            lost.turn(1.0)
    assert lost.total_s == 18.0, "from the moment on at which an answer is late"
    for _ in range(5):
        time[0] += 1.0
        lost.turn(1.0)
    assert (lost.total_s, delay) == (19.0, [5.0])


def test_an_idle_machine_loses_nothing(time: list[float], delay: list[float]) -> None:
    lost, calls = LostTime(StoreCalls()), StoreCalls()
    for _ in range(30):
        with calls.waiting():
            time[0] += 1.0
        delay[0] += 0.001
        lost.turn(1.0)
    assert lost.total_s < 0.1


@pytest.mark.usefixtures("delay")
def test_what_is_lost_is_not_counted_against_a_loop(time: list[float]) -> None:
    one = Health()
    # Not that of the whole process: a call to a store that another test left open would count.
    one._lost = LostTime(StoreCalls())
    one.beat("pages")
    one.beat("network", time[0])
    time[0] += 60.0
    one._lost.turn(1.0)
    one.beat("network", time[0] - 60.0)
    assert one.stuck() == []
    time[0] += STUCK_S
    assert one.stuck() == ["pages", "network"]


def test_who_asks_and_does_not_wait_leaves_no_traceback(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    asked = threading.Event()

    def missing() -> str:
        asked.set()
        gone.wait(5)
        return "x" * 1_000_000

    gone = threading.Event()
    port = free_port()
    Health(missing).serve("127.0.0.1", port)
    with socket.create_connection(("127.0.0.1", port)) as caller:
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        caller.sendall(b"GET /health/ready HTTP/1.1\r\n\r\n")
        assert asked.wait(5)
    gone.set()
    assert probe.http_status(f"http://127.0.0.1:{port}/health/live") == 200
    wait_for(lambda: not [one for one in threading.enumerate() if "process_request" in one.name])
    assert "Traceback" not in capfd.readouterr().err
    assert not caplog.records


def test_a_page_that_fails_is_logged_and_the_next_is_served(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    def missing() -> str:
        raise ValueError("no answer to that")

    base = served(Health(missing))
    assert probe.http_status(f"{base}/health/ready") != 200
    wait_for(lambda: "no answer to that" in caplog.text)
    assert "Traceback" not in capfd.readouterr().err
    assert probe.http_status(f"{base}/health/live") == 200
