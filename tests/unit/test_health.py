import json

import pytest

from services.common import clock, health
from services.common.health import STUCK_S, Health
from services.up import probe
from services.up.ports import free_port


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
    one._watch()
    assert ended == [health.EXIT_STUCK]
