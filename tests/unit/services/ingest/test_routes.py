"""Which buffers a topic goes to, and what they keep; one shard or several."""

import pytest

from omf.topics import catalogue
from omf.topics.filters import matches
from services.ingest.routes import REFUSE_ABOVE_BYTES, Routes, buffer
from services.ingest.shards import Shard

STATE = "module/v1/ff/X/state"
TOPICS = [entry.pattern.replace("+", "X1") for entry in catalogue.TOPICS] + ["un/known", "$odd/x"]


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


@pytest.mark.parametrize("total", [1, 2, 3, 7])
@pytest.mark.parametrize("priority", range(1, 7))
def test_each_topic_is_one_shards_and_reaches_it(total: int, priority: int) -> None:
    shards = [Shard(number, total) for number in range(1, total + 1)]
    for topic in TOPICS:
        (mine,) = [shard for shard in shards if Routes(priority, shard).of(topic.encode()).buffers]
        wanted = any(matches(f, topic) for f in Routes(priority).subscriptions)
        got = any(matches(f, topic) for f in Routes(priority, mine).subscriptions)
        assert got or not wanted
