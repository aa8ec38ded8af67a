"""MQTT 5 properties of a message: what its sender says of it besides topic and payload.

They lie in buffers, archive and sessions as one JSON object with the keys that are there; a message
without any has no such object. Source: MQTT 5.0, section 3.3.2.3.
"""

import base64
import binascii
import json
from typing import Any, NamedTuple

MAX_STRING_BYTES = 0xFFFF
MAX_EXPIRY_S = 0xFFFFFFFF
MAX_USER_PROPERTIES = 10_000


class PropertiesError(ValueError):
    """It is no JSON object of properties; the text names the key."""


class MessageProperties(NamedTuple):
    """The properties of one message; all of them may miss."""

    content_type: str = ""
    expiry_s: int | None = None
    """Seconds it was still good for when the broker handed it on."""
    user: tuple[tuple[str, str], ...] = ()
    """User properties in their order; a name may come more than once."""
    response_topic: str = ""
    correlation: bytes = b""
    utf8: bool = False
    """The sender says that the payload is text in UTF-8."""
    unread: bytes = b""
    """What follows no rule of MQTT, as it came."""

    @classmethod
    def parse(cls, told: object) -> "MessageProperties":
        """From the JSON object, or its text; PropertiesError says what is wrong with it."""
        if isinstance(told, str):
            try:
                told = json.loads(told)
            except (ValueError, RecursionError) as error:
                raise PropertiesError(f"no JSON: {error}") from error
        if not isinstance(told, dict):
            raise PropertiesError("no JSON object")
        return cls(
            _text(told, "content_type"),
            _expiry(told),
            _user(told),
            _text(told, "response_topic"),
            _bytes(told, "correlation"),
            told.get("utf8") is True,
            _bytes(told, "unread"),
        )

    def to_json(self) -> str:
        """The JSON object in one line, "" if there are none; equal ones give equal text."""
        told: dict[str, Any] = {
            "content_type": self.content_type,
            "expiry_s": self.expiry_s,
            "user": [list(pair) for pair in self.user],
            "response_topic": self.response_topic,
            "correlation": base64.b64encode(self.correlation).decode(),
            "utf8": self.utf8,
            "unread": base64.b64encode(self.unread).decode(),
        }
        there = {
            key: value for key, value in told.items() if value or (value == 0 and key == "expiry_s")
        }
        return json.dumps(there, ensure_ascii=False, separators=(",", ":")) if there else ""


NO_PROPERTIES = MessageProperties()


def _text(told: dict[str, Any], key: str) -> str:
    return _string(told.get(key, ""), key)


def _string(value: object, key: str) -> str:
    if not isinstance(value, str):
        raise PropertiesError(f"{key}: no text")
    if len(value.encode("utf-8", "surrogatepass")) > MAX_STRING_BYTES:
        raise PropertiesError(f"{key}: longer than {MAX_STRING_BYTES} bytes")
    return value


def _expiry(told: dict[str, Any]) -> int | None:
    value = told.get("expiry_s")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_EXPIRY_S:
        raise PropertiesError(f"expiry_s: no whole number from 0 to {MAX_EXPIRY_S}")
    return value


def _user(told: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    pairs = told.get("user", [])
    if not isinstance(pairs, list) or len(pairs) > MAX_USER_PROPERTIES:
        raise PropertiesError("user: no list of pairs of name and value")
    found = []
    for pair in pairs:
        if not isinstance(pair, list) or len(pair) != 2:  # noqa: PLR2004 - a pair
            raise PropertiesError("user: each is a pair of name and value")
        found.append((_string(pair[0], "user"), _string(pair[1], "user")))
    return tuple(found)


def _bytes(told: dict[str, Any], key: str) -> bytes:
    try:
        return base64.b64decode(_text_any(told, key), validate=True)
    except (binascii.Error, ValueError) as error:
        raise PropertiesError(f"{key}: no base64") from error


def _text_any(told: dict[str, Any], key: str) -> str:
    value = told.get(key, "")
    if not isinstance(value, str):
        raise PropertiesError(f"{key}: no text")
    return value
