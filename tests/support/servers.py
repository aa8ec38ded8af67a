"""A real store and a real broker for every test, wherever the tests run.

In this order: the addresses in OMF_TEST_STORE_URL and OMF_TEST_MQTT_URL; a Docker engine; servers
on PATH; the servers that came with pip. OMF_TEST_SERVERS=embedded forces the last.

How tests stay apart under `-n auto`: each worker has a store of its own, emptied before each test,
and each test gets a broker nobody used before (it starts in 0.1 s). Servers shared through the
environment or Docker are swept instead, and given addresses are used by one test at a time.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from services.supervisor.probe import exchange
from services.supervisor.server import LocalServer
from tests.support import containers
from tests.support.retained import sweep

LOCK = Path(tempfile.gettempdir()) / "omf-test-servers.lock"


class Addresses(NamedTuple):
    """Where an empty store and a silent broker listen."""

    store_url: str
    mqtt_url: str


def forced_embedded() -> bool:
    """True when OMF_TEST_SERVERS asks for the servers from pip."""
    return os.environ.get("OMF_TEST_SERVERS", "") == "embedded"


def given(name: str) -> str:
    """An address from the environment; empty when none is given or embedded ones are forced."""
    return "" if forced_embedded() else os.environ.get(name, "")


def empty(store_url: str) -> str:
    """Delete every key; returns the address."""
    answer = exchange(store_url, b"*1\r\n$8\r\nFLUSHALL\r\n")
    assert answer.startswith(b"+OK"), f"{store_url} cannot be emptied: {answer!r}"
    return store_url


@contextmanager
def one_test_at_a_time() -> Iterator[None]:
    """Held while given addresses are in use, so that no other worker's test meets this one."""
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class ServerPool:
    """The servers of one worker; made at its first test that needs one, ended with it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._exits = ExitStack()
        self._store_url = ""
        self._shared_mqtt_url: str | None = None
        self._count = 0

    def own(self, part: str) -> LocalServer:
        """A new server with a folder of its own, not yet started; the caller ends it."""
        self._count += 1
        folder = self._folder / f"{part}-{self._count}"
        if part == "store":
            return LocalServer("store", folder, embedded=forced_embedded())
        return LocalServer("broker", folder, embedded=forced_embedded())

    @contextmanager
    def store(self) -> Iterator[str]:
        """Address of an empty store."""
        if address := given("OMF_TEST_STORE_URL"):
            with one_test_at_a_time():
                yield empty(address)
            return
        self._store_url = self._store_url or self._start_store()
        yield empty(self._store_url)

    @contextmanager
    def broker(self) -> Iterator[str]:
        """Address of a broker without a retained message or a session."""
        if address := given("OMF_TEST_MQTT_URL"):
            with one_test_at_a_time():
                yield sweep(address)
            return
        if self._shared_mqtt_url is None:
            self._shared_mqtt_url = self._container("broker")
        if self._shared_mqtt_url:
            yield sweep(self._shared_mqtt_url)
            return
        server = self.own("broker")
        server.start()
        try:
            yield server.url
        finally:
            server.kill()

    def close(self) -> None:
        """End every server this worker started."""
        self._exits.close()

    def _start_store(self) -> str:
        if url := self._container("store"):
            return url
        server = self.own("store")
        server.start()
        self._exits.callback(server.kill)
        return server.url

    def _container(self, part: str) -> str:
        return "" if forced_embedded() else containers.start(part, self._exits)
