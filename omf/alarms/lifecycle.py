"""The states of an alarm and what leads from one to the next, as one table (ISA-18.2, IEC 62682).

Pure data: docs/alarms-lifecycle.md is drawn from it, and omf/alarms/changes.py carries it out.
"""

from enum import StrEnum
from typing import NamedTuple

LATCHING = frozenset({"danger"})
"""Rules whose alarm stays, once its cause has gone, until a person resets it: fire and gas."""


class AlarmState(StrEnum):
    """Where an alarm is in its life."""

    NORMAL = "normal"
    UNACKNOWLEDGED = "unacknowledged"
    ACKNOWLEDGED = "acknowledged"
    RETURNED = "returned_unacknowledged"
    LATCHED = "latched"
    SHELVED = "shelved"
    SUPPRESSED = "suppressed_by_design"
    OUT_OF_SERVICE = "out_of_service"


class AlarmEvent(StrEnum):
    """What happens to an alarm."""

    RAISED = "raised"
    RETURNED = "returned"
    ACKNOWLEDGED = "acknowledged"
    RESET = "reset"
    COMMENTED = "commented"
    SHELVED = "shelved"
    UNSHELVED = "unshelved"
    SHELF_ENDED = "shelf_ended"
    SUPPRESSED = "suppressed"
    UNSUPPRESSED = "unsuppressed"
    TAKEN_OUT = "taken_out_of_service"
    PUT_BACK = "returned_to_service"
    SERVICE_DUE = "out_of_service_ended"
    DROPPED = "dropped"
    REFUSED = "refused"


PASSAGE_TEXTS = {
    AlarmEvent.RAISED: "the rule is met",
    AlarmEvent.RETURNED: "the rule is met no more",
    AlarmEvent.ACKNOWLEDGED: "a person acknowledges it",
    AlarmEvent.RESET: "a person resets it",
    AlarmEvent.COMMENTED: "a person comments on it",
    AlarmEvent.SHELVED: "a person shelves it for a while",
    AlarmEvent.UNSHELVED: "a person takes it off the shelf",
    AlarmEvent.SHELF_ENDED: "the time on the shelf is over",
    AlarmEvent.SUPPRESSED: "the rule is met, "
    "and another alarm explains it or the design suppresses it",
    AlarmEvent.UNSUPPRESSED: "the design does not suppress it any more",
    AlarmEvent.TAKEN_OUT: "a person takes it out of service",
    AlarmEvent.PUT_BACK: "a person returns it to service",
    AlarmEvent.SERVICE_DUE: "the time out of service is over",
    AlarmEvent.DROPPED: "too many wait and it is the oldest that is over, "
    "or another session is replayed",
    AlarmEvent.REFUSED: "an act comes when it is not possible any more",
}


class AlarmPassage(NamedTuple):
    """One row: an event in any of the states `before` leads to the state `after`."""

    event: AlarmEvent
    before: tuple[AlarmState, ...]
    after: AlarmState | None
    """None: the state stays."""
    stands: bool | None = None
    """Only while the cause is there, or only once it has gone; None: either way."""
    latching: bool | None = None
    """Only of rules that latch, or only of the others."""


_S, _E = AlarmState, AlarmEvent
_SHOWN = (_S.UNACKNOWLEDGED, _S.ACKNOWLEDGED, _S.RETURNED, _S.LATCHED)
HIDDEN = (_S.SHELVED, _S.SUPPRESSED, _S.OUT_OF_SERVICE)
"""States in which an alarm asks for nothing: each is left by a person, or at its forced end."""
_ALIVE = (*_SHOWN, *HIDDEN)


def _back(event: AlarmEvent, hidden: AlarmState) -> tuple[AlarmPassage, ...]:
    """The ways out of a state in which an alarm was hidden: one that stands is announced anew."""
    return (
        AlarmPassage(event, (hidden,), _S.UNACKNOWLEDGED, stands=True),
        AlarmPassage(event, (hidden,), _S.LATCHED, stands=False, latching=True),
        AlarmPassage(event, (hidden,), _S.NORMAL, stands=False, latching=False),
    )


PASSAGES: tuple[AlarmPassage, ...] = (
    AlarmPassage(_E.RAISED, (_S.NORMAL, _S.RETURNED, _S.LATCHED), _S.UNACKNOWLEDGED),
    AlarmPassage(_E.RAISED, HIDDEN, None),
    AlarmPassage(_E.RETURNED, (_S.UNACKNOWLEDGED,), _S.RETURNED),
    AlarmPassage(_E.RETURNED, (_S.ACKNOWLEDGED,), _S.NORMAL, latching=False),
    AlarmPassage(_E.RETURNED, (_S.ACKNOWLEDGED,), _S.LATCHED, latching=True),
    AlarmPassage(_E.RETURNED, HIDDEN, None),
    AlarmPassage(_E.ACKNOWLEDGED, (_S.UNACKNOWLEDGED,), _S.ACKNOWLEDGED),
    AlarmPassage(_E.ACKNOWLEDGED, (_S.RETURNED,), _S.NORMAL, latching=False),
    AlarmPassage(_E.ACKNOWLEDGED, (_S.RETURNED,), _S.LATCHED, latching=True),
    AlarmPassage(_E.RESET, (_S.LATCHED,), _S.NORMAL),
    AlarmPassage(_E.COMMENTED, _ALIVE, None),
    AlarmPassage(_E.SHELVED, _SHOWN, _S.SHELVED),
    *_back(_E.UNSHELVED, _S.SHELVED),
    *_back(_E.SHELF_ENDED, _S.SHELVED),
    AlarmPassage(_E.SUPPRESSED, (_S.NORMAL, *_SHOWN), _S.SUPPRESSED),
    *_back(_E.UNSUPPRESSED, _S.SUPPRESSED),
    AlarmPassage(_E.TAKEN_OUT, (*_SHOWN, _S.SHELVED, _S.SUPPRESSED), _S.OUT_OF_SERVICE),
    *_back(_E.PUT_BACK, _S.OUT_OF_SERVICE),
    *_back(_E.SERVICE_DUE, _S.OUT_OF_SERVICE),
    AlarmPassage(_E.DROPPED, _ALIVE, _S.NORMAL),
    AlarmPassage(_E.REFUSED, tuple(_S), None),
)
