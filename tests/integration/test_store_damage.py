"""A damaged append-only file: the store refuses it, or is mended, and what is gone is told."""

import asyncio
import logging
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.common.store.bus import Bus, store
from services.common.store.keys import JOURNAL, buffer_key
from services.historian.archive import Archive
from services.historian.store_mark import StoreMarks
from services.history.local import LocalStorage
from services.supervisor.server import LocalServer, ServerFailedError
from tests.support.processes import ROOT, wait_for

ENTRIES = 200
Damage = Callable[[bytes], bytes]


def _fill(server: LocalServer, *, base: bool) -> None:
    """A journal, half of it in the base file if there is to be one."""
    client: Any = store(server.url)
    at_ms = int(time.time() * 1000)
    for number in range(ENTRIES):
        if base and number == ENTRIES // 2:
            client.bgrewriteaof()
            wait_for(lambda: not client.info("persistence")["aof_rewrite_in_progress"])
        fields = {"t": "a/topic", "p": b"payload %d" % number, "q": 1}
        client.xadd(buffer_key("mock", JOURNAL), fields, f"{at_ms + number}-0")
    client.close()


def _file(server: LocalServer, kind: str) -> Path:
    (path,) = (server.folder / "appendonlydir").glob(f"*.{kind}")
    return path


def _damage(server: LocalServer, kind: str, damage: Damage) -> Path:
    server.stop()
    path = _file(server, kind)
    path.write_bytes(damage(path.read_bytes()))
    return path


def _look(server: LocalServer, folder: Path) -> None:
    """What a historian does as it starts, and every ten seconds."""

    async def look() -> None:
        async with Bus(server.url, "mock") as bus:
            archive = Archive(LocalStorage(folder), "mock")
            archive.open()

            async def work(call: Callable[[], None]) -> None:
                call()

            await StoreMarks(bus, archive, work).step()
            archive.close()

    asyncio.run(look())


def _told(caplog: pytest.LogCaptureFixture) -> int:
    """How many messages the historian misses."""
    (told,) = [r for r in caplog.records if "came back without" in r.getMessage()]
    return int(told.args[0])  # type: ignore[arg-type, index]


def _left(server: LocalServer) -> int:
    client: Any = store(server.url)
    return int(client.xlen(buffer_key("mock", JOURNAL)))


def _flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0x01]) + data[at + 1 :]


def _cut_entry(data: bytes) -> bytes:
    """The file breaks off within its fiftieth entry from the end."""
    at = len(data)
    for _ in range(50):
        at = data.rindex(b"XADD", 0, at)
    return data[: at + 30]


def _flip_length(data: bytes) -> bytes:
    return _flip(data, data.index(b"$4\r\nXADD", len(data) // 2))


def _flip_id(data: bytes) -> bytes:
    """An entry that has a smaller id than the one before it is refused, and nobody says so."""
    at = data.index(b"-0\r\n", len(data) // 2)
    number = data.rindex(b"\n", 0, at) + 1
    return data[:number] + b"0" + data[number + 1 :]


@pytest.mark.parametrize(
    ("kind", "damage"),
    [
        ("incr.aof", _flip_length),
        ("base.rdb", lambda data: _flip(data, len(data) // 2)),
        ("base.rdb", lambda data: data[: len(data) // 2]),
    ],
    ids=["flipped incr", "flipped base", "cut base"],
)
def test_a_file_that_makes_no_sense_is_refused(
    store: LocalServer, kind: str, damage: Damage
) -> None:
    _fill(store, base=True)
    _damage(store, kind, damage)
    with pytest.raises(ServerFailedError):
        store.restart()


@pytest.mark.parametrize("damage", [_cut_entry, _flip_id], ids=["cut", "id"])
def test_what_a_store_leaves_out_without_a_word_is_told(
    store: LocalServer, tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: Damage
) -> None:
    _fill(store, base=True)
    _look(store, tmp_path / "archive")
    _damage(store, "incr.aof", damage)
    store.restart()
    with caplog.at_level(logging.ERROR):
        _look(store, tmp_path / "archive")
        _look(store, tmp_path / "archive")  # and only once
    assert _told(caplog) == ENTRIES - _left(store) > 0


def test_what_came_since_hides_nothing(
    store: LocalServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    _fill(store, base=False)
    _look(store, tmp_path / "archive")
    _damage(store, "incr.aof", _cut_entry)
    store.restart()
    left = _left(store)
    time.sleep(ENTRIES / 1000)  # ids of a later moment
    _fill(store, base=False)
    _look(store, tmp_path / "archive")
    assert _told(caplog) == ENTRIES - left


def test_a_store_that_only_grew_is_missed_by_nobody(
    store: LocalServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    _look(store, tmp_path / "archive")
    for _ in range(2):
        _fill(store, base=False)
        time.sleep(ENTRIES / 1000)
        store.kill()
        store.restart()
        _look(store, tmp_path / "archive")
    assert not caplog.records


def test_zeros_at_the_end_are_cut_off_and_told(
    store: LocalServer, caplog: pytest.LogCaptureFixture
) -> None:
    _fill(store, base=True)
    _damage(store, "incr.aof", lambda data: data + bytes(3_000))
    store.restart()
    assert _left(store) == ENTRIES
    assert "ended in 3000 zero bytes" in caplog.text


def test_a_container_cuts_them_off_as_well(store: LocalServer) -> None:
    _fill(store, base=True)
    whole = _file(store, "incr.aof")
    size = whole.stat().st_size
    _damage(store, "incr.aof", lambda data: data + bytes(3_000))
    command = ["sh", str(ROOT / "deploy/valkey/start.sh"), str(store.folder), "echo", "store"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "store\n"
    assert "ended in 3000 zero bytes" in done.stderr
    assert whole.stat().st_size >= size
    again = subprocess.run(command, capture_output=True, text=True, check=True)
    assert again.stderr == ""


@pytest.mark.mosquitto  # where the servers of Debian are
def test_the_runbook_mends_what_was_refused(
    store: LocalServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    _fill(store, base=True)
    _look(store, tmp_path / "archive")
    _damage(store, "incr.aof", _flip_length)
    manifest = store.folder / "appendonlydir/appendonly.aof.manifest"
    mend = ["redis-check-aof", "--fix", str(manifest)]
    subprocess.run(mend, input="y\n", text=True, check=True, capture_output=True)
    store.restart()
    _look(store, tmp_path / "archive")
    assert _told(caplog) == ENTRIES - _left(store) > 0
