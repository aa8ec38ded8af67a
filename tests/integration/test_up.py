"""`omf up` and the commands against it: one system for the whole file, in the order written."""

import getpass
import json
import re
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from services.supervisor import probe
from services.supervisor.engines import program
from tests.support.processes import wait_for
from tests.support.prometheus import (
    OF_PEOPLE,
    Prometheus,
    asked_by_dashboards,
    rules,
    selectors,
    targets_of,
)
from tests.support.servers import forced_embedded
from tests.support.sockets import family_of, listening
from tests.support.system import System, kill

pytestmark = [
    pytest.mark.servers,
    pytest.mark.whole,
    pytest.mark.xdist_group("up"),
    pytest.mark.timeout(180),
]
PARTS = {
    "store",
    *(
        f"{part}-{e}"
        for e in ("mock", "replay")
        for part in (
            "broker",
            "ingest",
            "orders",
            "gateway",
            "alarms",
            "notifications",
            "historian",
        )
    ),
    "mock",
    "station-replay",
    "ui",
    "api",
}
MAX_SERIES = 2000
BACK_S = 60.0
NOTICED_S = 1.5
"""Between a message and a command that asks for the last one, beside what that itself takes."""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    running = System(tmp_path_factory.mktemp("up") / "data", "--environments", "mock,replay")
    try:
        yield running.start()
    finally:
        running.close()


@pytest.fixture(autouse=True)
def story(system: System, request: pytest.FixtureRequest) -> Iterator[None]:
    failed = request.session.testsfailed
    yield
    if request.session.testsfailed > failed:
        print(system.story())  # noqa: T201 - shown with the failed test


def test_one_line_tells_of_each_part_and_the_last_says_ready(system: System) -> None:
    named = {line.split()[0] for line in system.lines()}
    assert named >= PARTS
    assert system.lines()[-1] == f"ready {system.run.ui}"


def test_run_json_holds_exactly_what_other_programs_rely_on(system: System) -> None:
    content = json.loads((system.data / "run.json").read_text("utf-8"))
    assert list(content) == ["ui", "redis", "mqtt", "metrics", "pids", "api"]
    assert set(content["mqtt"]) == {"mock", "replay"}
    assert set(content["pids"]) == PARTS
    assert set(content["metrics"]) == {p for p in PARTS if not re.match("store|broker", p)}


def test_ready_means_that_every_part_is(system: System) -> None:
    assert probe.http_answers(system.run.ui)
    assert probe.http_answers(f"{system.run.api}/state")
    assert all("# HELP" in probe.http_get(url)[1] for url in system.run.metrics.values())
    rows = system.json("status")
    assert all(row["healthy"] for row in rows)
    assert {row["part"] for row in rows} >= PARTS


def test_an_ordered_piece_ends_in_an_effect_and_exit_code_zero(system: System) -> None:
    done = system.omf("send", "production-order", "type=WHITE", "--wait", "60", "--json")
    assert done.returncode == 0, done.stderr
    stages = [json.loads(line)["stage"] for line in done.stdout.splitlines()]
    assert stages[0] == "requested"
    assert stages[-1] == "effect"
    assert {"accepted", "queued", "published", "acknowledged"} <= set(stages)


def test_the_same_command_id_is_never_done_twice(system: System) -> None:
    words = ("send", "production-order", "type=RED", "--command-id", "twice", "--json")
    first, second = system.omf(*words), system.omf(*words)
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    # The end of the order may have come in between.
    assert second.stdout.startswith(first.stdout)
    events = [json.loads(line) for line in second.stdout.splitlines()]
    (order_id,) = {one["order_id"] for one in events if one["stage"] == "effect"}
    assert order_id
    assert sum(row["command_id"] == "twice" for row in system.json("commands")) == 1
    audited = [row["command"] for row in system.json("audit")]
    sources = {asked["source"] for asked in audited if asked["command_id"] == "twice"}
    assert sources == {f"cli {getpass.getuser()}@{socket.gethostname()}"}


