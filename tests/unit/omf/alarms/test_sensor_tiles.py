"""Tiles of the sensors: those that come along, what a site changes, and their limits as rules."""

import json

import pytest

from omf.alarms.rule_data import BUILT_IN, with_site
from omf.alarms.sensor_tiles import BUILT_IN_TILES, MAX_TILES
from omf.state import FactoryState
from omf.texts import LANGUAGES
from omf.yaml_files import YamlFileError
from tests.support.factory import Factory

BME = "/j1/txt/1/i/bme680"
HOT = "limit-room-temperature.high"


def site(*rows: str) -> str:
    return "version: 1\nsensors:\n" + "".join(f"  {row}\n" for row in rows)


def judged(*rows: str) -> Factory:
    factory = Factory()
    factory.state.alarm_rules = with_site(site(*rows))
    return factory


def test_every_tile_that_comes_along_is_named_in_every_language() -> None:
    assert {frozenset(tile.title) for tile in BUILT_IN_TILES.values()} == {frozenset(LANGUAGES)}
    assert BUILT_IN.tiles == BUILT_IN_TILES
    assert BUILT_IN.limits == {}


def test_a_limit_of_a_tile_is_an_alarm_rule_with_hysteresis() -> None:
    factory = judged("room-temperature: {limits: {high: {above: 30, hysteresis: 2}}}")
    for value, raised in ((30, False), (31, True), (28.5, True), (28, False)):
        factory.raw(BME, {"t": value})
        assert (f"{HOT}:{BME}" in factory.alarms()) is raised, value
    rules = factory.state.alarm_rules
    assert HOT in rules.rules
    assert rules.limits[HOT].title == BUILT_IN_TILES["room-temperature"].title


def test_a_site_changes_only_what_it_says() -> None:
    rules = with_site(site("room-temperature: {digits: 2, title: {en: Hall}}"))
    tile, before = rules.tiles["room-temperature"], BUILT_IN_TILES["room-temperature"]
    assert (tile.topic, tile.path, tile.unit, tile.digits) == (BME, "t", "°C", 2)
    assert tile.title == {**before.title, "en": "Hall"}
    assert list(rules.tiles) == list(BUILT_IN_TILES)


def test_any_number_of_any_message_becomes_a_tile() -> None:
    own = "battery: {topic: fts/v1/ff/+/state, path: batteryState.percentage, title: {en: Battery}}"
    factory = judged(own)
    factory.raw("fts/v1/ff/5iO4/state", {"batteryState": {"percentage": 42}})
    factory.raw("fts/v1/ff/leJ4/state", {"batteryState": {}})
    reading = factory.state.readings["battery fts/v1/ff/5iO4/state"]
    assert (reading.value, reading.at) == (42, factory.state.last_received - 1)
    assert [key for key in factory.state.readings if key.startswith("battery ")] == [
        "battery fts/v1/ff/5iO4/state"
    ]


@pytest.mark.parametrize(
    ("reading", "raised"),
    [
        ({"t": 70.1, "tUnit": "F"}, False),
        ({"t": 90, "unit": "°F"}, True),
        ({"t": 300, "temp_unit": "K"}, False),
        ({"t": 305, "unit": "kelvin"}, True),
        ({"t": 31, "unit": "celsius"}, True),
        # Nobody knows how warm that is: it is shown, and no limit is said to be passed.
        ({"t": 90, "unit": "°Re"}, False),
        # The unit is that of the humidity.
        ({"t": 31, "h": 90, "unit": "%"}, True),
    ],
)
def test_a_limit_is_judged_in_its_own_unit(reading: dict[str, object], *, raised: bool) -> None:
    factory = judged("room-temperature: {limits: {high: {above: 30, hysteresis: 2}}}")
    factory.raw(BME, reading)
    assert (f"{HOT}:{BME}" in factory.alarms()) is raised


