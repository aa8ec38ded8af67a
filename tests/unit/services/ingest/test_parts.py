"""The pure parts of ingest: ids, routes, the queue between its threads, and the batch."""

import json
from itertools import pairwise

import pytest

from omf.messages.stream_id import StreamId
from omf.topics import catalogue
from omf.topics.filters import matches
from services.common.mqtt.publish_parser import ReceivedMessage
from services.common.store.keys import LinkHealth, TooLarge
from services.ingest.batch_builder import BatchBuilder
from services.ingest.inbound_queue import MAX_BATCH_MESSAGES, InboundQueue
from services.ingest.redelivery import Redelivery
from services.ingest.routes import REFUSE_ABOVE_BYTES, Routes, buffer
from services.ingest.settings import IngestSettings
from services.ingest.shards import Shard, down, heard_at
from services.ingest.stream_ids import StreamIdGenerator

STATE = "module/v1/ff/X/state"


def received(payload: bytes = b"{}", *, mid: int = 1) -> ReceivedMessage:
    return ReceivedMessage(STATE.encode(), payload, qos=1, retain=False, dup=False, mid=mid)


def one(ids: StreamIdGenerator, at: float) -> str:
    ms, seq = ids.take(at, 1)
    return f"{ms}-{seq}"


def test_ids_rise_strictly_whatever_the_clock_does() -> None:
    generator = StreamIdGenerator("2000-7")
    ids = [one(generator, at) for at in (1.0, 2.0, 2.0, 2.001, 0.5, 2.001, 3.0)]
    assert ids == ["2000-8", "2000-9", "2000-10", "2001-0", "2001-1", "2001-2", "3000-0"]
    generator.after("9000-3")
    generator.after("5-5")
    assert one(generator, 4.0) == "9000-4"
    more = (generator.take(4.0, 10), generator.take(9.001, 3), generator.take(9.001, 1))
    assert more == (
        (9000, 5),
        (9001, 0),
        (9001, 3),
    )
    assert all(StreamId.parse(a) < StreamId.parse(b) for a, b in pairwise(ids))


def test_a_topic_goes_to_its_buffers_and_last_to_the_journal() -> None:
    assert Routes(6).of(STATE.encode()).buffers == (catalogue.find("module_state").pattern, "#")
    assert Routes(6).of(b"unheard/of").buffers == ("#",)


def test_a_low_class_still_receives_what_orders_live_on() -> None:
    routes = Routes(1)
    assert "#" not in routes.subscriptions
    assert catalogue.find("ccu_state_stock").pattern in routes.subscriptions
    assert routes.of(b"ccu/state/stock").buffers == ("#",)


def test_one_megabyte_is_within_every_limit() -> None:
    assert REFUSE_ABOVE_BYTES > 1_000_000
    assert all(
        Routes(6).of(t).max_bytes >= REFUSE_ABOVE_BYTES for t in (STATE.encode(), b"un/known")
    )


def test_the_limits_of_a_buffer_come_from_the_catalogue() -> None:
    entry = catalogue.find("module_state")
    limits = buffer("mock", entry.pattern)
    assert (limits.keep_count, limits.keep_ms) == (entry.keep_count, entry.keep_hours * 3_600_000)
    assert buffer("mock", "#").keep_bytes


def test_a_batch_is_bounded_and_of_one_connection() -> None:
    queue = InboundQueue()
    every = [received(mid=number) for number in range(2 * MAX_BATCH_MESSAGES + 10)]
    queue.put(every[:100], 1)
    queue.put(every[100:-1], 1)
    queue.put(every[-1:], 2)
    assert len(queue) == len(every)
    taken = [queue.take(0) for _ in range(5)]
    assert [len(t) if t else 0 for t in taken] == [MAX_BATCH_MESSAGES, MAX_BATCH_MESSAGES, 9, 1, 0]
    assert [t.connection for t in taken if t] == [1, 1, 1, 2]
    assert [mid for t in taken if t for mid in t.mids()] == list(range(len(every)))
    assert len(queue) == 0


def test_reading_stops_while_too_much_waits() -> None:
    queue = InboundQueue(max_waiting_bytes=5000)
    while queue.has_capacity():
        queue.put([received(bytes(1000))], 1)
    assert len(queue) <= 5
    queue.take(0)
    assert queue.has_capacity()


