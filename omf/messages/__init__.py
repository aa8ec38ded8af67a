"""Every payload of the factory as a frozen model (PROTOCOL B), and the one way to read them.

`parse(topic, payload)` returns a `Reading` (entry of the catalogue, named levels, payload model,
and what of it could not be read), `Deleted` (empty payload), `Rejected` (nothing of it fits, with
the reason) or `Unmodelled` (nobody described it); it never raises. `parse_strictly` also rejects
what is read in part only. `dump(payload)` writes what a model holds, or raises `WriteError`;
`check_command` holds foreign bytes to the same standard.

Reading is tolerant: every field may be missing, null or damaged and is None then, never a made-up
value; what was there and could not be read is named in `Reading.misfits` and in the `unread` of
its record.
Where the wire is ambiguous the model has the raw field as `reported_...` and a property with the
meaning: `order_id` (None for "", "0", 0), `errors` (without `[{}]`), `Load.empty`, `Load.colour`.
"""

from omf.messages.base import Payload
from omf.messages.drift import DriftReport, unmodelled_fields
from omf.messages.drift import report as drift_report
from omf.messages.misfits import Misfit
from omf.messages.reading import (
    REASONS,
    Deleted,
    Reading,
    Rejected,
    Result,
    Unmodelled,
    parse,
    parse_strictly,
)
from omf.messages.writing import WriteError, check_command, dump

__all__ = [
    "REASONS",
    "Deleted",
    "DriftReport",
    "Misfit",
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
    "parse_strictly",
    "unmodelled_fields",
]
