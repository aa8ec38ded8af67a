"""Alarm rules on numbers: what a site watches, and what is usual here."""

from collections.abc import Iterator

from omf.alarms.alarm import Finding
from omf.alarms.limits import LimitRule, in_every_language
from omf.state.device_names import device_name
from omf.state.limit_watch import WatchedValue, watched
from omf.state.model import Factory
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


def _device(state: Factory, topic: str) -> str:
    """The device a topic is of, by its name; the topic where it is of none."""
    serials = (one for one in topic.split("/") if one in state.modules or one in state.vehicles)
    serial = next(serials, None)
    return topic if serial is None else device_name(state, serial)
