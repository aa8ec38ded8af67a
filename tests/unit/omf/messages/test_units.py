"""A sensor that names its unit is believed; one that names none has the usual one."""

import json
from typing import Any

import pytest

from omf.messages import units
from omf.summaries import meaning
from omf.texts import verbatim
from omf.topics import catalogue
from tests.support.factory import Factory

TOPIC = {"kind": "temperature", "sensor": "dht11-1"}


def values(reading: dict[str, Any], name: str = "arduino_state") -> dict[str, Any]:
    told = Factory()
    levels = TOPIC if name == "arduino_state" else {}
    told.say(name, reading, **levels)
    (shown,) = told.state.view(told.now)["sensors"].values()
    return {field: one["unit"] for field, one in shown["values"].items()}


@pytest.mark.parametrize(
    ("told", "unit"),
    [
        ("C", "°C"), ("°C", "°C"), ("celsius", "°C"), ("F", "°F"), ("°F", "°F"), ("f", "°F"),
        ("Fahrenheit", "°F"), (" degF ", "°F"), ("K", "K"), ("kelvin", "K"), ("Rankine", "Rankine"),
        ("°Re", "°Re"), (None, "°C"), ("", "°C"), (["F"], None), (5, "5"),
    ],
)  # fmt: skip
def test_a_temperature_is_in_the_unit_that_was_told(told: object, unit: str | None) -> None:
    assert values({"temperature": 70.1, "temperatureUnit": told}) == {"temperature": unit}


def test_a_sensor_that_names_no_unit_measures_in_the_usual_one() -> None:
    assert values({"temperature": 21, "humidity": 40}) == {"temperature": "°C", "humidity": "%"}


def test_each_field_has_its_own_unit_modelled_or_not() -> None:
    reading = {"temperature": 70.1, "temperatureUnit": "F", "humidity": 4, "humidityUnit": "g/m³",
               "pressure": 100_100, "pressureUnit": "Pa", "dust": 3, "dust_unit": "µg"}  # fmt: skip
    assert values(reading) == {
        "temperature": "°F", "humidity": "g/m³", "pressure": "Pa", "dust": "µg",
    }  # fmt: skip


@pytest.mark.parametrize(
    "field",
    [
        *("tempUnit", "TemperatureUnit", "temperature_UNIT", "TEMPERATURE-UNIT", "temp_units"),
        *("unitTemperature", "unit_temperature", "UNIT_TEMP", "Unit"),
    ],
)
def test_the_field_that_names_a_unit_may_be_written_otherwise(field: str) -> None:
    assert values({"temperature": 343.2, "humidity": 40, field: "K"}) == {
        "temperature": "K", "humidity": "%",
    }  # fmt: skip


def test_the_unit_of_what_is_not_told_is_not_that_of_something_else() -> None:
    reading = {"temperature": 20, "water": None, "waterUnit": "F", "community": 3}
    assert values(reading) == {"temperature": "°C", "community": None}


def test_the_room_air_may_name_its_units_too() -> None:
    reading = {"t": 70.1, "h": 40, "p": 998.4, "temperatureUnit": "F", "pUnit": "mbar"}
    assert values(reading, "txt_bme680") == {"t": "°F", "h": "%", "p": "hPa"}


def test_a_bare_unit_is_that_of_the_value_it_fits() -> None:
    assert values({"temperature": 70, "humidity": 4, "unit": "F"}) == {
        "temperature": "°F", "humidity": "%",
    }  # fmt: skip
    assert values({"temperature": 70, "unit": "Rankine"}) == {"temperature": "Rankine"}


@pytest.mark.parametrize("name", ["unit", "units"])
def test_the_units_of_all_values_may_stand_in_one_object(name: str) -> None:
    reading = {"temperature": 70, "humidity": 4, name: {"temperature": "F", "dust": "µg"}}
    assert values(reading) == {"temperature": "°F", "humidity": "%"}
    assert values({"t": 70, "h": 4, name: {"temperature": "F"}}, "txt_bme680") == {
        "t": "°F", "h": "%",
    }  # fmt: skip


def test_the_words_of_a_message_have_the_unit_that_was_told() -> None:
    topic = catalogue.address("arduino_state", **TOPIC)
    for unit, shown in (("F", "70.1 °F"), ("K", "70.1 K"), ("X", "70.1 X"), (None, "70.1 °C")):
        payload = json.dumps({"temperature": 70.1, "temperatureUnit": unit}).encode()
        said = meaning(topic, payload, lambda serial: (verbatim(serial), None))
        assert shown in said.en
        assert shown.replace(".", ",") in said.de


def test_a_unit_of_any_length_is_cut() -> None:
    assert units.spelled("x" * 500) == "x" * units.MAX_UNIT_CHARS
