"""What the bench of one message's cost hands to the mirror is what ingest reads."""

from services.common.store.bus import store
from tests.bench.cost import BATCH, BATCHES, KEPT, Many, cost_us


def test_its_messages_are_mirrored(store_url: str) -> None:
    routes = Many(3, KEPT)
    assert cost_us(store_url, routes, 1_790_000_000.0) > 0
    client = store(store_url)
    lengths = {client.xlen(one.key) for one in routes.all.values()}
    assert max(lengths) == BATCH * BATCHES
