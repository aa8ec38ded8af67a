"""Historian and store are killed at random under load: what the journal has is archived once.

`make chaos LONG=1` kills a hundred times instead of three.
"""

import time
from pathlib import Path
from random import Random

import pytest

from omf.messages.stream_id import StreamId
from services.common.store.keys import JOURNAL, buffer_key
from services.history.reader import History
from services.supervisor.server import LocalServer
from tests.chaos.scene import LONG, ROUNDS, SEED
from tests.chaos.store_writer import StoreWriter
from tests.support.archives import light
from tests.support.processes import Processes, Service, wait_for

RATE = 500
KEY = buffer_key("mock", JOURNAL)


class Load(StoreWriter):
    """Appends as ingest does."""

    def write(self) -> None:
        while not self.stop.is_set():
            began = time.monotonic()
            for number in range(RATE // 10):
                message = light(number, self.next_ms())
                fields = {"t": message.topic, "p": message.payload, "q": 1}
                self.add(KEY, fields, message.id)
            self.stop.wait(max(0.0, 0.1 - (time.monotonic() - began)))


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
    load = Load(store.url)
    with load.running():
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
    kept = [entry_id.decode() for entry_id, _ in load.client.xrange(KEY)]
    wait_for(lambda: History(root).through() == kept[-1], 60)
    historian.stop(10)
    history = History(root)
    assert [row.message.id for row in history.messages()] == kept
    assert not history.gaps()
    fault = history.storage.fault
    assert not [f for day in history.days() for file in day.files if (f := fault(day.day, file))]
