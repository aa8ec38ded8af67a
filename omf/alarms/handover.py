"""Shift hand-over: one person gives the shift with all that stands, another one takes it.

Pure: `give` and `answer` tell what waits afterwards, and the entry that says so. One hand-over
waits at a time; both people sign it, each by a command of their own.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from omf.alarms.kpis import AlarmFigures, figures
from omf.alarms.life import AlarmAct, AlarmEntry, AlarmLife
from omf.alarms.lifecycle import AlarmEvent, AlarmState
from omf.alarms.rule_data import Severity
from omf.texts import Text, text

HANDOVER_TOPIC = "$handovers"
"""Stands for the stream `handovers` among topics; no client can publish what begins with `$`."""
MAX_HANDED_OVER = 100
"""Alarms and comments told one by one in a hand-over; the rest is counted."""


class HandoverEvent(StrEnum):
    """What becomes of a hand-over."""

    GIVEN = "given"
    TAKEN = "taken"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class HandedAlarm(_Model):
    """An alarm as it was when the shift was given."""

    alarm: str
    severity: Severity
    priority: int
    state: AlarmState
    text: Text
    raised_at: float
    by: str = ""
    """Who acknowledged it, shelved it or took it out of service, why, and until when."""
    reason: str = ""
    until: float | None = None


class HandedComment(_Model):
    """What somebody wrote about an alarm during the shift."""

    at: float
    by: str
    alarm: str
    text: Text
    """What the alarm said."""
    words: str


class HandoverReport(_Model):
    """The shift as it is given; gravest alarms and newest comments first."""

    standing: tuple[HandedAlarm, ...]
    """Those that stand or wait for somebody."""
    shelved: tuple[HandedAlarm, ...]
    out_of_service: tuple[HandedAlarm, ...]
    suppressed: int
    comments: tuple[HandedComment, ...]
    untold: int
    """Alarms and comments beyond what is told one by one."""
    figures: AlarmFigures
    names: dict[str, Text]
    """What the alarms say that the figures name, by id."""


class PendingHandover(_Model):
    """A shift that was given and waits to be taken; times are Unix s."""

    id: str
    shift: str
    """Its name in the calendar of shifts."""
    since: float
    until: float
    who: str
    at: float
    note: str = ""


class HandoverEntry(_Model):
    """One signature, or what became of it: an entry of the stream `handovers`."""

    handover: str
    event: HandoverEvent
    at: float
    who: str
    note: str = ""
    given: PendingHandover | None = None
    """What was given, in each entry about it."""
    report: HandoverReport | None = None
    """Of the moment it was given."""
    command_id: str = ""
    request_id: str = ""
    why: Text | None = None
    """Of a refused act."""


class SignedHandover(_Model):
    """A shift that was given, and how that ended; None while it waits."""

    given: HandoverEntry
    end: HandoverEntry | None = None


def signed_handovers(entries: Iterable[HandoverEntry]) -> list[SignedHandover]:
    """Each shift that was given, newest first; `entries` are in the order they were written."""
    found: dict[str, SignedHandover] = {}
    for one in entries:
        if one.event is HandoverEvent.GIVEN:
            found[one.handover] = SignedHandover(given=one)
        elif one.event is not HandoverEvent.REFUSED and one.handover in found:
            found[one.handover] = SignedHandover(given=found[one.handover].given, end=one)
    return list(reversed(found.values()))


def handover_report(
    lives: Mapping[str, AlarmLife],
    passages: Sequence[AlarmEntry],
    *,
    since: float,
    until: float,
) -> HandoverReport:
    """What is to be handed over of a shift; `passages` are those of it, oldest first."""
    comments = [
        HandedComment(at=one.at, by=one.who, alarm=one.alarm, text=one.text, words=one.reason)
        for one in reversed(passages)
        if one.event is AlarmEvent.COMMENTED and since <= one.at < until
    ]
    ordered = sorted(lives.values(), key=lambda one: (one.priority, one.raised_at))
    hidden = (AlarmState.SHELVED, AlarmState.OUT_OF_SERVICE, AlarmState.SUPPRESSED)
    shelved, out, suppressed = ([one for one in ordered if one.state is s] for s in hidden)
    standing = [one for one in ordered if one.state not in hidden]
    told = (standing, shelved, out, comments)
    found = figures(passages, lives, since=since, until=until)
    said = {one.alarm: one.text for one in passages} | {one.id: one.text for one in ordered}
    named = {*(alarm for alarm, _ in found.top), *found.chattering, *found.stale}
    return HandoverReport(
        standing=_handed(standing),
        shelved=_handed(shelved),
        out_of_service=_handed(out),
        suppressed=len(suppressed),
        comments=tuple(comments[:MAX_HANDED_OVER]),
        untold=sum(max(0, len(one) - MAX_HANDED_OVER) for one in told),
        figures=found,
        names={alarm: said[alarm] for alarm in sorted(named)},
    )


def give(
    waiting: PendingHandover | None, wanted: PendingHandover, report: HandoverReport, act: AlarmAct
) -> tuple[PendingHandover | None, HandoverEntry]:
    """Give a shift; refused while another one waits."""
    if why := refusal(waiting, HandoverEvent.GIVEN, act.who):
        return waiting, _entry(wanted.id, HandoverEvent.REFUSED, act, waiting, why=why)
    return wanted, _entry(wanted.id, HandoverEvent.GIVEN, act, wanted, report=report)


def answer(
    waiting: PendingHandover | None, handover: str, event: HandoverEvent, act: AlarmAct
) -> tuple[PendingHandover | None, HandoverEntry]:
    """Take what waits, or withdraw it; `handover` names the one that is meant, "" whichever."""
    why = refusal(waiting, event, act.who, handover)
    if why or waiting is None:
        return waiting, _entry(handover, HandoverEvent.REFUSED, act, waiting, why=why)
    return None, _entry(waiting.id, event, act, waiting)


def refusal(
    waiting: PendingHandover | None, event: HandoverEvent, who: str = "", handover: str = ""
) -> Text | None:
    """Why this cannot be done; None: it can. `who` "": whoever it is."""
    if event is HandoverEvent.GIVEN:
        return _said("waits", waiting) if waiting else None
    if waiting is None:
        return text("handover_act.none")
    if handover not in ("", waiting.id):
        return _said("another", waiting)
    if event is HandoverEvent.TAKEN and who == waiting.who:
        return _said("same_person", waiting)
    if event is HandoverEvent.WITHDRAWN and who not in ("", waiting.who):
        return _said("not_yours", waiting)
    return None


def _said(name: str, waiting: PendingHandover) -> Text:
    at = datetime.fromtimestamp(waiting.at, UTC)
    return text(f"handover_act.{name}", who=waiting.who, at=at)


def _handed(lives: Iterable[AlarmLife]) -> tuple[HandedAlarm, ...]:
    return tuple(
        HandedAlarm(
            alarm=one.id,
            severity=one.severity,
            priority=one.priority,
            state=one.state,
            text=one.text,
            raised_at=one.raised_at,
            by=one.hidden_by or one.acknowledged_by,
            reason=one.hidden_reason,
            until=one.hidden_until,
        )
        for one in list(lives)[:MAX_HANDED_OVER]
    )


def _entry(
    handover: str,
    event: HandoverEvent,
    act: AlarmAct,
    given: PendingHandover | None,
    *,
    report: HandoverReport | None = None,
    why: Text | None = None,
) -> HandoverEntry:
    return HandoverEntry(
        handover=handover,
        event=event,
        at=act.at,
        who=act.who,
        note=act.reason,
        given=given,
        report=report,
        command_id=act.command_id,
        request_id=act.request_id,
        why=why,
    )
