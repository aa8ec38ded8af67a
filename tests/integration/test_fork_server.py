"""A service that a fork server forked is the process that `python -m services.NAME` is."""

import os
import re
import signal
import time
from contextlib import closing, suppress
from pathlib import Path

import httpx
import pytest

from services.supervisor.ports import free_port
from tests.support import forked_process
from tests.support.forked_process import ForkServers
from tests.support.processes import ForkedService, Processes, Service, base_env, wait_for
from tests.support.servers import Addresses

pytestmark = [pytest.mark.alike, pytest.mark.servers]

SAME_S = 2.0
METRIC = re.compile(r"^# TYPE (\S+)", re.MULTILINE)


def _open(pid: int) -> set[str]:
    """Sockets and pipes of a process, each with a number of its own, and who it waits for."""
    found = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            found.add(str(link.readlink()))
    return {name for name in found if name.startswith(("socket:", "pipe:")) or "pidfd" in name}


def _status(service: Service, name: str) -> str:
    """A line of /proc/PID/status."""
    told = Path(f"/proc/{service.pid}/status").read_text("utf-8")
    return told.partition(f"{name}:")[2].partition("\n")[0].strip()


def _metrics(service: Service) -> list[str]:
    return sorted(METRIC.findall(httpx.get(f"{service.health_url}/metrics").text))


def _shown(service: Service) -> tuple[list[str], list[str]]:
    """Its metrics, and what it does with signals."""
    return _metrics(service), [_status(service, one) for one in ("SigBlk", "SigCgt")]


def _settled(service: Service) -> tuple[list[str], list[str]]:
    """What it shows once that has not changed for two seconds."""
    shown, since = _shown(service), time.monotonic()

    def same() -> bool:
        nonlocal shown, since
        if (now := _shown(service)) != shown:
            shown, since = now, time.monotonic()
        return time.monotonic() - since > SAME_S

    wait_for(same)
    return shown


@pytest.mark.parametrize("name", ["api", "gateway", "ingest"])
def test_it_shows_the_same_and_ends_the_same(
    processes: Processes, fork_servers: ForkServers, servers: Addresses, name: str
) -> None:
    processes.fork_servers = None
    started = processes.service(name, **servers._asdict()).wait_ready()
    shown = _settled(started)
    started.send(signal.SIGTERM)
    # A broker has one client of a name: the first one makes room.
    ended = started.wait(60)
    processes.fork_servers = fork_servers
    forked = processes.service(name, **servers._asdict()).wait_ready()
    assert isinstance(forked, ForkedService)
    # What is told on the first round of a loop is there a moment after it is ready.
    wait_for(lambda: _shown(forked) == shown, say=lambda: f"{_shown(forked)}\n{shown}")
    assert os.getsid(forked.pid) == forked.pid
    forked.send(signal.SIGTERM)
    assert (forked.wait(60), forked.returncode) == (ended, 0)


def test_it_has_no_descriptor_of_the_server_or_of_another_fork(
    processes: Processes, store_url: str
) -> None:
    first, second = (processes.service("alarms", store_url=store_url) for _ in range(2))
    for service in (first, second):
        service.wait_ready()
    server = int(_status(first, "PPid"))
    assert server == int(_status(second, "PPid"))
    assert _open(server)
    assert not (_open(server) | _open(first.pid)) & _open(second.pid)


def test_it_is_killed_alone_and_its_signal_told(processes: Processes, store_url: str) -> None:
    first, second = (processes.service("alarms", store_url=store_url) for _ in range(2))
    assert first.kill() == -signal.SIGKILL
    assert second.wait_ready().alive


def test_it_ends_with_its_server_and_that_one_with_who_started_it(tmp_path: Path) -> None:
    settings = {"OMF_STORE_URL": "redis://127.0.0.1:1", "OMF_METRICS_PORT": str(free_port())}
    with closing(ForkServers(tmp_path, base_env({}))) as servers:
        forked = servers.fork("alarms", base_env(settings), tmp_path / "log")
        assert forked is not None
        wait_for((tmp_path / "log").exists)
        assert forked.poll() is None
    wait_for(lambda: not _runs(forked.pid))


def test_who_no_longer_waits_takes_nothing_from_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(ForkServers(tmp_path, base_env({}))) as servers:
        monkeypatch.setattr(forked_process, "ANSWER_S", 0.001)
        with pytest.raises(AssertionError, match="timed out"):
            servers.fork("alarms", base_env({}), tmp_path / "log")
        monkeypatch.undo()
        assert servers.fork("alarms", base_env({}), tmp_path / "log")


def test_what_a_library_reads_when_it_is_imported_needs_a_start(tmp_path: Path) -> None:
    servers = ForkServers(tmp_path, base_env({}))
    assert servers.fork("alarms", base_env({"TZ": "Asia/Tokyo"}), tmp_path / "log") is None


def _runs(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text("utf-8").split()[2]
    except OSError:
        return False