def test_a_payload_too_large_is_counted_and_acknowledged_but_not_appended() -> None:
    builder = BatchBuilder(Routes(6), StreamIdGenerator())
    builder.begin(None)
    batch = builder.batch([([received(bytes(REFUSE_ABOVE_BYTES + 1)), received(b"1")], 1.0)])
    assert [payload for _, _, payload, *_ in batch.messages] == [b"1"]
    assert json.loads(json.dumps(batch.counts)) == {"rejected:too_large": 1}
    assert len(batch.marks) == 2 * 6
    refused = batch.too_large
    assert refused == TooLarge(
        topic=STATE, size=REFUSE_ABOVE_BYTES + 1, limit=REFUSE_ABOVE_BYTES, at=1.0
    )


def test_only_the_first_batch_of_a_new_session_forgets_the_packet_ids_of_the_old_one() -> None:
    builder = BatchBuilder(Routes(6), StreamIdGenerator())
    found = []
    for redelivery in (Redelivery(b"", 0), None):
        builder.begin(redelivery)
        found += [builder.batch([([received()], 1.0)]).new_session for _ in range(2)]
    assert found == [False, False, True, False]


TOPICS = [entry.pattern.replace("+", "X1") for entry in catalogue.TOPICS] + ["un/known", "$odd/x"]


@pytest.mark.parametrize("total", [1, 2, 3, 7])
@pytest.mark.parametrize("priority", range(1, 7))
def test_each_topic_is_one_shards_and_reaches_it(total: int, priority: int) -> None:
    shards = [Shard(number, total) for number in range(1, total + 1)]
    for topic in TOPICS:
        (mine,) = [shard for shard in shards if Routes(priority, shard).of(topic.encode()).buffers]
        wanted = any(matches(f, topic) for f in Routes(priority).subscriptions)
        got = any(matches(f, topic) for f in Routes(priority, mine).subscriptions)
        assert got or not wanted


def test_a_message_of_another_shard_is_acknowledged_and_not_appended() -> None:
    shards = [Shard(1, 2), Shard(2, 2)]
    (other,) = [shard for shard in shards if not shard.has(STATE)]
    builder = BatchBuilder(Routes(6, other), StreamIdGenerator())
    builder.begin(None)
    batch = builder.batch([([received()], 1.0)])
    assert (len(batch.messages), dict(batch.counts), len(batch.marks)) == (0, {"other_shard": 1}, 6)


@pytest.mark.parametrize("text", ["", "0/2", "3/2", "1", "a/b", "1/100"])
def test_a_wrong_shard_is_refused_with_the_right_form(text: str) -> None:
    with pytest.raises(ValueError, match="use i/n"):
        Shard.parse(text)


def test_shards_keep_sessions_and_state_of_their_own() -> None:
    one, two = (IngestSettings(shard=Shard(n, 2)) for n in (1, 2))
    assert (IngestSettings().client_id(), one.client_id("a1b2c3")) == (
        "omf-ingest-mock",
        "omf-ingest-mock-1of2-a1b2c3",
    )
    assert (IngestSettings().state_topic, two.state_topic) == (
        "omf/mock/ingest/state",
        "omf/mock/ingest/2of2/state",
    )
    assert two.shown()["shard"] == "2/2"
    assert (Shard().name("ingest"), two.shard.name("ingest")) == ("ingest", "ingest:2/2")


def test_the_view_is_as_old_as_what_its_last_shard_heard() -> None:
    told = LinkHealth(connected=True, broker="b", since=1.0, at=99.0)
    early, never = told.model_copy(update={"last_packet_at": 90.0}), told
    found = [link.model_dump_json().encode() for link in (early, never)]
    assert heard_at(98.0, [*found, None]) == 90.0
    assert heard_at(None, [None]) is None


def test_links_of_other_shards_are_told_when_they_fail() -> None:
    good = LinkHealth(connected=True, broker="b", since=1.0, at=99.0)
    bad = good.model_copy(update={"connected": False, "detail": "refused"})
    old = good.model_copy(update={"at": 90.0})
    found = [link.model_dump_json().encode() for link in (good, bad, old)]
    told = down(["one", "two", "three", "four"], [*found, None], 100.0)
    assert told == "two: refused; three is silent; four is silent"
