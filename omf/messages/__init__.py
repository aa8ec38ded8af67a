"""Every payload of the factory as a frozen model (PROTOCOL B), and the one way to read them.

`parse(topic, payload)` returns a `Reading` (entry of the catalogue, named levels, payload model),
`Deleted` (retained message cleared), `Rejected` (does not fit, with the reason) or `Unmodelled`
(nobody described it); it never raises. `dump(payload)` writes what a model holds, or raises
`WriteError`; `check_command` holds foreign bytes to the same standard.

Reading is tolerant: almost every field may be missing and is None then, never a made-up value.
Where the wire is ambiguous the model has the raw field as `reported_...` and a property with the
meaning: `order_id` (None for "", "0", 0), `errors` (without `[{}]`), `Load.empty`, `Load.colour`.
"""

from omf.messages.base import Payload
from omf.messages.drift import DriftReport, unmodelled_fields
from omf.messages.drift import report as drift_report
from omf.messages.reading import REASONS, Deleted, Reading, Rejected, Result, Unmodelled, parse
from omf.messages.writing import WriteError, check_command, dump

__all__ = [
    "REASONS",
    "Deleted",
    "DriftReport",
    "Payload",
    "Reading",
    "Rejected",
    "Result",
    "Unmodelled",
    "WriteError",
    "check_command",
    "drift_report",
    "dump",
    "parse",
    "unmodelled_fields",
]
