"""Historian and store are killed at random under load: what the journal has is archived once.

`make chaos LONG=1` kills a hundred times instead of three.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
from redis.exceptions import RedisError

from omf.messages.stream_id import StreamId
from services.common.store.bus import store as client_of
from services.common.store.keys import JOURNAL, buffer_key
from services.history.reader import History
from services.supervisor.server import LocalServer
from tests.chaos.scene import LONG, ROUNDS, SEED
from tests.support.archives import light
from tests.support.processes import Processes, Service, wait_for

RATE = 500
KEY = buffer_key("mock", JOURNAL)


class Load:
    """Appends as ingest does: under ids that rise, again until the store has said it lies there."""

    def __init__(self, url: str) -> None:
        self._client: Any = client_of(url)
        self._stop = threading.Event()
        self._at_ms = int(time.time() * 1000)

    def run(self) -> None:
        while not self._stop.is_set():
            began = time.monotonic()
            for number in range(RATE // 10):
                self._append(number)
            self._stop.wait(max(0.0, 0.1 - (time.monotonic() - began)))

    def _append(self, number: int) -> None:
        self._at_ms += 2
        message = light(number, self._at_ms)
        fields = {"t": message.topic, "p": message.payload, "q": 1}
        while not self._stop.is_set():
            try:
                self._client.xadd(KEY, fields, message.id)
            except RedisError as error:
                if "equal or smaller" in str(error):
                    return  # it lay there already
                self._stop.wait(0.05)
            else:
                return

    @contextmanager
    def running(self) -> Iterator[None]:
        thread = threading.Thread(target=self.run)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()


def _grows(root: Path) -> None:
    before = StreamId.parse(History(root).through())
    wait_for(lambda: StreamId.parse(History(root).through()) > before)


def _historian(processes: Processes, url: str, data: Path) -> Service:
    told = {"data": str(data), "history_flush_s": "0.5"}
    return processes.service("historian", store_url=url, **told)


@pytest.mark.timeout(3600 if LONG else 120)
def test_whatever_is_killed_each_entry_is_archived_once(
    processes: Processes, store: LocalServer, tmp_path: Path
) -> None:
    random = Random(SEED)  # noqa: S311 - to be repeated by its seed
    root = tmp_path / "history" / "mock"
    historian = _historian(processes, store.url, tmp_path).wait_ready()
    with Load(store.url).running():
        for number in range(ROUNDS):
            _grows(root)
            time.sleep(random.uniform(0.0, 1.0))
            if number % 3 == 1:
                store.kill()
                time.sleep(random.uniform(0.0, 0.5))
                store.restart()
            else:
                historian.kill()
                historian = _historian(processes, store.url, tmp_path)
    client: Any = client_of(store.url)
    kept = [entry_id.decode() for entry_id, _ in client.xrange(KEY)]
    wait_for(lambda: History(root).through() == kept[-1], 60)
    historian.stop(10)
    history = History(root)
    assert [row.message.id for row in history.messages()] == kept
    assert not history.gaps()
    fault = history.storage.fault
    assert not [f for day in history.days() for file in day.files if (f := fault(day.day, file))]
