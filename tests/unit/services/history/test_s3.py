"""The archive on S3-compatible storage: the same promises as in a folder, on a real server."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.history import s3
from services.history.address import S3Address
from services.history.location import storage_of
from services.history.manifest import ArchiveError
from services.history.query import Question
from services.history.questions import QuestionError, ask
from services.history.reader import History
from services.history.retention import KeepLimit
from services.history.s3 import S3Storage
from tests.support.archives import (
    CAMERA,
    LDR,
    TO_ARCHIVE,
    archive_faults,
    filled,
    folded,
    go_on,
    lights,
    merged,
)
from tests.support.object_storage import BUCKET, SECRET_KEY, ObjectStorage, object_storage
from tests.support.processes import wait_for

SAID = lights(300, every_ms=60_000)
DAY = f"{BUCKET}/archives/mock/2026-05-13"


@pytest.fixture
def bucket(tmp_path: Path) -> Iterator[ObjectStorage]:
    with pytest.MonkeyPatch.context() as environ, object_storage(tmp_path, environ) as found:
        environ.setattr(s3, "TAKEN_S", 0.01)
        yield found


def _storage(bucket: ObjectStorage) -> S3Storage:
    """As another process has it: nothing is known yet."""
    return S3Storage(S3Address.parse(bucket.address), "mock")


def test_what_goes_in_comes_out_merged_folded_asked_and_forgotten(bucket: ObjectStorage) -> None:
    archive = filled(_storage(bucket), SAID, 40)
    assert merged(archive)
    history = History(_storage(bucket))
    assert [row.message for row in history.messages()] == SAID
    through, state = history.state_until(SAID[-1].id)
    assert (through, state.snapshot()) == (SAID[-1].id, folded(SAID))
    assert len(history.values(LDR, "ldr")) == 100
    counted = ask(history, Question("SELECT count(*) FROM messages WHERE contains(text, 'ldr')"))
    assert counted.rows == [[300]]
    assert not archive_faults(archive)
    archive.open()
    archive.forget({"camera": KeepLimit(days=0.05, megabytes=1)})
    archive.close()
    left = [row.message for row in History(_storage(bucket)).messages(topic_filter=CAMERA)]
    assert 0 < len(left) < 100


@pytest.mark.parametrize("place_of_death", ["archive-files", "archive-manifest", "archive-merge"])
def test_killed_anywhere_each_message_is_there_once(
    bucket: ObjectStorage, place_of_death: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = (
        "import sys; from pathlib import Path; from services.history.location import storage_of;"
        "from tests.support.archives import go_on; go_on(storage_of('mock', Path(), sys.argv[1]))"
    )
    env = {**os.environ, "OMF_FAILPOINT": f"{place_of_death}:2"}
    run = [sys.executable, "-c", script, bucket.address]
    died = subprocess.run(run, env=env, cwd=Path(__file__).parents[4], check=False)
    assert died.returncode == -signal.SIGKILL
    half = [row.message for row in History(_storage(bucket)).messages()]
    assert half == TO_ARCHIVE[: len(half)]
    monkeypatch.setattr(s3, "LEASE_S", 0.2)
    storage = _storage(bucket)
    wait_for(lambda: _taken(storage))
    storage.release()
    go_on(_storage(bucket))
    assert [row.message for row in History(_storage(bucket)).messages()] == TO_ARCHIVE


def _taken(storage: S3Storage) -> bool:
    try:
        storage.hold()
    except ArchiveError:
        return False
    return True


def test_one_writes_at_a_time_and_a_silent_one_is_followed(
    bucket: ObjectStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = _storage(bucket), _storage(bucket)
    first.hold()
    with pytest.raises(ArchiveError, match=r"another historian writes .* takes over in \d+ s"):
        second.hold()
    first._stop.set()  # it is frozen, and beats no more
    monkeypatch.setattr(s3, "LEASE_S", 0.0)
    second.hold()
    # The first one was only stopped for long: what it writes now would undo the other's.
    with pytest.raises(ArchiveError, match="another historian"):
        first.replace("2026-05-13/manifest.json", b"{}")
    second.replace("2026-05-13/notes", b"mine")
    first.release()
    assert second.read("2026-05-13/notes") == b"mine"
    second.release()
    first.hold()
    first.release()


def test_a_damaged_or_missing_object_is_named_and_the_rest_answers(bucket: ObjectStorage) -> None:
    [day] = filled(_storage(bucket), SAID, 60).days.values()
    victim, gone = day.of("messages")[1].name, day.of("camera")[0].name
    client = bucket.client()
    with client.open_output_stream(f"{DAY}/{victim}") as file:
        file.write(b"PAR1 and nothing else")
    client.delete_file(f"{DAY}/{gone}")
    storage = _storage(bucket)
    for path in Path(os.environ["TMPDIR"]).glob("omf-history-*/*/*.parquet"):
        path.unlink()
    history = History(storage)
    assert len(list(history.messages())) == 300 - 20 - 40
    assert any(victim in fault and "damaged" in fault for fault in history.faults)
    assert any(gone in fault and "missing" in fault for fault in history.faults)
    faults = [storage.fault(day.day, file) for file in day.files]
    assert len([fault for fault in faults if fault]) == 2


def test_a_damaged_manifest_is_set_aside_and_the_day_begun_anew(bucket: ObjectStorage) -> None:
    filled(_storage(bucket), SAID[:200], 50)
    with bucket.client().open_output_stream(f"{DAY}/manifest.json") as file:
        file.write(b"{")
    archive = filled(_storage(bucket), SAID[100:], 50)
    history = History(_storage(bucket))
    assert [row.message for row in history.messages()] == SAID[100:]
    assert "2026-05-13.damaged" in history.faults[0] + archive.faults[0]


def test_a_server_that_is_away_is_named_and_nothing_hangs(bucket: ObjectStorage) -> None:
    filled(_storage(bucket), SAID[:30])
    bucket.process.kill()
    history = History(_storage(bucket))
    assert not list(history.messages())
    assert "cannot be read" in history.faults[0]


def test_few_copies_stay_on_this_machine(bucket: ObjectStorage, tmp_path: Path) -> None:
    storage = _storage(bucket)
    storage._cache.limit = 20_000
    filled(storage, SAID, 20)
    assert [row.message for row in History(storage).messages()] == SAID
    copies = list(tmp_path.glob("omf-history-*/*/*.parquet"))
    assert copies
    assert sum(path.stat().st_size for path in copies) <= 20_000


def test_a_question_copies_what_it_names_and_no_more_than_there_is_room_for(
    bucket: ObjectStorage, tmp_path: Path
) -> None:
    filled(_storage(bucket), SAID, 60)
    for path in tmp_path.glob("omf-history-*/*/*.parquet"):
        path.unlink()
    storage = _storage(bucket)
    assert ask(History(storage), Question("SELECT count(*) FROM field_values")).rows[0][0] > 100
    copied = {path.name.partition("-")[0] for path in tmp_path.glob("omf-history-*/*/*.parquet")}
    assert copied == {"values"}
    storage._cache.limit = 20_000
    with pytest.raises(QuestionError, match="narrow it by a shorter time range"):
        ask(History(storage), Question("SELECT count(*) FROM messages"))


def test_a_folder_of_copies_that_others_may_change_is_not_used(
    bucket: ObjectStorage, tmp_path: Path
) -> None:
    filled(_storage(bucket), SAID[:30])
    [folder] = tmp_path.glob("omf-history-*")
    folder.chmod(0o777)
    history = History(_storage(bucket))
    with pytest.raises(ArchiveError, match="can be changed by others"):
        _storage(bucket).unfinished("2026-05-13/messages-1-1_2-2.parquet")
    assert not list(history.messages())
    assert "can be changed by others" in history.faults[0]


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("http://host/bucket", "it has to be like /a/folder or s3"),
        ("s3://", "it has to be like /a/folder or s3"),
        (f"s3://AKIA:{SECRET_KEY}@bucket/p", "credentials belong into AWS_ACCESS_KEY_ID"),
        ("s3://bucket/p?endpoint=host:9000", "endpoint has to be like"),
        (f"s3://bucket/p?endpoint=http://AKIA:{SECRET_KEY}@h:1", "endpoint has to be like"),
        ("s3://bucket/p?secret_key=x", "it has secret_key; known are"),
        ("s3://bucket/p?cache_mb=much", "cache_mb has to be a number"),
    ],
)
def test_an_address_that_is_none_is_refused_without_being_repeated(address: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as refused:
        storage_of("mock", Path(), address)
    assert SECRET_KEY not in str(refused.value)