@pytest.mark.alike
def test_a_refused_command_ends_in_three_and_says_why(system: System) -> None:
    done = system.omf("send", "production-order", "type=BLUE", "--role", "viewer", "--wait", "20")
    assert done.returncode == 3, done.stderr
    assert "refused" in done.stdout


@pytest.mark.alike
def test_a_dangerous_command_that_nobody_confirmed_is_not_sent(system: System) -> None:
    before = _ids(system)
    done = system.omf("send", "factory-reset")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--yes" in done.stderr
    assert _ids(system) == before


def _ids(system: System) -> list[str]:
    return [row["command_id"] for row in system.json("commands")]


@pytest.mark.alike
def test_a_dry_run_shows_the_bytes_and_the_checks_and_sends_nothing(system: System) -> None:
    before = _ids(system)
    plan = system.json("send", "production-order", "type=BLUE", "--dry-run")[0]
    assert plan["steps"][0]["topic"] == "ccu/order/request"
    assert json.loads(plan["steps"][0]["payload"])["type"] == "BLUE"
    assert {"id", "met", "de", "en"} <= set(plan["checks"][0])
    low = system.json("send", "production-order", "type=WHITE", "--role", "viewer", "--dry-run")[0]
    assert [why["id"] for why in low["reasons"]] == ["role"]
    assert _ids(system) == before
    stale = system.omf(
        "send", "production-order", "type=BLUE", "--plan", "not.what.was.read", "--json"
    )
    assert stale.returncode == 3, stale.stdout
    assert "plan-changed" in stale.stdout
    again = system.json("send", "production-order", "type=BLUE", "--dry-run")[0]
    assert again["plan"] == plan["plan"], "ids and times are no part of it"


def test_a_buffer_is_read_exactly_and_a_filter_without_one_from_a_wider_one(system: System) -> None:
    whole = system.json("tail", "#", "--no-follow")
    assert list(whole[0]) == ["id", "ts", "topic", "payload", "qos", "retain", "dup"]
    own = system.json("tail", "fts/v1/ff/+/state", "--no-follow")
    last = own[-1]["id"]
    narrow = system.json("tail", "fts/v1/ff/5iO4/state", "--no-follow")
    assert [r for r in narrow if r["id"] <= last] == [r for r in own if "/5iO4/" in r["topic"]]
    assert system.json("tail", "#", "--no-follow", "-n", "3", "--since", "1h")[-1] in (
        system.json("tail", "#", "--no-follow", "-n", "100")
    )


def test_every_filter_of_the_classes_has_its_buffer(system: System) -> None:
    rows = {row["filter"]: row for row in system.json("buffers")}
    assert rows["#"]["class"] == 6
    assert rows["module/v1/ff/+/state"]["class"] == 1
    assert rows["#"]["length"] > rows["module/v1/ff/+/state"]["length"] > 0


@pytest.mark.alike
def test_a_recorded_range_can_be_replayed_message_by_message(
    system: System, tmp_path: Path
) -> None:
    session = tmp_path / "session.jsonl.gz"
    told = system.json("record", "--out", str(session), "--from", "3s", "--exclude", "osf/#")[0]
    assert told["messages"] > 0
    assert told["retained"] > 0
    done = system.json("replay", str(session), "--speed", "max")[0]
    assert done["sent"] == told["messages"] + told["retained"]
    assert done["damaged"] == []


def test_nothing_listens_but_what_run_json_names_and_only_on_loopback(system: System) -> None:
    run = system.run
    named = [run.ui, run.api, run.redis, *run.mqtt.values(), *run.metrics.values()]
    wanted = {("127.0.0.1", urlsplit(address).port) for address in named}
    assert listening(family_of(system.child.pid)) == wanted


