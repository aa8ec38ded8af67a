"""`omf up` with a broker that somebody else runs, and that is not there at the start."""

from collections.abc import Iterator

import pytest

from services.supervisor.ports import free_port
from services.supervisor.server import LocalServer
from tests.support.processes import wait_for
from tests.support.system import System, environment, omf

pytestmark = [
    pytest.mark.alike,
    pytest.mark.servers,
    pytest.mark.whole,
    pytest.mark.xdist_group("up out"),
    pytest.mark.timeout(240),
]
PARTS = ("ingest-live", "gateway-live")


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[System]:
    data = tmp_path_factory.mktemp("outside") / "data"
    running = System(
        data, "--environments", "mock,live", OMF_LIVE_MQTT_URL=f"mqtt://127.0.0.1:{port}"
    )
    try:
        yield running.start()
    finally:
        running.close()


def test_it_is_ready_and_says_what_is_not_and_why(system: System, port: int) -> None:
    said = "\n".join(system.lines())
    for part in PARTS:
        assert system.said(f"{part:<15} not ready: the broker is not connected: 127.0.0.1:{port}: ")
    assert "refused" in said
    assert system.lines()[-1] == f"ready {system.run.ui}"


def test_the_other_environment_works(system: System) -> None:
    done = system.omf("send", "production-order", "colour=WHITE", "--wait", "30")
    assert done.returncode == 0, done.stdout + done.stderr
    found = system.json_of(1, "status", "--environment", "live")
    rows = {row["part"]: row for row in found if row["environment"] == "live"}
    assert rows["broker-live"]["state"] == "away"
    assert "refused" in rows["link ingest"]["detail"]


def test_a_broker_that_comes_later_is_found(
    system: System, port: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    server = LocalServer("broker", tmp_path_factory.mktemp("late"), port=port)
    server.start()
    try:
        for part in PARTS:
            wait_for(lambda: system.said(f"{part:<15} http"), 60, system.story)  # noqa: B023 - at once
        assert system.omf("status", "--environment", "live").returncode == 0
    finally:
        server.kill()


def test_an_address_that_is_none_is_told_at_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    data = tmp_path_factory.mktemp("wrong") / "data"
    words = ("up", "--data", str(data), "--environments", "mock,live", "--no-browser")
    done = omf(*words, OMF_LIVE_MQTT_URL="factory:1883")
    assert (done.returncode, "OMF_LIVE_MQTT_URL: not a broker address" in done.stderr) == (2, True)
    assert "OMF_LIVE_MQTT_URL" not in environment()


@pytest.fixture(scope="module")
def without_store(tmp_path_factory: pytest.TempPathFactory, store_port: int) -> Iterator[System]:
    """A factory of a broker that is there, and a store of somebody else that is not."""
    broker = LocalServer("broker", tmp_path_factory.mktemp("their-broker"))
    broker.start()
    data = tmp_path_factory.mktemp("no-store") / "data"
    running = System(
        data,
        "--environments",
        "mock",
        "--external",
        OMF_MOCK_MQTT_URL=broker.url,
        OMF_STORE_URL=f"redis://127.0.0.1:{store_port}/0",
    )
    try:
        yield running.start()
    finally:
        running.close()
        broker.kill()


@pytest.fixture(scope="module")
def store_port() -> int:
    return free_port()


def test_without_its_store_it_comes_up_and_says_which_one_is_missing(
    without_store: System, store_port: int
) -> None:
    assert without_store.lines()[-1] == f"ready {without_store.run.ui}"
    said = [line for line in without_store.lines() if "not ready: " in line]
    assert said
    assert f"127.0.0.1:{store_port}" in "\n".join(said)
    assert "Traceback" not in without_store.story()
    asked = without_store.omf("send", "production-order", "colour=WHITE")
    assert asked.returncode != 0
    assert f"127.0.0.1:{store_port}" in asked.stderr
    assert "Traceback" not in asked.stderr


def test_a_store_that_comes_later_is_found_without_a_restart(
    without_store: System, store_port: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    before = without_store.pids()
    server = LocalServer("store", tmp_path_factory.mktemp("late-store"), port=store_port)
    server.start()
    try:
        wait_for(lambda: without_store.omf("status").returncode == 0, 60, without_store.story)
        done = without_store.omf("send", "production-order", "colour=WHITE", "--wait", "30")
        assert done.returncode == 0, done.stdout + done.stderr
        assert without_store.pids() == before
    finally:
        server.kill()
