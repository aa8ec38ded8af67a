"""Nothing that arrives throws the language off: hostile payloads by name and by the thousand."""

import json
import math

import pytest

from omf.messages.reading import MAX_DETAIL, Deleted, Reading, Rejected, Unmodelled, parse
from omf.messages.writing import check_command
from omf.texts import verbatim
from omf.topics import catalogue
from tests.fuzz import run
from tests.support.mutation import HOSTILE_VALUES

SMALL_RUN = 4_000
SEED = 20261123


@pytest.mark.parametrize("hostile", HOSTILE_VALUES.values(), ids=HOSTILE_VALUES)
def test_a_hostile_payload_is_answered_never_raised_on_any_topic(hostile: bytes) -> None:
    for entry in catalogue.TOPICS:
        topic = entry.topic.replace("{", "").replace("}", "")
        for payload in (hostile, b'{"errors":' + hostile + b',"x":' + hostile + b"}"):
            result = parse(topic, payload)
            assert isinstance(result, Reading | Rejected | Unmodelled | Deleted)
            detail = getattr(result, "detail", verbatim(""))
            assert max(map(len, detail.each)) <= MAX_DETAIL


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-1e400", b"9" * 400, b"0.1e999"])
@pytest.mark.parametrize("place", [b'{"paused":false,"new":%s}', b'{"batteryState":{"a":[%s]}}'])
def test_a_number_json_cannot_say_is_named_and_left_out_even_where_nothing_is_modelled(
    number: bytes, place: bytes
) -> None:
    topic = catalogue.address("module_state", serial="S")
    result = parse(topic, place % number)
    assert isinstance(result, Reading)
    assert [one.where.partition(".")[0] in {"new", "batteryState"} for one in result.misfits]
    assert len(result.misfits) == 1
    json.dumps(result.payload.model_dump(mode="json"), allow_nan=False)
    assert isinstance(check_command(topic, place % number), Rejected)


def test_what_was_read_can_always_be_written_as_json() -> None:
    payload = b'{"new":{"a":[1e308,-0.0,9223372036854775807,"\xf0\x9f\x8f\xad",null,true]}}'
    result = parse(catalogue.address("module_state", serial="S"), payload)
    assert isinstance(result, Reading)
    text = json.dumps(result.payload.model_extra, allow_nan=False)
    assert math.isclose(json.loads(text)["new"]["a"][0], 1e308)


@pytest.mark.parametrize("topic", ["", "/", "#", "\0", "\ud800", "$SYS/x", "a/" * 30_000])
def test_a_topic_no_broker_would_deliver_is_only_unknown(topic: str) -> None:
    assert parse(topic, b"{}") == Unmodelled(topic, None)


def test_thousands_of_damaged_messages_raise_nothing() -> None:
    found = run(SMALL_RUN, SEED)
    assert not found.crashes
    assert found.outcomes.total() == SMALL_RUN
