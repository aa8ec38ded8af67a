"""What is learned, what is a drift and what is none; whatever is said, nothing breaks."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from omf.messages.message import Message
from omf.payload_shapes.learning import MOST_TOPICS, PayloadShapes
from omf.payload_shapes.shape import (
    GONE_MESSAGES,
    LEARN_MESSAGES,
    MOST_DRIFTS,
    MOST_FIELDS,
    RARE_MESSAGES,
    RARE_S,
)

TOPIC = "site/gate/1"
DAY_MS = int(RARE_S * 1000)


class Watch:
    """A watch and a clock that goes on a second with each message."""

    def __init__(self) -> None:
        self.shapes = PayloadShapes()
        self.ms = 1_778_680_800_000

    def say(
        self, payload: Any, times: int = 1, topic: str = TOPIC, every_ms: int = 1000
    ) -> "Watch":
        raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        for _ in range(times):
            self.ms += every_ms
            self.shapes.take(Message(topic, raw, f"{self.ms}-0"))
        return self

    @property
    def found(self) -> list[tuple[str, str, str]]:
        return sorted((one.kind.value, one.path, one.after) for one in self.shapes.drifts())


KNOWN = {"speed": 3.5, "mode": "AUTO", "inner": {"level": 1}, "list": [{"a": 1}]}


@pytest.fixture
def watch() -> Watch:
    return Watch().say(KNOWN, LEARN_MESSAGES)


def test_what_is_said_for_the_first_time_is_learned() -> None:
    watch = Watch().say({"a": 1}, LEARN_MESSAGES - 1).say({"b": "x", "a": None})
    assert watch.found == []


def test_a_topic_that_speaks_at_a_start_only_is_known_after_days() -> None:
    watch = Watch().say({"version": "1"}, RARE_MESSAGES, every_ms=DAY_MS)
    assert watch.say({"version": "1", "build": 7}).found == [("appeared", "build", "")]
    watch = Watch().say({"version": "1"}, RARE_MESSAGES)
    assert watch.say({"version": "1", "build": 7}).found == []


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ({**KNOWN, "more": 1}, [("appeared", "more", "")]),
        ({**KNOWN, "inner": {"level": 1, "deep": {}}}, [("appeared", "inner.deep", "")]),
        ({**KNOWN, "list": [{"a": 1, "b": 2}]}, [("appeared", "list[].b", "")]),
        ({**KNOWN, "speed": "3.5"}, [("type", "speed", "text")]),
        ({**KNOWN, "inner": []}, [("type", "inner", "array")]),
        ({**KNOWN, "list": [{"a": True}]}, [("type", "list[].a", "truth")]),
        ([KNOWN], [("type", "", "array")]),
        (b"no json", [("type", "", "raw")]),
        (b'{"speed": NaN}', [("type", "", "raw")]),
    ],
)
def test_what_is_not_as_learned(
    watch: Watch, said: Any, wanted: list[tuple[str, str, str]]
) -> None:
    assert watch.say(said, 2).found == wanted
    assert {one.count for one in watch.shapes.drifts()} == {2}


@pytest.mark.parametrize("lost", ["speed", "mode", "inner", "list"])
def test_what_was_always_there_is_gone_after_three_messages(watch: Watch, lost: str) -> None:
    rest = {key: value for key, value in KNOWN.items() if key != lost}
    assert watch.say(rest, GONE_MESSAGES - 1).found == []
    assert watch.say(rest).found == [("vanished", lost, "")]


def test_what_was_now_and_then_missing_need_not_be_there() -> None:
    watch = Watch()
    for number in range(LEARN_MESSAGES):
        watch.say(KNOWN if number % 4 else {"speed": 1})
    assert watch.say({"speed": 1}, 10).found == []


@pytest.mark.parametrize("state", [{"connected": False}, {"state": "OFFLINE"}])
def test_an_object_in_a_state_that_was_not_learned_may_lack_fields(state: dict[str, Any]) -> None:
    whole = {"ip": "10.0.0.1", "volts": 9.0, "connected": True, "state": "ONLINE", "serial": "a"}
    watch = Watch().say({"all": [whole]}, 2 * LEARN_MESSAGES)
    there = {key: value for key, value in whole.items() if key not in ("ip", "volts")}
    assert watch.say({"all": [{**there, **state}]}, 10).found == []
    assert watch.say({"all": [there]}, 10).found == []


def test_an_object_of_another_kind_lacks_most_fields(watch: Watch) -> None:
    assert watch.say({"mode": "AUTO"}, 10).found == []


def test_null_for_an_object_says_there_is_none_and_for_a_number_that_it_is_gone(
    watch: Watch,
) -> None:
    assert watch.say({**KNOWN, "inner": None, "list": None}, 5).found == []
    assert watch.say({**KNOWN, "speed": None}, 5).found == [("vanished", "speed", "")]


def test_a_bay_is_free_again_after_a_long_time_with_a_piece_in_it() -> None:
    """A fresh mock: its first three orders rode in one bay, and the first one left was an alarm."""
    taken, free = ({"loadPosition": "1", "loadType": one} for one in ("RED", None))
    watch = Watch().say({"load": [taken]}, 2 * LEARN_MESSAGES)
    assert watch.say({"load": [free]}, 10).found == []
    assert watch.say({"load": [{**taken, "loadType": 7}]}).found == [
        ("type", "load[].loadType", "number")
    ]


def test_what_was_always_null_begins_to_be_learned_when_it_speaks() -> None:
    watch = Watch().say({"order": None}, 50).say({"order": {"id": "x"}})
    assert watch.say({"order": {"id": "x", "kind": "y"}}).found == []


def test_keys_that_name_things_are_no_fields(watch: Watch) -> None:
    by_serial = {"SVR3QA0022": {"ok": True}, "5iO4": {"ok": True}}
    watch.say({**KNOWN, "inner": {"level": 1, **by_serial}}, LEARN_MESSAGES)
    watch.say({**KNOWN, "inner": {"level": 1, "CHRG0": {"ok": False}}}, 5)
    assert watch.found == []
    watch.say({**KNOWN, "inner": {"level": 1, "CHRG1": {"ok": "yes"}}})
    assert watch.found == [("type", "inner.*.ok", "text")]


def test_a_map_of_the_models_has_free_keys() -> None:
    config = {"productionDurations": {"RED": 580}}
    watch = Watch().say(config, LEARN_MESSAGES, "ccu/state/config")
    watch.say({"productionDurations": {"RED": 580, "GREEN": 5}}, 1, "ccu/state/config")
    assert watch.found == []


def test_a_documented_field_that_comes_late_is_no_news(watch: Watch) -> None:
    order = {"orderId": "a", "type": "RED", "state": "IN_PROGRESS", "orderType": "PRODUCTION"}
    watch.say(order, LEARN_MESSAGES, "ccu/order/response")
    watch.say({**order, "workpieceId": "04a189ca341290"}, 1, "ccu/order/response")
    assert watch.found == []


def test_a_number_far_from_all_that_was_heard() -> None:
    watch = Watch()
    for number in range(LEARN_MESSAGES):
        watch.say({"level": 20 + number % 7, "count": number, "code": number % 2})
    assert watch.say({"level": 60, "count": 10**9, "code": 7}).found == []
    assert watch.say({"level": -900, "count": 5, "code": 0}).found == [("range", "level", "-900")]
    watch.say({"level": 10**400, "count": 5, "code": 0})
    assert watch.found[0][:2] == ("range", "level")


@pytest.mark.parametrize(
    ("heard", "said", "drifts"),
    [
        (["AUTO", "MANUAL"], "TEACHIN", True),
        (["ONLINE"], "CONNECTIONBROKEN", False),
        (["ONLINE"], "FLYING", True),
        (["RUNNING", "FINISHED"], "PAUSED", False),
        (["ALPHA"], "BETA", False),
        (["setStatusLED", "reset"], "announceOutput", False),
        (["A1", "B2"], "C3", False),
    ],
)
def test_a_code_that_was_never_heard(heard: list[str], said: str, *, drifts: bool) -> None:
    watch = Watch()
    for _ in range(2 * LEARN_MESSAGES):
        for word in heard:
            watch.say({"state": word})
    assert watch.say({"state": said}).found == ([("word", "state", said)] if drifts else [])


def test_each_device_is_learned_by_itself() -> None:
    first, second = (f"module/v1/ff/{serial}/state" for serial in ("SVR3QA0022", "SVR4H73275"))
    watch = Watch().say({"orderId": "a", "extra": 1}, LEARN_MESSAGES, first)
    assert watch.say({"orderId": "a", "other": 1}, 5, second).found == []


def test_taken_as_normal_it_does_not_come_again(watch: Watch) -> None:
    changed = {"speed": "3.5", "mode": "AUTO", "inner": {"level": 1, "x.y": 1}, "list": [{"b": 1}]}
    watch.say(changed, GONE_MESSAGES)
    assert len(watch.found) == 4
    assert watch.shapes.accept(TOPIC) == 4
    assert watch.say(changed, LEARN_MESSAGES).found == []
    assert watch.shapes.accept("nobody/says/this") == 0


def test_another_session_is_another_factory(watch: Watch) -> None:
    watch.shapes.take(Message(TOPIC, b"[]", "1778680900000-0", session="other"))
    assert watch.found == []


def hostile() -> Iterator[bytes]:
    yield b"\xff\xfe"
    yield b"[" * 5000
    yield json.dumps({f"key {chr(97 + n % 26) * (n + 1)}": n for n in range(500)}).encode()
    yield json.dumps({"k" * 70_000: {"": {"\x00": 1}}}).encode()
    deep: Any = 1
    for _ in range(150):
        deep = {"a": [deep]}
    yield json.dumps(deep).encode()


def test_whatever_is_said_it_is_bounded_and_can_be_stored() -> None:
    watch = Watch()
    for number in range(MOST_TOPICS + 20):
        for payload in hostile():
            watch.say(payload, 1, f"junk/{number}")
    for payload in hostile():
        watch.say(payload, LEARN_MESSAGES + 5, "junk/0")
    shapes = watch.shapes
    assert len(shapes.topics) == MOST_TOPICS
    assert all(one.fields <= MOST_FIELDS for one in shapes.topics.values())
    assert all(len(one.drifts) <= MOST_DRIFTS for one in shapes.topics.values())
    assert PayloadShapes.restore(json.loads(json.dumps(shapes.snapshot()))) == shapes
    assert json.loads(shapes.snapshot_json()) == shapes.snapshot()
