"""The stages of a command and what leads from one to the next, as one table. Pure data.

Every event orders writes takes its stage from this table; docs/commands-lifecycle.md is drawn from
it, and tests hold what really happens against it.
"""

from enum import Enum

from services.common.store.keys import Stage

_SENDING = (Stage.QUEUED, Stage.PUBLISHED, Stage.ACKNOWLEDGED)
"""A receipt may be late, so the factory may prove what is only told to be queued."""
_OPEN = (Stage.ACCEPTED, *_SENDING)
"""ACCEPTED: the step waits for a person."""


class Passage(Enum):
    """What happens, the stages it can happen in (None: the command is new), the stage after it."""

    ASKED = "an entry of `commands` is read", (None,), Stage.REQUESTED
    PERMITTED = "the decision is yes", (Stage.REQUESTED,), Stage.ACCEPTED
    FORBIDDEN = "the decision is no", (Stage.REQUESTED,), Stage.REFUSED
    TOO_OLD = "it was read after its expiry", (Stage.REQUESTED,), Stage.EXPIRED
    CARRIED_OUT = "only a lease or a bracket is concerned", (Stage.ACCEPTED,), Stage.EFFECT
    STEP_SENT = (
        "the step goes into the outbox, or to the owner of the alarms",
        _OPEN,
        Stage.QUEUED,
    )
    STEP_WAITS = "the next step needs a person's release", _SENDING, Stage.ACCEPTED
    STEP_RELEASED = "a person releases the waiting step", (Stage.ACCEPTED,), Stage.QUEUED
    ATTEMPTED = "the gateway publishes", (Stage.QUEUED,), Stage.PUBLISHED
    PUBACK = "the broker acknowledges the publish", _SENDING, Stage.ACKNOWLEDGED
    GATEWAY_REFUSED = "the checks of the gateway, or the broker, refuse it", _SENDING, Stage.REFUSED
    GATEWAY_EXPIRED = "the gateway could not publish it in time", _SENDING, Stage.EXPIRED
    NEVER_SENT = "nobody attempted a publish in time", (Stage.QUEUED,), Stage.EXPIRED
    PROVEN = (
        "the factory or the owner of the alarms proves it",
        _SENDING,
        Stage.EFFECT,
    )
    DENIED = "the factory reports a failure, a foreign order or a reset", _OPEN, Stage.FAILED
    CANCELLED = "a person cancelled the bracket", _OPEN, Stage.FAILED
    ABANDONED = "nobody released the waiting step in time", (Stage.ACCEPTED,), Stage.FAILED
    SILENT = "the window of the effect passed in silence", _SENDING, Stage.NO_EFFECT
    UNCERTAIN = "silence, and sending or hearing is in doubt", _SENDING, Stage.UNKNOWN
    COURSE = "the order it led to went on", (Stage.EFFECT,), Stage.EFFECT

    def __init__(self, text: str, before: tuple[Stage | None, ...], after: Stage) -> None:
        self.text = text
        self.before = before
        self.after = after
