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
    text: str = ""


_S, _E = AlarmState, AlarmEvent
_SHOWN = (_S.UNACKNOWLEDGED, _S.ACKNOWLEDGED, _S.RETURNED, _S.LATCHED)
HIDDEN = (_S.SHELVED, _S.SUPPRESSED, _S.OUT_OF_SERVICE)
"""States in which an alarm asks for nothing: each is left by a person, or at its forced end."""
_ALIVE = (*_SHOWN, *HIDDEN)
_HIDDEN_BY = {
    _E.UNSHELVED: _S.SHELVED,
    _E.SHELF_ENDED: _S.SHELVED,
    _E.UNSUPPRESSED: _S.SUPPRESSED,
    _E.PUT_BACK: _S.OUT_OF_SERVICE,
    _E.SERVICE_DUE: _S.OUT_OF_SERVICE,
}
_BACK_TEXT = {
    _E.UNSHELVED: "a person takes it off the shelf",
    _E.SHELF_ENDED: "the time on the shelf is over",
    _E.UNSUPPRESSED: "the design does not suppress it any more",
    _E.PUT_BACK: "a person returns it to service",
    _E.SERVICE_DUE: "the time out of service is over",
}


def _back(event: AlarmEvent) -> tuple[AlarmPassage, ...]:
    """The ways out of a state in which an alarm was hidden: one that stands is announced anew."""
    hidden, said = (_HIDDEN_BY[event],), _BACK_TEXT[event]
    return (
        AlarmPassage(event, hidden, _S.UNACKNOWLEDGED, stands=True, text=said),
        AlarmPassage(event, hidden, _S.LATCHED, stands=False, latching=True, text=said),
        AlarmPassage(event, hidden, _S.NORMAL, stands=False, latching=False, text=said),
    )


PASSAGES: tuple[AlarmPassage, ...] = (
    AlarmPassage(
        _E.RAISED,
        (_S.NORMAL, _S.RETURNED, _S.LATCHED),
        _S.UNACKNOWLEDGED,
        text="the rule is met",
    ),
    AlarmPassage(_E.RAISED, HIDDEN, None, text="the rule is met"),
    AlarmPassage(_E.RETURNED, (_S.UNACKNOWLEDGED,), _S.RETURNED, text="the rule is met no more"),
    AlarmPassage(
        _E.RETURNED,
        (_S.ACKNOWLEDGED,),
        _S.NORMAL,
        latching=False,
        text="the rule is met no more",
    ),
    AlarmPassage(
        _E.RETURNED,
        (_S.ACKNOWLEDGED,),
        _S.LATCHED,
        latching=True,
        text="the rule is met no more",
    ),
    AlarmPassage(_E.RETURNED, HIDDEN, None, text="the rule is met no more"),
    AlarmPassage(
        _E.ACKNOWLEDGED,
        (_S.UNACKNOWLEDGED,),
        _S.ACKNOWLEDGED,
        text="a person acknowledges it",
    ),
    AlarmPassage(
        _E.ACKNOWLEDGED,
        (_S.RETURNED,),
        _S.NORMAL,
        latching=False,
        text="a person acknowledges it",
    ),
    AlarmPassage(
        _E.ACKNOWLEDGED,
        (_S.RETURNED,),
        _S.LATCHED,
        latching=True,
        text="a person acknowledges it",
    ),
    AlarmPassage(_E.RESET, (_S.LATCHED,), _S.NORMAL, text="a person resets it"),
    AlarmPassage(_E.COMMENTED, _ALIVE, None, text="a person comments on it"),
    AlarmPassage(_E.SHELVED, _SHOWN, _S.SHELVED, text="a person shelves it for a while"),
    *_back(_E.UNSHELVED),
    *_back(_E.SHELF_ENDED),
    AlarmPassage(
        _E.SUPPRESSED,
        (_S.NORMAL, *_SHOWN),
        _S.SUPPRESSED,
        text="the rule is met, and another alarm explains it or the design suppresses it",
    ),
    *_back(_E.UNSUPPRESSED),
    AlarmPassage(
        _E.TAKEN_OUT,
        (*_SHOWN, _S.SHELVED, _S.SUPPRESSED),
        _S.OUT_OF_SERVICE,
        text="a person takes it out of service",
    ),
    *_back(_E.PUT_BACK),
    *_back(_E.SERVICE_DUE),
    AlarmPassage(
        _E.DROPPED,
        _ALIVE,
        _S.NORMAL,
        text="too many wait and it is the oldest that is over, or another session is replayed",
    ),
    AlarmPassage(_E.REFUSED, tuple(_S), None, text="an act comes when it is not possible any more"),
)
