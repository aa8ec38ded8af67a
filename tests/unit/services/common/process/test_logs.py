import io
import json
import logging
from typing import Any

import pytest

from services.common.process import logs


@pytest.fixture
def log() -> Any:
    """A logger set up as a service's is, with what it wrote."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logs.JsonLines("orders", "mock"))
    handler.addFilter(logs.SameOnlyOnceAWhile())
    logger = logging.Logger("test")  # noqa: LOG001 - one of its own
    logger.addHandler(handler)
    logger.lines = lambda: [json.loads(line) for line in out.getvalue().splitlines()]  # type: ignore[attr-defined]
    return logger


def test_a_line_tells_environment_command_and_message(log: Any) -> None:
    with logs.about(command_id="c-1"), logs.about(message_id="17-0"):
        log.warning("no effect of %s", "park", extra={"kind": "park"})
    log.warning("afterwards")
    told, after = log.lines()
    assert told["environment"] == "mock"
    assert told["service"] == "orders"
    assert (told["command_id"], told["message_id"], told["kind"]) == ("c-1", "17-0", "park")
    assert told["text"] == "no effect of park"
    assert "command_id" not in after


def test_what_stands_in_a_line_stays_one_line(log: Any) -> None:
    log.error("bad payload %s", 'a"\n{"level":"forged"}')
    (line,) = log.lines()
    assert line["level"] == "error"


def test_the_same_error_comes_once_in_ten_seconds_with_the_count_of_the_rest(
    log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = [1000.0]
    make = logging.LogRecord.__init__

    def record(self: logging.LogRecord, *args: Any, **named: Any) -> None:
        make(self, *args, **named)
        self.created = at[0]

    monkeypatch.setattr(logging.LogRecord, "__init__", record)
    for tenth in range(100):
        at[0] = 1000.0 + tenth / 10
        log.error("waiting for the store: %s", tenth)
    log.error("something else")
    at[0] = 1010.0
    log.error("waiting for the store: %s", 100)
    first, other, again = log.lines()
    assert first["text"] == "waiting for the store: 0"
    assert "held_back" not in first
    assert other["text"] == "something else"
    assert again["held_back"] == 99


def test_another_exception_at_the_same_place_is_not_the_same_error(log: Any) -> None:
    for kind in (ValueError, ValueError, KeyError):
        try:
            raise kind("x")
        except (ValueError, KeyError):
            log.exception("an entry failed")
    assert ["ValueError" in line["error"] for line in log.lines()] == [True, False]
