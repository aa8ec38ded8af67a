"""Variables in kept parameters: found, typed, filled in, never breaking the JSON around them."""

import json
from typing import Any

import pytest

from omf.commands.placeholders import Placeholder, filled, fits, placeholders

KEPT: dict[str, Any] = {
    "topic": "site/${room}/lamp",
    "payload": '{"on": ${on:switch}, "level": ${level:number}, "said": "${words}"}',
    "qos": 1,
    "list": ["${room}", {"deep": "${words:text}"}],
}


def test_each_variable_is_found_once_in_its_order_and_with_its_type() -> None:
    assert placeholders(KEPT) == (
        Placeholder("room", "text"),
        Placeholder("on", "switch"),
        Placeholder("level", "number"),
        Placeholder("words", "text"),
    )
    assert placeholders({"a": "${n}", "b": "${n:number}"}) == (Placeholder("n", "number"),)
    assert placeholders({"a": "$${n} ${} ${1a} $n ${a:date}", "b": None}) == ()


@pytest.mark.parametrize("words", ['a "quoted" word', "back\\slash", "two\nlines", "ü ${level}"])
def test_values_stand_where_the_variables_stood_and_json_stays_json(words: str) -> None:
    values = {"room": "hall-2", "on": "true", "level": "-1.5e2", "words": words}
    found = filled(KEPT, values)
    assert found["topic"] == "site/hall-2/lamp"
    assert json.loads(found["payload"]) == {"on": True, "level": -150.0, "said": words}
    assert found["list"] == ["hall-2", {"deep": words}]
    assert found["qos"] == 1


def test_what_has_no_value_stays_and_a_doubled_sign_is_none() -> None:
    assert filled({"a": "${x} ${y} $${x}"}, {"x": "1"}) == {"a": "1 ${y} ${x}"}


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("number", ("0", "-3", "1.5", "2e3"), ("", "one", "1,5", "01", "NaN", "1 ")),
        ("switch", ("true", "false"), ("", "yes", "1")),
        ("text", ("", "anything"), ()),
    ],
)
def test_a_value_fits_its_type(kind: Any, good: tuple[str, ...], bad: tuple[str, ...]) -> None:
    place = Placeholder("x", kind)
    assert all(fits(place, value) for value in good)
    assert not any(fits(place, value) for value in bad)
