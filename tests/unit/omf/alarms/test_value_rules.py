"""What is usual here and is not so any more: stock, orders, calibration, vibration, a topic."""

from typing import Any

import pytest

from omf.alarms.rule_data import BUILT_IN, with_site
from omf.texts import has
from tests.support import mock_world
from tests.support.factory import DRILL, Factory, order
from tests.support.watched_mock import WatchedMock


def told(rules: str = "") -> Factory:
    factory = Factory()
    if rules:
        factory.state.alarm_rules = with_site(f"version: 1\nrules:\n  {rules}\n")
    return factory


def found(factory: Factory, rule: str) -> set[str]:
    return {name.partition(":")[2] for name in factory.alarms() if name.startswith(f"{rule}:")}


STOCK = "stock-below: {parameters: {red: 2, blue: 1}}"


@pytest.mark.parametrize(
    ("pieces", "short"),
    [
        ({"A1": "RED", "A2": "RED", "A3": "BLUE"}, set()),
        ({"A1": "RED", "A3": "BLUE"}, {"RED"}),
        ({"A1": "WHITE"}, {"RED", "BLUE"}),
        ({}, {"RED", "BLUE"}),
    ],
)
def test_fewer_pieces_than_the_site_wants_are_an_alarm(
    pieces: dict[str, str], short: set[str]
) -> None:
    factory = told(STOCK)
    assert found(factory, "stock-below") == set(), "a stock that is not known is not empty"
    factory.stock(**pieces)
    assert found(factory, "stock-below") == short
    factory.state.alarm_rules = BUILT_IN
    assert found(factory, "stock-below") == set()


def test_a_piece_of_unknown_colour_that_is_to_be_stored_is_said_once() -> None:
    factory = told()
    for colour in ("UNKNOWN", "RED", "PINK"):
        body = {"type": colour, "orderType": "STORAGE", "workpieceId": "04a1", "timestamp": "t"}
        factory.say("ccu_order_request", body)
    factory.say("ccu_order_request", {"type": "UNKNOWN", "orderType": "PRODUCTION"})
    assert len(found(factory, "storage-unknown-colour")) == 2
    factory.wait(10)
    assert len(found(factory, "storage-unknown-colour")) == 2
    # That the CCU does not answer is no second alarm.
    under = factory.state.symptoms(factory.now)
    hidden = {one.subject for group in under.values() for one in group}
    assert hidden == found(factory, "storage-unknown-colour")
    factory.wait(600)
    assert found(factory, "storage-unknown-colour") == set()


@pytest.mark.parametrize("told_type", ["storage", "STORE", "", None])
def test_the_ccu_stores_whatever_is_no_production_and_so_does_the_alarm(
    told_type: str | None,
) -> None:
    body = {"type": "UNKNOWN", "orderType": told_type, "timestamp": "t"}
    factory = told().say("ccu_order_request", body)
    assert len(found(factory, "storage-unknown-colour")) == 1


def calibrate(factory: Factory, command: str, **when: Any) -> None:
    body = {"timestamp": "t", "serialNumber": DRILL, "command": command}
    factory.say("ccu_set_calibration", body, **when)


@pytest.mark.parametrize(
    "end", ["storeCalibrationValues", "resetCalibration", "stopCalibration", "reset"]
)
def test_values_that_are_set_and_not_stored_are_an_alarm_after_a_while(end: str) -> None:
    factory = told()
    calibrate(factory, "startCalibration")
    factory.wait(400)
    assert found(factory, "calibration-unstored") == set()
    calibrate(factory, "setCalibrationValues")
    factory.wait(200)
    calibrate(factory, "setCalibrationValues")
    assert found(factory, "calibration-unstored") == set()
    factory.wait(110)
    assert found(factory, "calibration-unstored") == {DRILL}
    if end == "reset":
        factory.say("ccu_set_reset", {"timestamp": "t", "withStorage": False})
    else:
        calibrate(factory, end)
    assert found(factory, "calibration-unstored") == set()


def test_a_calibration_the_broker_only_kept_is_none_of_now() -> None:
    factory = told()
    calibrate(factory, "setCalibrationValues", retain=True)
    factory.wait(400)
    assert found(factory, "calibration-unstored") == set()


def test_vibration_is_an_alarm_only_where_the_site_wants_it() -> None:
    reading = {"timestamp": "t", "vibrationDetected": True}
    topic = "osf/arduino/vibration/mpu6050/state"
    factory = told().raw(topic, reading)
    factory.wait(10)
    assert found(factory, "vibration") == set()
    factory = told("vibration: {enabled: true}").raw(topic, reading)
    assert found(factory, "vibration") == set(), "it has to last"
    factory.wait(3)
    factory.raw(topic, reading).wait(3)
    assert len(found(factory, "vibration")) == 1
    factory.raw(topic, {"timestamp": "t", "vibrationDetected": False})
    assert found(factory, "vibration") == set()


