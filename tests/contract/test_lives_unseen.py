"""Lives of pieces in sessions nobody has seen: recordings with what can happen put into them.

Whatever comes: no exception, no piece that no message named, each contradiction with both messages.
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from omf.analysis.golden import golden_rows
from omf.analysis.shifts import default_shifts
from omf.messages.message import Message
from omf.workpieces.collect import LifeCollector, collect
from omf.workpieces.record import csv_rows, record
from tests.support.shared import recording

MIXED = "ml-wrb-red-nok_20260807_130729"
TWO = "production-wr-agv2-b-agv1-clean_20260513_135600"
WHITE = "white-storage-production_20260807_111716"
Change = Callable[[list[Message], random.Random], Iterator[Message]]


def changed(one: Message, change: Callable[[Any], None]) -> Message:
    said = json.loads(one.payload)
    change(said)
    return one._replace(payload=json.dumps(said).encode())


def of_vehicle(one: Message) -> bool:
    return one.topic.startswith("fts/v1/ff/") and one.topic.endswith("/state")


def with_a_gap(messages: list[Message], draw: random.Random) -> Iterator[Message]:
    """Two minutes were not heard."""
    since = draw.uniform(messages[0].received_at, messages[-1].received_at - 120)
    yield from (one for one in messages if not since < one.received_at < since + 120)


def from_the_middle(messages: list[Message], draw: random.Random) -> Iterator[Message]:
    """Whoever listens came late."""
    yield from messages[draw.randrange(len(messages) // 4, 3 * len(messages) // 4) :]


def lossy(messages: list[Message], draw: random.Random) -> Iterator[Message]:
    """A radio link that loses one message in ten."""
    yield from (one for one in messages if draw.random() > 0.1)


def same_load_on_two_vehicles(messages: list[Message], draw: random.Random) -> Iterator[Message]:
    """A vehicle nobody knows says now and then that it carries what another one carries."""
    for one in messages:
        yield one
        if of_vehicle(one) and draw.random() < 0.05:
            ms, _, number = one.id.partition("-")
            other = changed(one, lambda said: said.update(serialNumber="other"))
            topic = "fts/v1/ff/other/state"
            yield other._replace(topic=topic, id=f"{ms}-{int(number) + 10_000}")


def tag_at_two_places(messages: list[Message], draw: random.Random) -> Iterator[Message]:
    """The warehouse names a tag that lies on a vehicle as well."""
    carried = ""
    for one in messages:
        if of_vehicle(one):
            loads = json.loads(one.payload).get("load") or []
            carried = next((load["loadId"] for load in loads if load.get("loadId")), carried)
        elif one.topic.startswith("module/v1/ff/") and carried and draw.random() < 0.2:
            said = json.loads(one.payload)
            bays = [load for load in said.get("loads") or [] if load.get("loadPosition")]
            if bays:
                place = draw.choice(bays)["loadPosition"]
                yield changed(one, lambda told, at=place: put(told, at, carried))  # noqa: B023
                continue
        yield one


def put(said: Any, position: str, tag: str) -> None:
    for load in said["loads"]:
        if load.get("loadPosition") == position:
            load |= {"loadId": tag, "loadType": "RED"}


def swapped_tags(messages: list[Message], draw: random.Random) -> Iterator[Message]:
    """Somebody changed two pieces on a vehicle: from then on their tags are each other's."""
    tags = sorted(
        {
            load["loadId"]
            for one in messages
            if of_vehicle(one)
            for load in json.loads(one.payload).get("load") or []
            if load.get("loadId")
        }
    )
    a, b = draw.sample(tags, 2) if len(tags) > 1 else (tags[0], "04ffffffffff90")
    since = draw.randrange(len(messages))
    yield from messages[:since]
    for one in messages[since:]:
        payload = one.payload.replace(a.encode(), b"\0").replace(b.encode(), a.encode())
        yield one._replace(payload=payload.replace(b"\0", b.encode()))


