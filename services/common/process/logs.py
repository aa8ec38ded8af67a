"""One JSON object a line on stderr, and never the same complaint a hundred times a second."""

import logging
import sys
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TextIO

from prometheus_client import Counter

from omf.messages.printable import json_text
from services.common.process import clock

LOG_REPEAT_S = 10.0
"""A loop that meets the same error each round can fill a disk in a day."""
MAX_KEYS = 1000
KEPT_LINES = 200
MAX_LINE = 20_000
"""Characters; a longer one is written and not kept."""

LINES = Counter("omf_log_lines", "Lines logged", ["level"])
HELD_BACK = Counter("omf_log_held_back", "Warnings and errors left out as repetitions")
for _level in ("warning", "error", "critical"):
    LINES.labels(_level)

_about: ContextVar[Mapping[str, str]] = ContextVar("about", default={})  # noqa: B039 - never changed

_STANDARD = frozenset(logging.LogRecord("", 0, "", 0, "", None, None).__dict__) | {
    "message",
    "asctime",
    "taskName",
    "color_message",
}


@contextmanager
def about(**fields: str) -> Iterator[None]:
    """Every line logged inside tells these too: `command_id`, `message_id`, `entry`."""
    token = _about.set({**_about.get(), **fields})
    try:
        yield
    finally:
        _about.reset(token)


class JsonLines(logging.Formatter):
    """Time, level, service, environment, text, what it is `about`, and whatever came as `extra`."""

    def __init__(self, service: str, environment: str) -> None:
        super().__init__()
        self._fixed = {"service": service, "environment": environment}

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        line: dict[str, Any] = {"at": clock.iso(record.created), "level": record.levelname.lower()}
        line |= self._fixed | {"logger": record.name, "text": record.getMessage()}
        line |= _about.get()
        line |= {k: v for k, v in record.__dict__.items() if k not in _STANDARD}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json_text(line, default=str)


class SameOnlyOnceAWhile(logging.Filter):
    """Lets a text through once every ten seconds and tells how many were held back."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[tuple[object, ...], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """False for a repetition within the interval."""
        if record.levelno < logging.WARNING:
            return True
        said = (
            *(record.name, str(record.msg), record.exc_info and record.exc_info[0]),
            _about.get().get("environment"),
        )
        last, held = self._seen.get(said, (0.0, 0))
        if record.created - last < LOG_REPEAT_S:
            self._seen[said] = (last, held + 1)
            HELD_BACK.inc()
            return False
        if len(self._seen) >= MAX_KEYS:
            self._seen.clear()
        self._seen[said] = (record.created, 0)
        if held:
            record.held_back = held
        LINES.labels(record.levelname.lower()).inc()
        return True


_kept: dict[str | None, deque[str]] = {}
"""By factory where a process serves several, and under None what it says as a whole."""


class Told(logging.StreamHandler[TextIO]):
    """Writes each line, and keeps the last ones in memory for the health page."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write and keep one line."""
        super().emit(record)
        if len(line := self.format(record)) <= MAX_LINE:
            environment = _about.get().get("environment")
            _kept.setdefault(environment, deque(maxlen=KEPT_LINES)).append(line)


def recent(environment: str | None = None) -> list[str]:
    """The last lines this process logged of a factory, or as a whole; oldest first, as JSON."""
    return list(_kept.get(environment, ()))


def start(service: str, environment: str, level: str = "INFO") -> None:
    """All logging of this process becomes JSON lines on stderr."""
    handler = Told(sys.stderr)
    handler.setFormatter(JsonLines(service, environment))
    handler.addFilter(SameOnlyOnceAWhile())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # else each question is a line
