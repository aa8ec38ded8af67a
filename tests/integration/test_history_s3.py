"""Historian, reader and command line on S3-compatible storage, as processes and over kills."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from services.cli import app
from services.common.store.bus import store
from services.common.store.keys import JOURNAL, buffer_key
from services.history.location import storage_of
from services.history.reader import History
from tests.support.archives import light
from tests.support.object_storage import SECRET_KEY, ObjectStorage, object_storage
from tests.support.processes import Processes, Service, wait_for

pytestmark = [pytest.mark.alike, pytest.mark.timeout(240)]
TAKE_OVER_S = 90
"""A killed historian is taken for dead after half a minute."""


@pytest.fixture
def bucket(tmp_path: Path) -> Iterator[ObjectStorage]:
    with pytest.MonkeyPatch.context() as environ, object_storage(tmp_path, environ) as found:
        yield found


def _start(processes: Processes, store_url: str, data: Path, bucket: ObjectStorage) -> Service:
    told = {"history_flush_s": "0.5", "data": str(data), "history": bucket.address}
    return processes.service("historian", store_url=store_url, **told)


def test_an_environment_is_archived_on_s3_over_an_end_and_a_kill(
    processes: Processes, store_url: str, bucket: ObjectStorage, tmp_path: Path
) -> None:
    client: Any = store(store_url)
    said: list[str] = []
    history = History(storage_of("mock", tmp_path, bucket.address))

    def say(count: int) -> None:
        for number in range(count):
            message = light(number, int(time.time() * 1000))
            fields = {"t": message.topic, "p": message.payload, "q": 1}
            said.append(client.xadd(buffer_key("mock", JOURNAL), fields).decode())
        wait_for(lambda: history.through() == said[-1], TAKE_OVER_S)

    historian = _start(processes, store_url, tmp_path, bucket)
    say(300)
    historian.stop(15)
    historian = _start(processes, store_url, tmp_path, bucket)
    say(300)
    historian.kill()
    # The next life on the same node is the heir of the killed one: it waits for nobody.
    _start(processes, store_url, tmp_path, bucket)
    say(300)
    assert [row.message.id for row in history.messages()] == said
    assert not (tmp_path / "history").exists()
    _asked_by_command(bucket, store_url, len(said))
    logs = "".join(path.read_text("utf-8") for path in processes.folder.glob("*.log"))
    assert SECRET_KEY not in logs


def _asked_by_command(bucket: ObjectStorage, store_url: str, count: int) -> None:
    told = {"OMF_HISTORY": bucket.address, "OMF_STORE_URL": store_url}
    checked = CliRunner().invoke(app, ["history", "verify", "--json"], env=told)
    assert checked.exit_code == 0, checked.stderr
    same = [json.loads(line)["same_in_journal"] for line in checked.stdout.splitlines()]
    assert sum(same) == count
    words = ["history", "query", "SELECT count(*) FROM messages", "--json"]
    assert str(count) in CliRunner().invoke(app, words, env=told).stdout


def test_a_server_that_is_away_stops_writing_and_loses_nothing(
    processes: Processes, store_url: str, bucket: ObjectStorage, tmp_path: Path
) -> None:
    client: Any = store(store_url)
    historian = _start(processes, store_url, tmp_path, bucket).wait_ready()
    bucket.process.kill()
    message = light(1, int(time.time() * 1000))
    fields = {"t": message.topic, "p": message.payload, "q": 1}
    client.xadd(buffer_key("mock", JOURNAL), fields)
    wait_for(lambda: "nothing is archived" in historian.tail(50), 60)
    assert historian.alive
    assert not historian.ready()


def test_credentials_in_the_address_are_refused_and_not_shown(
    processes: Processes, store_url: str, tmp_path: Path
) -> None:
    told = {"data": str(tmp_path), "history": f"s3://AKIA:{SECRET_KEY}@bucket/p"}
    historian = processes.service("historian", store_url=store_url, **told)
    wait_for(lambda: not historian.alive)
    assert "credentials belong into AWS_ACCESS_KEY_ID" in historian.tail()
    assert SECRET_KEY not in historian.tail()
