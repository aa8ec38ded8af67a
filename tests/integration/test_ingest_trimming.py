"""What the buffers let go: by count, by age, by bytes, pictures apart; and all of it counted."""

from typing import Any

import pytest

from omf.topics import catalogue
from services.common.store.bus import store
from services.common.store.keys import JOURNAL, buffer_key, key
from services.ingest.redelivery import ENTRY
from services.ingest.routes import Buffer
from services.ingest.stream_writer import Appended, Batch, StreamWriter

CAMERA = catalogue.find("txt_cam").pattern
STATE = "a/state"
HOUR_MS = 3_600_000
NOW_MS = 1_000 * HOUR_MS
KIB = 1024
# A stream is cut by whole nodes of about 4 KiB, so each message here fills one.
FULL = b"x" * 5000


class Buffers:
    """A writer with three small buffers: states, pictures and the journal."""

    def __init__(self, store_url: str, journal_bytes: int = 1 << 30) -> None:
        self.store: Any = store(store_url)
        limits = {
            STATE: Buffer(buffer_key("mock", STATE), STATE, 5, HOUR_MS, ""),
            CAMERA: Buffer(buffer_key("mock", CAMERA), CAMERA, 3, HOUR_MS, "", pictures=1),
            JOURNAL: Buffer(buffer_key("mock", JOURNAL), JOURNAL, "", 2 * HOUR_MS, journal_bytes),
        }
        self.writer = StreamWriter(self.store, "mock", limits, lambda: None)
        self.writer.claim()
        self._number = 0

    def append(self, name: str, count: int, at_ms: int = NOW_MS, payload: bytes = FULL) -> Appended:
        messages = []
        for _ in range(count):
            self._number += 1
            stamp = f"{at_ms}-{self._number}"
            messages.append((stamp, name.encode(), payload, b"1000", (name, JOURNAL)))
        return self.writer.append(Batch(messages, b"", {}, at_ms))

    def topics(self, name: str) -> list[bytes]:
        return [fields[b"t"] for _, fields in self.store.xrange(buffer_key("mock", name))]

    def ids(self, name: str) -> list[bytes]:
        return [entry_id for entry_id, _ in self.store.xrange(buffer_key("mock", name))]

    def trimmed(self, name: str) -> int:
        return int(self.store.hget(key("mock", "counters"), f"trimmed:{name}") or 0)


@pytest.fixture
def buffers(store_url: str) -> Buffers:
    return Buffers(store_url)


def test_the_count_limits_a_buffer_and_not_the_journal(buffers: Buffers) -> None:
    assert buffers.append(STATE, 8).trimmed == {STATE: 3}
    assert len(buffers.topics(STATE)) == 5
    assert len(buffers.topics(JOURNAL)) == 8
    assert buffers.trimmed(STATE) == 3
    assert buffers.trimmed(JOURNAL) == 0


