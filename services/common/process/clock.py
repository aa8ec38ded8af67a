"""The only place that asks the host for the time."""

import time
from datetime import UTC, datetime

CLOCK_SLACK_S = 2.0
"""Clocks read by two processes differ by less."""


def now() -> float:
    """Host time in Unix seconds; for display and ages. Decisions use the store's clock."""
    return time.time()


def monotonic() -> float:
    """Seconds that never step back; for intervals and time-outs."""
    return time.monotonic()


def iso(at: float) -> str:
    """UTC with milliseconds and `Z`, the one form the factory reads as a date (PROTOCOL F.13)."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
