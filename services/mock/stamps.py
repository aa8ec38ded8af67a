"""Moments as the factory's programs write them (PROTOCOL F.13)."""

from datetime import UTC, datetime

from services.common import clock

millis = clock.iso


def micros(at: float) -> str:
    """UTC with microseconds and `Z`, as TXT controllers and vehicles write it."""
    text = datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds")
    return text.replace("+00:00", "Z")


def epoch_ms(at: float) -> int:
    """Unix milliseconds, as bays and NFC tags hold them."""
    return round(at * 1000)
