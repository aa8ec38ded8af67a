"""MQTT 5 properties as the JSON they are kept as."""

import json

import pytest

from omf.messages.properties import MessageProperties, PropertiesError

WHOLE = MessageProperties(
    "text/plain",
    0,
    (("a", "1"), ("a", "2"), ("ü", "\n")),
    "answer",
    b"\xff",
    utf8=True,
    unread=b"?",
)


def test_what_is_written_is_read_and_stands_on_one_line() -> None:
    told = WHOLE.to_json()
    assert MessageProperties.parse(told) == WHOLE
    assert MessageProperties.parse(json.loads(told)) == WHOLE
    assert "\n" not in told
    assert "ü" in told


def test_only_what_is_there_is_written() -> None:
    assert MessageProperties().to_json() == ""
    assert MessageProperties(expiry_s=0).to_json() == '{"expiry_s":0}'
    assert MessageProperties("x").to_json() == '{"content_type":"x"}'


@pytest.mark.parametrize(
    ("told", "key"),
    [
        ("[]", "object"),
        ("{", "JSON"),
        (5, "object"),
        ({"content_type": 1}, "content_type"),
        ({"response_topic": "x" * 70_000}, "response_topic"),
        ({"expiry_s": -1}, "expiry_s"),
        ({"expiry_s": True}, "expiry_s"),
        ({"expiry_s": 2**32}, "expiry_s"),
        ({"user": {"a": "b"}}, "user"),
        ({"user": [["a"]]}, "user"),
        ({"user": [["a", 1]]}, "user"),
        ({"correlation": "ä"}, "correlation"),
        ({"correlation": 1}, "correlation"),
    ],
)
def test_what_is_none_is_refused_by_its_key(told: object, key: str) -> None:
    with pytest.raises(PropertiesError, match=key):
        MessageProperties.parse(told)
