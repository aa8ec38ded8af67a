"""A copy taken while everything runs, put back into an empty store: the same, to the last byte."""

import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.common.backup.backup import save
from services.common.backup.backup_format import SHORT_LIVED, CopyError
from services.common.backup.restore import restore
from services.common.mqtt.link import Received
from services.common.store.bus import Bus, store
from services.common.store.keys import key
from services.supervisor.server import LocalServer
from tests.support.circle import ENVIRONMENT, STOCK, Connected, Desk, Factory
from tests.support.processes import Processes, wait_for
from tests.support.servers import Addresses
from tests.support.system import omf

ALL = key(ENVIRONMENT, "")
WRITERS = ("ingest", "orders", "gateway")


def _content(store_url: str) -> dict[str, Any]:
    """Everything that lasts, by name.

    A lock on a device ends by itself after some seconds, in the middle of a test on a busy machine.
    """
    with store(store_url) as client:
        names = sorted(name.decode() for name in client.keys(f"{ALL}*"))
        lasting = [n for n in names if not n.removeprefix(ALL).startswith(SHORT_LIVED)]
        lasting = [n for n in lasting if client.pttl(n) < 0]
        return {name: READ[client.type(name)](client, name) for name in lasting}


def _stream(client: Any, name: str) -> Any:
    groups = client.xinfo_groups(name)
    last = client.xinfo_stream(name)["last-generated-id"]
    return client.xrange(name), last, [(g["name"], g["last-delivered-id"]) for g in groups]


READ: dict[bytes, Callable[[Any, str], Any]] = {
    b"stream": _stream,
    b"hash": lambda client, name: client.hgetall(name),
    b"list": lambda client, name: client.lrange(name, 0, -1),
    b"string": lambda client, name: client.get(name),
}


def _told(store_url: str, *words: str) -> Any:
    done = omf(*words, "--json", OMF_STORE_URL=store_url)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_what_a_copy_puts_back_is_what_was_there(
    servers: Addresses, store: LocalServer, processes: Processes, tmp_path: Path
) -> None:
    started = [processes.service(name, **servers._asdict()) for name in WRITERS]
    with Factory(servers.mqtt_url, WHITE=2, BLUE=1) as factory:
        for service in started:
            service.wait_ready(40)
        desk = Desk(servers.store_url)
        desk.final(desk.order("first"))
        factory.say("strange/topic", b"\xff\x00no text", retain=True)
        wait_for(lambda: b"strange/topic" in desk.client.hgetall(f"{ALL}latest"))
        running = _told(servers.store_url, "backup", "--out", str(tmp_path / "running.jsonl.gz"))
        refused = omf(
            "restore", str(tmp_path / "running.jsonl.gz"), OMF_STORE_URL=servers.store_url
        )
        assert (refused.returncode, "still runs" in refused.stderr) == (1, True)
        for service in started:
            service.stop()
    copy = tmp_path / "mock.jsonl.gz"
    (counts,) = _told(servers.store_url, "backup", "--out", str(copy))
    assert counts["entries"] >= running[0]["entries"] > 0
    before = _content(servers.store_url)
    moment = str(_told(servers.store_url, "tail", "#", "-n", "1", "--no-follow")[0]["ts"])
    state = _told(servers.store_url, "state", "--at", moment)
    assert _told(store.url, "restore", str(copy))[0]["keys"] == counts["keys"]
    assert _content(store.url) == before
    assert _told(store.url, "state", "--at", moment) == state
    assert before[f"{ALL}audit"][0], "the audit is part of it"
    _goes_on(Addresses(store.url, servers.mqtt_url), processes)


def _goes_on(servers: Addresses, processes: Processes) -> None:
    """Ids, groups and the sealed audit continue where they stood; the old command stays known."""
    with Factory(servers.mqtt_url, WHITE=2):
        for name in WRITERS:
            processes.service(name, **servers._asdict()).wait_ready(40)
        desk = Desk(servers.store_url)
        old = desk.stages("first")
        desk.order("first")
        assert desk.final(desk.order("second")).stage.value == "effect"
        assert desk.stages("first") == old
    assert omf("audit", "--verify", OMF_STORE_URL=servers.store_url).returncode == 0


async def _small(store_url: str, path: Path) -> None:
    async with Bus(store_url, ENVIRONMENT) as bus:
        await bus.client.xadd(bus.key("buffer:#"), {"t": "a", "p": "1", "q": 0}, "5-1")
        await bus.choose_class(3)
        await save(bus, path)


async def test_what_is_there_is_not_overwritten_unless_told(store_url: str, tmp_path: Path) -> None:
    path = tmp_path / "copy.jsonl"
    await _small(store_url, path)
    async with Bus(store_url, ENVIRONMENT) as bus:
        with pytest.raises(CopyError, match="--replace"):
            await restore(bus, path)
        await bus.choose_class(1)
        await restore(bus, path, replace=True)
        assert await bus.client.get(bus.key("ingest:class")) == b"3"


async def test_a_lock_put_back_ends_when_it_would_have(store_url: str, tmp_path: Path) -> None:
    path = tmp_path / "copy.jsonl"
    async with Bus(store_url, ENVIRONMENT) as bus:
        await bus.client.set(bus.key("claim:device X"), "held", px=60_000)
        await save(bus, path)
        await restore(bus, path, replace=True)
        assert 0 < await bus.client.pttl(bus.key("claim:device X")) <= 60_000


@pytest.mark.parametrize("flaw", ["cut", "garbled", "another", "foreign"])
async def test_a_copy_that_is_damaged_or_foreign_changes_nothing(
    store_url: str, tmp_path: Path, flaw: str
) -> None:
    path = tmp_path / "copy.jsonl.gz"
    await _small(store_url, path)
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    broken = {
        "cut": b"".join(lines[:-1]),
        "garbled": b"".join([*lines[:2], b"{nonsense\n", *lines[2:]]),
        "another": b"".join([lines[0].replace(b'"mock"', b'"live"'), *lines[1:]]),
        "foreign": b'{"some": "json"}\n',
    }[flaw]
    path.write_bytes(gzip.compress(broken))
    before = _content(store_url)
    async with Bus(store_url, ENVIRONMENT) as bus:
        with pytest.raises(CopyError, match=str(path)):
            await restore(bus, path, replace=True)
    assert _content(store_url) == before


@pytest.mark.mosquitto
def test_a_broker_goes_on_from_a_copy_of_its_file(broker: LocalServer, tmp_path: Path) -> None:
    with Factory(broker.url, WHITE=1):
        pass
    broker.stop()
    folder = tmp_path / "copied"
    folder.mkdir()
    shutil.copy(broker.folder / "mosquitto.db", folder)
    other = LocalServer("broker", folder)
    other.start()
    try:
        with Ear(other.url) as ear:
            wait_for(lambda: STOCK in ear.heard)
    finally:
        other.kill()


class Ear(Connected):
    """Which topics came."""

    def __init__(self, mqtt_url: str) -> None:
        super().__init__(mqtt_url, "ear", ["#"])
        self.heard: list[str] = []

    def on_message(self, received: Received) -> None:
        self.heard.append(received.topic)
