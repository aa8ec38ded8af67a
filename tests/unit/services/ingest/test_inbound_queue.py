"""The queue between the network threads and the main thread."""

import threading

from services.ingest.inbound_queue import MAX_BATCH_MESSAGES, InboundQueue
from tests.unit.services.ingest.test_batch_builder import received


def test_a_batch_is_bounded_and_of_one_connection() -> None:
    queue = InboundQueue(threading.Event())
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
    queue = InboundQueue(threading.Event(), max_waiting_bytes=5000)
    while queue.has_capacity():
        queue.put([received(bytes(1000))], 1)
    assert len(queue) <= 5
    queue.take(0)
    assert queue.has_capacity()
