"""One JSON object a line on stderr, and never the same complaint a hundred times a second."""

import json
import logging
import sys
from typing import Any

from services.common import clock

REPEAT_S = 10.0
"""A loop that meets the same error each round can fill a disk in a day."""
MAX_KEYS = 1000

_STANDARD = frozenset(logging.LogRecord("", 0, "", 0, "", None, None).__dict__) | {
    "message",
    "asctime",
    "taskName",
    "color_message",
}


class JsonLines(logging.Formatter):
    """Time, level, service, environment, text and whatever was passed as `extra`."""

    def __init__(self, service: str, environment: str) -> None:
        super().__init__()
        self._fixed = {"service": service, "environment": environment}

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        line: dict[str, Any] = {"at": clock.iso(record.created), "level": record.levelname.lower()}
        line |= self._fixed | {"logger": record.name, "text": record.getMessage()}
        line |= {k: v for k, v in record.__dict__.items() if k not in _STANDARD}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class SameOnlyOnceAWhile(logging.Filter):
    """Lets a text through once every ten seconds and tells how many were held back."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """False for a repetition within the interval."""
        if record.levelno < logging.WARNING:
            return True
        said = (record.name, str(record.msg))
        last, held = self._seen.get(said, (0.0, 0))
        if record.created - last < REPEAT_S:
            self._seen[said] = (last, held + 1)
            return False
        if len(self._seen) >= MAX_KEYS:
            self._seen.clear()
        self._seen[said] = (record.created, 0)
        if held:
            record.held_back = held
        return True


def start(service: str, environment: str, level: str = "INFO") -> None:
    """All logging of this process becomes JSON lines on stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(service, environment))
    handler.addFilter(SameOnlyOnceAWhile())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