def played_again(messages: list[Message], _draw: random.Random) -> Iterator[Message]:
    """The next day the same pieces are handed in and ordered once more, by new orders."""
    yield from messages
    for one in messages:
        ms, _, number = one.id.partition("-")
        payload = one.payload.replace(b'"orderId":"', b'"orderId":"again-')
        yield one._replace(id=f"{int(ms) + 86_400_000}-{number}", payload=payload)


def garbled(messages: list[Message], draw: random.Random) -> Iterator[Message]:
    """A sender that leaves out or spoils a field now and then."""
    for one in messages:
        if draw.random() < 0.05:
            said = json.loads(one.payload)
            if isinstance(said, dict) and said:
                key = draw.choice(sorted(said))
                said[key] = draw.choice([None, 7, "x", [], {}, [{}], [None], {"a": 1}])
                yield one._replace(payload=json.dumps(said).encode())
                continue
        yield one


CHANGES = (
    with_a_gap,
    from_the_middle,
    lossy,
    same_load_on_two_vehicles,
    tag_at_two_places,
    swapped_tags,
    played_again,
    garbled,
)


def story(name: str, change: Change, seed: int) -> tuple[list[Message], LifeCollector]:
    draw = random.Random(f"{name} {seed}")  # noqa: S311 - the same at each run
    messages = list(change(list(recording(name)), draw))
    return messages, collect(messages)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", [MIXED, TWO, WHITE])
def test_nothing_is_invented_and_nothing_breaks(name: str, change: Change, seed: int) -> None:
    messages, found = story(name, change, seed)
    ids, said = {one.id for one in messages}, b"\n".join(one.payload for one in messages)
    for life in found.lives:
        assert life.begun_by in ids
        assert life.tag is None or life.tag.encode() in said
        assert life.end is not None or life.id in found.state.workpieces.open
        for event in life.events:
            assert {event.message_id, *event.evidence} <= ids
        for one in life.contradictions:
            assert set(one.evidence) <= ids, one
            assert len(set(one.said)) == 2, one
            assert one.kind in ("place", "colour", "tag", "stock")
        told = record(life, found.state)
        assert json.loads(json.dumps(told)) == told
    tags = Counter(one.tag for one in found.state.workpieces.open.values() if one.tag)
    assert set(tags.values()) <= {1}
    assert list(csv_rows(found.lives, found.state))


@pytest.mark.parametrize("change", CHANGES)
def test_such_a_session_can_be_kept_as_golden_like_any_other(change: Change) -> None:
    messages, _ = story(WHITE, change, 0)
    first, again = (golden_rows(messages, default_shifts()) for _ in range(2))
    assert first == again


@pytest.mark.parametrize("seed", range(3))
def test_the_same_load_on_two_vehicles_is_a_contradiction_with_both_vehicles(seed: int) -> None:
    _, found = story(MIXED, same_load_on_two_vehicles, seed)
    told = [
        one
        for life in found.lives
        for one in life.contradictions
        if any(place.startswith("other") for place in one.said)
    ]
    assert told
    for one in told:
        assert one.kind == "place"
        assert one.evidence[0] != one.evidence[1]


@pytest.mark.parametrize("seed", range(3))
def test_a_tag_at_two_places_is_a_contradiction_with_both_messages(seed: int) -> None:
    messages, found = story(MIXED, tag_at_two_places, seed)
    topics = {one.id: one.topic for one in messages}
    told = [one for life in found.lives for one in life.contradictions if one.kind == "place"]
    assert told
    for one in told:  # one message may say both places
        assert one.said[0] != one.said[1]
        assert any(topics[by].startswith("module/v1/ff/") for by in one.evidence)


def test_a_tag_that_comes_in_again_begins_a_life_of_its_own() -> None:
    once, twice = collect(recording(WHITE)), story(WHITE, played_again, 0)[1]
    lived, again = (Counter(life.tag for life in one.lives if life.tag) for one in (once, twice))
    handed_in = {
        life.tag for life in once.lives if any(one.what == "handed_in" for one in life.events)
    }
    assert handed_in
    for tag in handed_in:
        assert again[tag] == 2 * lived[tag]
        first, second = (life for life in twice.lives if life.tag == tag)
        assert first.end == "delivered"
        assert {one.order_id for one in first.orders}.isdisjoint(
            one.order_id for one in second.orders
        )
