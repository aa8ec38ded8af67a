"""What becomes of each message of a connection, before it is appended."""

import json

from services.common.mqtt.publish_parser import ReceivedMessage
from services.common.store.keys import TooLarge
from services.ingest.batch_builder import BatchBuilder
from services.ingest.redelivery import Redelivery
from services.ingest.routes import REFUSE_ABOVE_BYTES, Routes
from services.ingest.shards import Shard
from services.ingest.stream_ids import StreamIdGenerator

STATE = "module/v1/ff/X/state"


def received(payload: bytes = b"{}", *, mid: int = 1) -> ReceivedMessage:
    return ReceivedMessage(STATE.encode(), payload, qos=1, retain=False, dup=False, mid=mid)


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


def test_a_message_of_another_shard_is_acknowledged_and_not_appended() -> None:
    shards = [Shard(1, 2), Shard(2, 2)]
    (other,) = [shard for shard in shards if not shard.has(STATE)]
    builder = BatchBuilder(Routes(6, other), StreamIdGenerator())
    builder.begin(None)
    batch = builder.batch([([received()], 1.0)])
    assert (len(batch.messages), dict(batch.counts), len(batch.marks)) == (0, {"other_shard": 1}, 6)


def test_properties_go_with_the_number_of_their_message_and_none_cost_nothing() -> None:
    builder = BatchBuilder(Routes(6), StreamIdGenerator())
    told = received(b"2", mid=2)._replace(properties=b'{"content_type":"x"}')
    big = received(b"3", mid=3)._replace(properties=bytes(REFUSE_ABOVE_BYTES + 1))
    batch = builder.batch([([received(b"1"), big], 1.0), ([told], 1.0)])
    assert [payload for _, _, payload, *_ in batch.messages] == [b"1", b"2"]
    assert batch.properties == [(2, b'{"content_type":"x"}')]
    assert batch.counts == {"rejected:too_large": 1}
    assert batch.too_large
    assert batch.too_large.size == REFUSE_ABOVE_BYTES + 1
    assert builder.batch([([received(b"4", mid=4)], 1.0)]).properties == ()
