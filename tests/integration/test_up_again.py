"""`omf up` on bad days: a taken port, a second start, a supervisor that is killed."""

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.supervisor.ports import free_port
from tests.support.processes import wait_for
from tests.support.system import System, omf, runs

pytestmark = [
    pytest.mark.servers,
    pytest.mark.whole,
    pytest.mark.xdist_group("up again"),
    pytest.mark.timeout(180),
]


@pytest.fixture(scope="module")
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", free_port())) as other:
        yield int(other.getsockname()[1])


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory, taken: int) -> Iterator[System]:
    data = tmp_path_factory.mktemp("again") / "data"
    running = System(data, "--environments", "mock", port=taken)
    try:
        yield running.start()
    finally:
        running.close()


def test_a_taken_port_is_left_to_its_owner_and_the_next_one_told(
    system: System, taken: int
) -> None:
    assert system.said(f"port {taken} is taken")
    assert system.run.ui != f"http://127.0.0.1:{taken}"


@pytest.mark.alike
def test_a_second_supervisor_is_kept_out_of_the_folder(system: System) -> None:
    done = omf("up", "--data", str(system.data), "--no-browser")
    assert done.returncode == 2
    assert "already runs" in done.stderr


@pytest.mark.alike
def test_a_newcomer_needs_no_address_in_the_folder_where_it_runs(system: System) -> None:
    assert omf("status", cwd=system.data.parent).returncode == 0


def test_no_part_outlives_a_killed_supervisor(system: System) -> None:
    pids = system.pids()
    assert {"store", "broker-mock", "ingest-mock", "orders-mock", "gateway-mock", "ui"} <= set(pids)
    assert all(map(runs, pids.values()))
    system.child.kill()
    wait_for(lambda: not [part for part, pid in pids.items() if runs(pid)])


def test_the_history_is_there_after_a_second_start(system: System) -> None:
    system.close()
    system.start()
    pids = system.pids().values()
    first = system.json("tail", "#", "--no-follow", "-n", "1")[0]
    system.child.send(signal.SIGTERM)
    assert system.child.wait(60) == 0
    assert not any(map(runs, pids))
    system.start()
    assert first in system.json("tail", "#", "--no-follow")


@pytest.mark.alike
def test_a_live_factory_without_an_address_is_asked_for(tmp_path: Path) -> None:
    done = omf("up", "--data", str(tmp_path), "--environments", "live")
    assert done.returncode == 2
    assert "OMF_LIVE_MQTT_URL" in done.stderr


@pytest.mark.alike
@pytest.mark.parametrize(
    ("words", "cause"),
    [
        (("--host", "192.0.2.1"), "192.0.2.1 is no address of this machine"),
        (("--data", "/dev/null/data"), "choose another --data"),
    ],
)
def test_what_cannot_be_is_said_before_anything_starts(
    words: tuple[str, str], cause: str, tmp_path: Path
) -> None:
    done = omf("up", "--no-browser", *words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert cause in done.stderr


@pytest.mark.alike
def test_a_command_without_a_system_says_how_to_start_one(tmp_path: Path) -> None:
    done = omf("status", "--run", str(tmp_path))
    assert done.returncode == 1
    assert "omf up" in done.stderr
