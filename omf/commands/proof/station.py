"""Proofs about the delivery station: the rhythm of readings, a position, what a tag says."""

from collections.abc import Mapping
from typing import Any

from omf.commands.proof.rules import failed, proven, rule, shown
from omf.commands.schemas import Verdict
from omf.messages.message import Message
from omf.messages.sensors import NfcAnswer
from omf.terms import term
from omf.texts import text

SPACING_TOLERANCE = 0.05
MIN_TOLERANCE_S = 0.5
"""A station waits for the period and then measures, so readings come a little later each time."""


def same_period(interval_s: float, period_s: float) -> bool:
    """Readings that far apart are what a period of `period_s` gives; both in seconds."""
    return abs(interval_s - period_s) <= max(MIN_TOLERANCE_S, SPACING_TOLERANCE * period_s)


@rule("readings-spaced", spaced=True)
def _readings_spaced(expect: Mapping[str, Any], _told: Any, message: Message) -> Verdict | None:
    """Two readings come the new period apart, and did not before: any single one proves nothing."""
    previous_at, before_s, period_s = (
        expect["previous_at"],
        expect["interval_s"],
        expect["period_s"],
    )
    if previous_at is None or (before_s is not None and same_period(before_s, period_s)):
        return None
    apart_s = message.received_at - previous_at
    nearer_to_before = before_s is not None and abs(apart_s - before_s) < abs(apart_s - period_s)
    if nearer_to_before or not same_period(apart_s, period_s):
        return None
    return proven(text("proof.readings_every", period_s=period_s))


@rule("seen")
def _seen(_expect: Mapping[str, Any], _told: Any, _message: Message) -> Verdict | None:
    """Any new message on a topic where nothing comes by itself."""
    return proven(text("proof.new_message_arrived"))


@rule("tag-read")
def _tag_read(_expect: Mapping[str, Any], told: NfcAnswer, _message: Message) -> Verdict | None:
    """The reader's answer says what stands on the tag, or that it found none."""
    piece = told.workpiece
    if piece is None or not piece.id:
        return failed(text("proof.no_tag"))
    colour = term("colour", piece.type or None)
    state = term("stock.state", piece.state or None)
    return proven(text("proof.tag_read", tag=shown(piece.id), colour=colour, state=state))


@rule("tag-empty")
def _tag_empty(_expect: Mapping[str, Any], told: NfcAnswer, _message: Message) -> Verdict | None:
    """A tag that still says something may be the answer to somebody else who reads."""
    piece = told.workpiece
    if told.history or (piece is not None and (piece.type or piece.state)):
        return None
    return proven(text("proof.tag_empty"))