@pytest.mark.prometheus
def test_every_expression_of_a_dashboard_or_rule_has_data(system: System, tmp_path: Path) -> None:
    """Panels and recorded figures as they are; of an alert, the series it compares."""
    compared = {s for rule in rules("alert") for s in selectors(rule["expr"])}
    recorded = {rule["record"] for rule in rules("record")}
    asked = {*asked_by_dashboards(), *recorded, *compared}
    if forced_embedded() or not program("mosquitto"):  # no other broker tells of itself
        asked = {expression for expression in asked if "omf_broker_" not in expression}
    asked = {one for one in asked if not any(name in one for name in OF_PEOPLE)}
    monitor = Prometheus(tmp_path / "prometheus", targets_of(system.run.metrics))
    empty = sorted(asked)
    try:

        def complete() -> bool:
            probe.http_get(f"{system.run.api}/state?environment=mock")
            empty[:] = [expression for expression in empty if not monitor.told(expression)]
            return not empty

        # Latencies are those of commands given while somebody counts.
        wait_for(lambda: monitor.query('omf_command_seconds_bucket{environment="mock"}'), 60)
        assert system.omf("send", "fts-factsheet", "serial=5iO4").returncode == 0
        wait_for(complete, 60, lambda: f"no data: {empty}")
        down = monitor.query('up{job="omf"} == 0')
        large = monitor.query(f'scrape_samples_scraped{{job="omf"}} > {MAX_SERIES}')
    finally:
        monitor.close()
    assert len(asked) > 80
    assert not down
    assert not large, "a label got out of hand"


@pytest.mark.parametrize(
    "part",
    [
        *("store", "broker-mock"),
        *(pytest.param(one, marks=pytest.mark.alike) for one in ("ingest-mock", "orders-mock")),
    ],
)
def test_a_killed_part_comes_back_and_traffic_flows_on(system: System, part: str) -> None:
    before = system.run
    kill(before.pids[part], signal.SIGKILL)
    wait_for(lambda: system.pids().get(part) not in (None, before.pids[part]), BACK_S)
    assert (system.run.redis, system.run.mqtt) == (before.redis, before.mqtt)
    assert system.said(f"{part} ended (killed by signal 9)")
    wait_for(lambda: _flows(system), BACK_S)
    done = system.omf("send", "production-order", "type=WHITE", "--dry-run", "--json")
    assert done.returncode == 0, done.stderr


def _flows(system: System) -> bool:
    """Something was received after now."""
    at = time.time()
    done = system.omf("tail", "#", "--no-follow", "--json", "-n", "1")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return bool(rows) and int(rows[-1]["id"].split("-")[0]) / 1000 > at - NOTICED_S


def test_a_message_nobody_expects_is_shown_as_it_is_and_stops_nothing(system: System) -> None:
    odd = [("odd/topic", "not json {"), ("ccu/state/stock", "]"), ("odd/big", "x" * 1_000_000)]
    session = system.data.parent / "odd.jsonl"
    rows = [{"ts": "2026-01-01T00:00:00Z", "topic": t, "payload": p} for t, p in odd]
    lines = [json.dumps(row) for row in rows]
    session.write_text("\n".join([lines[0], "damaged", *lines[1:]]) + "\n", "utf-8")
    done = system.json("replay", str(session), "--speed", "max", "--environment", "mock")[0]
    assert (done["sent"], done["damaged"]) == (3, [2])
    wait_for(lambda: _odd(system, "odd/#") == [odd[0], odd[2]])
    assert odd[1] in _odd(system, "ccu/state/stock")
    assert system.json("state")[0]["modules"]


def _odd(system: System, topic_filter: str) -> list[tuple[str, str]]:
    rows = system.json("tail", topic_filter, "--no-follow")
    return [(row["topic"], row["payload"]) for row in rows]


@pytest.mark.alike
def test_there_is_history_from_the_first_minute_without_any_setting(system: System) -> None:
    wait_for(lambda: any((system.data / "history/mock").glob("*/manifest.json")), 90)

    def verified() -> int:
        checked = system.omf("history", "verify", "--json")
        assert checked.returncode == 0, checked.stderr
        return sum(json.loads(line)["messages"] for line in checked.stdout.splitlines())

    # The first manifest may be that of the states.
    wait_for(lambda: verified() > 0, 90)


def test_all_is_stopped_in_order_with_exit_code_zero(system: System) -> None:
    pids = system.pids().values()
    system.child.send(signal.SIGINT)
    assert system.child.wait(60) == 0, system.story()
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
    assert system.lines()[-1] == "stopped"
