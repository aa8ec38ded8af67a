"""One alarm from its rise to its end, and who did what to it. Pure: the time is passed in.

`observe` finds what the factory and the clock did to all alarms, `carry_out` what a person does to
one; both answer with the alarms as they are then and the entries that tell of it. Which passage is
possible is the table in omf/alarms/lifecycle.py.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime

from omf.alarms.alarm import Alarm
from omf.alarms.alarm_texts import SEVERITY
from omf.alarms.life import AlarmAct, AlarmComment, AlarmEntry, AlarmLife
from omf.alarms.lifecycle import HIDDEN, LATCHING, PASSAGES, AlarmEvent, AlarmPassage, AlarmState
from omf.alarms.rule_data import BUILT_IN, AlarmRules
from omf.texts import Text, text, verbatim

MAX_ALARM_COMMENTS = 20
"""Of one alarm; each is an entry of the stream as well, where none is forgotten."""
MAX_ALARM_LIVES = 1000
"""Alarms kept at a time; beyond, the oldest of those that are over are dropped, and it is told."""


CAUSE_HOLDS_S = 60.0
"""After its cause has gone a symptom stays under it for so long: its own end takes a heartbeat."""
_SHOWN_AGAIN = {
    "hidden_by": "",
    "hidden_reason": "",
    "hidden_until": None,
    "cause": "",
    "suppressed": None,
}


def passage(life: AlarmLife, event: AlarmEvent) -> AlarmPassage | None:
    """The row for an event in the state an alarm has; None: it cannot happen there."""
    latching = life.rule in LATCHING
    for row in PASSAGES:
        if row.event is not event or life.state not in row.before:
            continue
        if row.stands in (None, life.stands) and row.latching in (None, latching):
            return row
    return None


def step(life: AlarmLife, event: AlarmEvent, act: AlarmAct) -> tuple[AlarmLife, AlarmEntry] | None:
    """The alarm after an event and the entry that tells of it; None: it cannot happen now."""
    row = passage(life, event)
    if row is None:
        return None
    after = row.after or life.state
    changed = life.but(state=after, **_changes(life, event, act))
    if after is not life.state:
        changed = changed.but(changed_at=act.at)
    if after is not life.state and life.state in HIDDEN and after not in HIDDEN:
        changed = changed.but(**_SHOWN_AGAIN)
    return changed, _entry(life, event, after, act)


def observe(
    lives: Mapping[str, AlarmLife],
    alarms: Iterable[Alarm],
    now: float,
    rules: AlarmRules = BUILT_IN,
) -> tuple[dict[str, AlarmLife], list[AlarmEntry]]:
    """All alarms after what the rules find `now`, and the passages, those of the clock last."""
    found = {alarm.id: alarm for alarm in alarms}
    after = {life.id: _told(life, found.get(life.id), now) for life in lives.values()}
    entries: list[AlarmEntry] = []
    over = {
        life.id
        for life in after.values()
        if life.gone_at is not None and now - life.gone_at >= rules.off_delay_s(life.rule)
    }
    due = list(_due(after, now))
    for name, event in [*_found(after, found, over), *due]:
        life = after.get(name) or AlarmLife.of(found[name])
        if done := step(life, event, AlarmAct(now)):
            after[name] = done[0]
            entries.append(done[1])
    for name, _ in due:
        # What came off its shelf is explained all the same: at once, not at the next look.
        alarm = found.get(name)
        if alarm is None or not alarm.suppressed:
            continue
        if done := step(_told(after[name], alarm, now), AlarmEvent.SUPPRESSED, AlarmAct(now)):
            after[name] = done[0]
            entries.append(done[1])
    for name in _surplus(after):
        if done := step(after[name], AlarmEvent.DROPPED, AlarmAct(now)):
            after[name] = done[0]
            entries.append(done[1])
    return _alive(after), entries


def drop_all(lives: Mapping[str, AlarmLife], now: float) -> list[AlarmEntry]:
    """The passages of alarms that nobody asks about any more: another session is replayed."""
    done = (step(life, AlarmEvent.DROPPED, AlarmAct(now)) for life in lives.values())
    return [one[1] for one in done if one]


def carry_out(
    lives: Mapping[str, AlarmLife], name: str, event: AlarmEvent, act: AlarmAct
) -> tuple[dict[str, AlarmLife], AlarmEntry]:
    """All alarms after what a person did to one; a refused act changes none."""
    life = lives.get(name)
    done = step(life, event, act) if life else None
    if done is None:
        why = refusal(life, event) or text("alarm_act.impossible")
        entry = _entry(life or _over(name), AlarmEvent.REFUSED, None, act)
        return dict(lives), entry.model_copy(update={"why": why})
    return _alive({**lives, name: done[0]}), done[1]


def refusal(life: AlarmLife | None, event: AlarmEvent) -> Text | None:
    """Why a person cannot do this to an alarm, and who was faster; None: it can be done."""
    if life is None or life.state is AlarmState.NORMAL:
        return text("alarm_act.over")
    if passage(life, event):
        return None
    if life.state in HIDDEN:
        words = {"who": life.hidden_by} if life.hidden_by else {}
        return text(f"alarm_act.is.{life.state}", at=_time(life.changed_at), **words)
    if event is AlarmEvent.ACKNOWLEDGED and life.acknowledged_at is not None:
        by, at = life.acknowledged_by, _time(life.acknowledged_at)
        return text("alarm_act.is.acknowledged", who=by, at=at)
    return text(f"alarm_act.not_for.{event}")


def _changes(life: AlarmLife, event: AlarmEvent, act: AlarmAct) -> dict[str, object]:
    renewed: dict[str, object] = {"acknowledged_by": "", "acknowledged_at": None}
    if event in (AlarmEvent.RAISED, AlarmEvent.SUPPRESSED):
        rises = {} if life.stands else {"raised_at": act.at, "count": life.count + 1}
        return {"stands": True, **rises, **renewed}
    if event is AlarmEvent.RETURNED:
        return {"stands": False, "gone_at": None}
    if event is AlarmEvent.ACKNOWLEDGED:
        return {"acknowledged_by": act.who, "acknowledged_at": act.at}
    if event is AlarmEvent.COMMENTED:
        said = AlarmComment(by=act.who, at=act.at, text=act.reason)
        return {"comments": (*life.comments, said)[-MAX_ALARM_COMMENTS:]}
    if event in (AlarmEvent.SHELVED, AlarmEvent.TAKEN_OUT):
        hidden = {"hidden_by": act.who, "hidden_reason": act.reason, "hidden_until": act.until}
        return {**hidden, **renewed}
    return {}


def _told(life: AlarmLife, alarm: Alarm | None, now: float) -> AlarmLife:
    """The same with what the rule says by now; what it said last where it says nothing more."""
    if alarm is None:
        return life.but(gone_at=now) if life.stands and life.gone_at is None else life
    told = life.but(
        severity=alarm.severity,
        since=alarm.since,
        text=alarm.text,
        action=alarm.action,
        gone_at=None,
    )
    explained = {"cause": alarm.cause, "suppressed": alarm.suppressed}
    if life.state is not AlarmState.SUPPRESSED:
        return told.but(**explained)
    if alarm.suppressed:
        return told.but(**explained, hidden_until=None)
    until = now + CAUSE_HOLDS_S if life.hidden_until is None else life.hidden_until
    return told.but(hidden_until=until)


def _found(
    lives: Mapping[str, AlarmLife], found: Mapping[str, Alarm], over: Collection[str]
) -> Iterator[tuple[str, AlarmEvent]]:
    for name, alarm in found.items():
        life = lives.get(name)
        hidden = life is not None and life.state in HIDDEN
        if alarm.suppressed and not hidden:
            yield name, AlarmEvent.SUPPRESSED
        elif life is None or not life.stands:
            yield name, AlarmEvent.RAISED
    for name, life in lives.items():
        if life.stands and name in over:
            yield name, AlarmEvent.RETURNED
            if life.state is AlarmState.SUPPRESSED:
                yield name, AlarmEvent.UNSUPPRESSED


def _due(lives: Mapping[str, AlarmLife], now: float) -> Iterator[tuple[str, AlarmEvent]]:
    """The forced ends; what is over is let go, so that nothing is hidden for ever."""
    ends = {
        AlarmState.SHELVED: AlarmEvent.SHELF_ENDED,
        AlarmState.SUPPRESSED: AlarmEvent.UNSUPPRESSED,
        AlarmState.OUT_OF_SERVICE: AlarmEvent.SERVICE_DUE,
    }
    for name, life in lives.items():
        if life.state in ends and life.hidden_until is not None and now >= life.hidden_until:
            yield name, ends[life.state]


def _surplus(lives: Mapping[str, AlarmLife]) -> list[str]:
    alive = [life for life in lives.values() if life.state is not AlarmState.NORMAL]
    over = [life for life in alive if not life.stands and life.state not in HIDDEN]
    over.sort(key=lambda life: life.raised_at)
    return [life.id for life in over[: max(0, len(alive) - MAX_ALARM_LIVES)]]


def _alive(lives: Mapping[str, AlarmLife]) -> dict[str, AlarmLife]:
    return {name: one for name, one in lives.items() if one.state is not AlarmState.NORMAL}


def _over(name: str) -> AlarmLife:
    """An alarm nobody knows any more, as far as its name tells."""
    rule, _, subject = name.partition(":")
    severity, said = SEVERITY.get(rule, "advisory"), verbatim(name)
    return AlarmLife(
        id=name, rule=rule, subject=subject, severity=severity, since=None, text=said, action=said
    )


def _time(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _entry(
    life: AlarmLife, event: AlarmEvent, after: AlarmState | None, act: AlarmAct
) -> AlarmEntry:
    return AlarmEntry(
        alarm=life.id,
        rule=life.rule,
        subject=life.subject,
        severity=life.severity,
        priority=life.priority,
        event=event,
        before=life.state,
        after=after or life.state,
        at=act.at,
        since=life.since,
        text=life.text,
        who=act.who,
        reason=act.reason,
        until=act.until,
        command_id=act.command_id,
        request_id=act.request_id,
        why=life.suppressed if event is AlarmEvent.SUPPRESSED else None,
        cause=life.cause,
    )