TOPIC = "plant/oven/1/state"


def beat(factory: Factory, every_s: float, times: int, topic: str = TOPIC) -> None:
    for _ in range(times):
        factory.wait(every_s - factory.step_s).raw(topic, {"x": 1})


def test_a_topic_that_was_regular_and_is_silent_is_an_alarm_until_it_speaks() -> None:
    factory = told()
    beat(factory, 40.0, 60)
    factory.wait(110)
    assert found(factory, "topic-silent") == set()
    factory.wait(20)
    assert found(factory, "topic-silent") == {TOPIC}
    factory.wait(3600).raw(TOPIC, {"x": 1})
    assert found(factory, "topic-silent") == set()
    factory.wait(130)
    assert found(factory, "topic-silent") == {TOPIC}, "the outage is not what is usual"


def test_a_topic_that_speaks_when_something_happens_is_never_silent() -> None:
    factory = told()
    for number in range(80):
        beat(factory, 300.0 if number % 10 == 0 else 2.0, 1)
    factory.wait(86_400)
    assert found(factory, "topic-silent") == set()


def test_a_rhythm_has_to_be_known_and_a_kept_copy_is_no_part_of_it() -> None:
    factory = told()
    beat(factory, 10.0, 40)
    for _ in range(40):
        factory.wait(10).raw("plant/kept", {"x": 1}, retain=True)
    factory.wait(86_400)
    assert found(factory, "topic-silent") == set()


def test_a_short_pause_of_a_fast_topic_is_none() -> None:
    factory = told()
    beat(factory, 2.0, 200)
    factory.wait(50)
    assert found(factory, "topic-silent") == set()
    factory.wait(15)
    assert found(factory, "topic-silent") == {TOPIC}


def test_what_the_archive_knows_counts_while_too_little_was_heard_here() -> None:
    """1. The store was lost, 2. a topic is heard again, 3. it falls silent within the hour."""
    factory = told()
    beat(factory, 40.0, 5)
    factory.wait(86_000)
    assert found(factory, "topic-silent") == set(), "unknown is no alarm"
    factory.state.usual_pauses = {TOPIC: 45.0}
    assert found(factory, "topic-silent") == {TOPIC}
    factory.raw(TOPIC, {"x": 1}).wait(130)
    assert found(factory, "topic-silent") == set()
    factory.wait(10)
    assert found(factory, "topic-silent") == {TOPIC}


def test_what_was_usual_on_another_day_is_no_silence() -> None:
    factory = told()
    beat(factory, 10.0, 60)
    factory.state.usual_pauses = {TOPIC: 300.0}
    factory.wait(890)
    assert found(factory, "topic-silent") == set()
    factory.wait(20)
    assert found(factory, "topic-silent") == {TOPIC}
    factory.state.usual_pauses = {TOPIC: 1.0}
    factory.raw(TOPIC, {"x": 1}).wait(50)
    assert found(factory, "topic-silent") == set(), "what was heard here counts as well"


def test_what_has_become_irregular_and_what_another_rule_judges_is_no_silence() -> None:
    factory = told().online(DRILL).module(DRILL)
    for number in range(80):
        beat(factory, 300.0 if number % 10 == 0 else 2.0, 1)
    topics = [TOPIC, *factory.state.traffic.topics, "plant/never/heard"]
    factory.state.usual_pauses = dict.fromkeys(topics, 2.0)
    factory.wait(86_400)
    assert found(factory, "topic-silent") == set()
    assert f"device-silent:{DRILL}" in factory.alarms()


def test_an_order_that_takes_far_longer_than_its_kind_is_an_alarm() -> None:
    one = WatchedMock(1)
    mock_world.order(one.world, "WHITE")
    one.run(3)
    [order_id] = one.state.active_orders
    rule = "order-overdue: {parameters: {factor: 0.5}}"
    one.state.alarm_rules = with_site(f"version: 1\nrules:\n  {rule}\n")
    one.run(60)
    assert f"order-overdue:{order_id}" not in one.alarms()
    assert one.run(40, lambda: f"order-overdue:{order_id}" in one.alarms())
    assert "usual 3 minutes" in one.alarms()[f"order-overdue:{order_id}"].en
    assert one.run(200, lambda: not one.state.active_orders)
    assert f"order-overdue:{order_id}" not in one.alarms()


def test_an_order_of_unknown_kind_has_no_usual_time() -> None:
    factory = told("order-overdue: {parameters: {factor: 0}}")
    factory.orders(order("o1", type="PINK"))
    factory.wait(10_000)
    assert found(factory, "order-overdue") == set()


def test_each_number_of_a_rule_has_a_name() -> None:
    names = {name for rule in BUILT_IN.rules.values() for name in rule.parameters}
    for name in {*names, "on_delay_s", "off_delay_s"}:
        assert has(f"alarms.number.{name}"), name