def test_the_unit_of_a_value_within_an_object_stands_beside_it() -> None:
    factory = judged("oven: {topic: a/b, path: 'air[0].temp', unit: °C, title: {en: Oven}}")
    factory.raw("a/b", {"unit": "%", "air": [{"temp": 70.1, "tempUnit": "F"}]})
    assert factory.state.readings["oven a/b"].unit == "°F"


def test_half_a_character_is_no_reading_for_the_state_could_not_be_stored() -> None:
    factory = judged("lamp: {topic: site/lamp, path: colour, title: {en: Lamp}}")
    factory.raw("site/lamp", {"colour": "red", "colourUnit": "\ud800"})
    factory.raw("site/lamp", {"colour": "\ud800"})
    reading = factory.state.readings["lamp site/lamp"]
    assert (reading.value, reading.unit) == ("red", None)
    assert json.dumps(factory.state.snapshot(), ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("rows", "line", "name"),
    [
        (["oven: {topic: a/b, title: {en: Oven}}"], 3, "sensors.oven"),
        (["oven: {path: t, topic: 'a/#/b', title: {en: Oven}}"], 3, "sensors.oven.topic"),
        (["oven: {path: t, topic: a}"], 3, "sensors.oven"),
        (
            ["room-temperature:", "  limits:", "    high: {above: 1, below: 2}"],
            5,
            "sensors.room-temperature.limits.high",
        ),
        (["Room: {path: t}"], 3, "sensors.Room"),
        (["room-temperature: {colour: red}"], 3, "sensors.room-temperature.colour"),
    ],
)
def test_a_fault_is_named_with_its_line(rows: list[str], line: int, name: str) -> None:
    with pytest.raises(YamlFileError) as found:
        with_site(site(*rows))
    assert found.value.faults[0].line == line
    assert found.value.faults[0].name.startswith(name)


def test_no_site_fills_the_page_without_end() -> None:
    rows = [f"one-{n}: {{topic: a/{n}, path: x, title: {{en: One}}}}" for n in range(MAX_TILES)]
    with pytest.raises(YamlFileError):
        with_site(site(*rows))


def test_what_is_switched_off_is_neither_shown_nor_judged() -> None:
    factory = judged("room-temperature: {enabled: false, limits: {high: {above: 1}}}")
    factory.raw(BME, {"t": 50, "h": 40})
    assert {key.partition(" ")[0] for key in factory.state.readings} == {"room-humidity"}
    assert HOT not in factory.state.alarm_rules.rules


def test_what_a_tile_shows_is_what_was_told() -> None:
    factory = Factory()
    factory.raw(BME, {"t": 21.5, "iaq": 40, "aq": 3})
    told = factory.state.readings
    assert (told[f"room-temperature {BME}"].value, told[f"air-quality {BME}"].accuracy) == (21.5, 3)
    assert told[f"room-temperature {BME}"].unit is None
    # A message without the field, and one that is no JSON, leave what was told and when.
    before = told[f"room-temperature {BME}"]
    factory.raw(BME, {"h": 30}).raw(BME, b"{")
    assert told[f"room-temperature {BME}"] == before
    assert FactoryState.restore(factory.state.snapshot()).readings == told


def test_the_unit_is_the_one_that_the_message_tells() -> None:
    topic = "osf/arduino/temperature/dht11-1/state"
    factory = Factory().raw(topic, {"temperature": 75.0, "temperatureUnit": "F"})
    assert factory.state.readings[f"board-temperature {topic}"].unit == "°F"


def test_a_copy_the_broker_kept_has_no_age_and_a_deleted_topic_no_value() -> None:
    factory = Factory().raw(BME, {"t": 20}, retain=True)
    assert factory.state.readings[f"room-temperature {BME}"].at is None
    factory.raw(BME, b"")
    assert factory.state.readings == {}


@pytest.mark.parametrize("value", [None, [1], {"a": 1}, "1e999"])
def test_what_is_no_value_is_none(value: object) -> None:
    payload = b'{"t": 1e999}' if value == "1e999" else {"t": value}
    assert Factory().raw(BME, payload).state.readings == {}
