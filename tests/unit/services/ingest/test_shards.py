"""One environment divided among several processes: names, sessions, links."""

import pytest

from services.common.store.keys import LinkHealth
from services.ingest.settings import IngestSettings
from services.ingest.shards import Shard, down, heard_at


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