def test_age_empties_buffers_nobody_writes_to(buffers: Buffers) -> None:
    buffers.append(STATE, 4)
    buffers.append(CAMERA, 2)
    assert not buffers.writer.tidy(NOW_MS + HOUR_MS // 2).trimmed
    later = buffers.writer.tidy(NOW_MS + HOUR_MS + 1).trimmed
    # The journal keeps the states for another hour, and not the pictures.
    assert later == {STATE: 4, CAMERA: 2, JOURNAL: 2}
    assert buffers.topics(JOURNAL) == [STATE.encode()] * 4
    assert buffers.writer.tidy(NOW_MS + 2 * HOUR_MS + 1).trimmed == {JOURNAL: 4}
    assert buffers.trimmed(JOURNAL) == 6


def test_a_new_session_leaves_no_packet_id_of_the_old_one_in_the_window(buffers: Buffers) -> None:
    marks = [ENTRY.pack(mid, 7) for mid in range(1, 5)]
    append = buffers.writer.append
    append(Batch([], marks[0], {}, NOW_MS))
    append(Batch([], marks[1], {}, NOW_MS))
    assert buffers.writer.window() == (marks[0] + marks[1], 2)
    append(Batch([], marks[2], {"duplicates": 1}, NOW_MS, new_session=True))
    append(Batch([], marks[3], {}, NOW_MS))
    assert buffers.writer.window() == (marks[2] + marks[3], 4)
    append(Batch([], b"", {}, NOW_MS, new_session=True))
    assert buffers.writer.window()[0] == b""
    assert buffers.store.hget(key("mock", "counters"), "duplicates") == b"1"


def test_bytes_limit_the_journal(store_url: str) -> None:
    buffers = Buffers(store_url, journal_bytes=4 * KIB * KIB)
    for _ in range(100):
        buffers.append(STATE, 20)
    kept = len(buffers.topics(JOURNAL))
    assert 4 * KIB * KIB <= kept * (len(FULL) + 100) <= 6 * KIB * KIB
    assert buffers.trimmed(JOURNAL) == 2000 - kept


def test_pictures_leave_the_journal_with_their_own_buffer(buffers: Buffers) -> None:
    buffers.append(STATE, 1)
    for _ in range(4):
        buffers.append(CAMERA, 2, payload=b"p" * 200 * KIB)
        buffers.append(STATE, 1)
    pictures = buffers.ids(CAMERA)
    assert len(pictures) == 3
    assert set(pictures) <= set(buffers.ids(JOURNAL))
    assert buffers.topics(JOURNAL).count(CAMERA.encode()) == 3
    assert buffers.topics(JOURNAL).count(STATE.encode()) == 5
    assert (buffers.trimmed(CAMERA), buffers.trimmed(JOURNAL)) == (5, 5)


def test_pictures_never_push_the_rest_out_of_the_journal(store_url: str) -> None:
    buffers = Buffers(store_url, journal_bytes=KIB * KIB)
    buffers.append(STATE, 5)
    for _ in range(40):
        buffers.append(CAMERA, 1, payload=b"p" * 200 * KIB)
    assert buffers.topics(JOURNAL).count(STATE.encode()) == 5


def test_a_burst_of_pictures_is_let_go_over_the_next_batches(buffers: Buffers) -> None:
    for _ in range(3):
        buffers.append(CAMERA, 70, payload=b"p")
    for _ in range(3):
        buffers.writer.tidy(NOW_MS)
    assert len(buffers.topics(CAMERA)) == 3


def test_the_catalogue_knows_its_pictures() -> None:
    expected = {catalogue.find(name).pattern for name in ("txt_cam", "txt_quality_check")}
    assert expected == catalogue.PICTURES


def _archive(buffers: Buffers, up_to: bytes | str) -> None:
    buffers.store.set(key("mock", "archived"), up_to)


def _unarchived(buffers: Buffers) -> int:
    return int(buffers.store.hget(key("mock", "counters"), "unarchived") or 0)


def test_what_is_not_archived_outlives_its_age_up_to_a_bound(buffers: Buffers) -> None:
    buffers.append(STATE, 6)
    ids = buffers.ids(JOURNAL)
    _archive(buffers, ids[1])
    buffers.writer.tidy(NOW_MS + 2 * HOUR_MS + 1)
    assert set(ids[2:]) <= set(buffers.ids(JOURNAL))
    assert _unarchived(buffers) == 0
    buffers.writer.tidy(NOW_MS + 3 * HOUR_MS + 1)
    assert buffers.ids(JOURNAL) == []
    assert _unarchived(buffers) == 4


def test_what_is_not_archived_outlives_the_bytes_up_to_a_bound(store_url: str) -> None:
    buffers = Buffers(store_url, 1100 * KIB)
    buffers.append(STATE, 1)
    _archive(buffers, buffers.ids(JOURNAL)[0])
    for _ in range(5):
        buffers.append(STATE, 60)
    assert buffers.trimmed(JOURNAL) <= 1
    assert _unarchived(buffers) == 0
    for _ in range(10):
        buffers.append(STATE, 60)
    lost = _unarchived(buffers)
    assert lost
    assert lost == buffers.trimmed(JOURNAL) - 1
    _archive(buffers, buffers.ids(JOURNAL)[-1])
    for _ in range(10):
        buffers.append(STATE, 60)
        _archive(buffers, buffers.ids(JOURNAL)[-1])
    assert _unarchived(buffers) == lost


def test_pictures_wait_for_the_archive_up_to_a_bound(buffers: Buffers) -> None:
    buffers.append(CAMERA, 1)
    _archive(buffers, buffers.ids(CAMERA)[0])
    buffers.append(CAMERA, 4)
    assert len(buffers.ids(CAMERA)) == 4, "the archived one went, one more than the limit stays"
    assert _unarchived(buffers) == 0
    buffers.append(CAMERA, 3)
    assert len(buffers.ids(CAMERA)) == 4
    assert _unarchived(buffers) == 3
    _archive(buffers, buffers.ids(CAMERA)[-1])
    buffers.writer.tidy(NOW_MS)
    assert len(buffers.ids(CAMERA)) == 3
    assert _unarchived(buffers) == 3


def test_an_id_the_archive_has_is_not_given_again(buffers: Buffers) -> None:
    # The store lost its end: what it forgot is archived under ids that it would give anew.
    _archive(buffers, f"{NOW_MS + 50}-7")
    buffers.append(STATE, 2)
    assert buffers.ids(JOURNAL) == [f"{NOW_MS + 50}-8".encode(), f"{NOW_MS + 50}-9".encode()]
