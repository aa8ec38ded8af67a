"""Alarm rules on numbers: what a site watches, and what is usual here."""

from collections.abc import Iterator

from omf.alarms.alarm import Finding
from omf.alarms.limits import LimitRule, in_every_language
from omf.constants import COLOURS
from omf.state.device_names import device_name
from omf.state.limit_watch import WatchedValue, watched
from omf.state.model import Factory
from omf.state.traffic import Rhythm
from omf.terms import term
from omf.texts import Text, text, verbatim

_NO_ADVICE = text("alarm_part.limit_advice")


def limit_passed(state: Factory, _now: float) -> Iterator[Finding]:
    """A value beyond a limit of the site, until it has come back by the hysteresis."""
    for name, limit in state.alarm_rules.limits.items():
        prefix = watched(name, "")
        for key, last in state.watched.items():
            if key.startswith(prefix) and limit.beyond(last.value, was=last.beyond):
                topic = key.removeprefix(prefix)
                yield Finding(name, topic, last.since, _said(state, limit, topic, last))


def stock_below(state: Factory, _now: float) -> Iterator[Finding]:
    """Fewer pieces of a colour in the warehouses than the site wants; 0 wants none."""
    if not state.stock.known:
        return
    bays = state.stock.bays.values()
    changed = max((bay.since for bay in bays if bay.since is not None), default=None)
    for colour in COLOURS:
        wanted = state.alarm_rules.number("stock-below", colour.lower())
        count = sum(bay.colour == colour for bay in bays)
        if count < wanted:
            words = (("colour", term("colour", colour)), ("count", str(count)))
            limit = ("limit", f"{wanted:g}")
            yield Finding("stock-below", colour, changed, (*words, limit))


def topic_silent(state: Factory, now: float) -> Iterator[Finding]:
    """A topic that was spoken on regularly and is no more, and whose sender nobody else judges."""
    limit_s = state.alarm_rules.number("topic-silent", "limit_s")
    factor = state.alarm_rules.number("topic-silent", "factor")
    for topic, count in state.traffic.topics.items():
        rhythm = count.rhythm
        if rhythm is None or rhythm.heard_at is None or count.deleted:
            continue
        if (usual_s := _usual_pause_s(state, topic, rhythm)) is None:
            continue
        since = rhythm.heard_at + max(limit_s, factor * usual_s)
        if now > since:
            yield Finding(
                "topic-silent", topic, since, (("topic", topic), ("usual", f"{usual_s:.0f}"))
            )


def _usual_pause_s(state: Factory, topic: str, rhythm: Rhythm) -> float | None:
    """The longest usual pause, of the archive's and what was heard since; None: nobody can tell.

    What the archive knows counts also while too little was heard since; one that has become
    irregular has no usual pause any more.
    """
    if rhythm.known and rhythm.longest_usual_s is None:
        return None
    known = (rhythm.longest_usual_s, state.usual_pauses.get(topic))
    return max((one for one in known if one is not None), default=None)


def _said(
    state: Factory, limit: LimitRule, topic: str, last: WatchedValue
) -> tuple[tuple[str, str | Text], ...]:
    unit = f" {limit.unit}" if limit.unit else ""
    sign = ">" if limit.above is not None else "<"
    return (
        ("device", _device(state, topic)),
        ("field", in_every_language(limit.title) or verbatim(limit.path)),
        ("value", f"{last.value:g}{unit}"),
        ("limit", f"{sign} {limit.limit:g}{unit}"),
        ("advice", in_every_language(limit.action) or _NO_ADVICE),
    )


def _device(state: Factory, topic: str) -> Text:
    """The device a topic is of, by its name; the topic where it is of none."""
    serials = (one for one in topic.split("/") if one in state.modules or one in state.vehicles)
    serial = next(serials, None)
    return verbatim(topic) if serial is None else device_name(state, serial)
