"""What differs between two pieces of JSON, as `omf/messages/json_diff.py` finds it."""

from omf.messages.json_diff import (
    MAX_LEAVES,
    Difference,
    between,
    leaves,
    parsed,
    tells_time,
)

__all__ = ["MAX_LEAVES", "Difference", "between", "leaves", "parsed", "tells_time"]
