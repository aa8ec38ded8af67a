"""What a notification says: one alarm in full, several as a list, in the receiver's language."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from omf.alarms.rule_data import SEVERITIES
from omf.notifications.decision import AlarmNotice, AlarmPhase
from omf.texts import Language, Text, text

MAX_NOTICES_LISTED = 20
"""Alarms named in one notification; of more their number."""


class NotificationPlace(NamedTuple):
    """What a notification is made for."""

    environment: str
    language: Language
    timezone: str = "UTC"
    pages: str = ""
    """Where people reach the pages; "" makes no links."""


class Notification(NamedTuple):
    """Ready to be sent."""

    title: str
    body: str
    link: str
    phase: AlarmPhase
    """The gravest of what is told: something raised before something over."""


def notification_of(notices: Sequence[AlarmNotice], place: NotificationPlace) -> Notification:
    """The words for notices of one receiver, oldest first; there is at least one."""
    language = place.language
    phase = min((one.phase for one in notices), key=list(AlarmPhase).index)
    if len(notices) == 1:
        one = notices[0]
        head = _said(one)
        lines = [one.action.in_(language)] if one.phase is AlarmPhase.RAISED else []
        lines.insert(0, text("notification.at", at=_time(one.at, place)).in_(language))
        link = _link(place, "active", one.alarm)
    else:
        head = text("notification.several", count=len(notices))
        lines = [_line(one, place) for one in notices[-MAX_NOTICES_LISTED:]]
        if (more := len(notices) - MAX_NOTICES_LISTED) > 0:
            lines.append(text("notification.more", count=more).in_(language))
        link = _link(place, "active", "")
    title = text("notification.title", environment=place.environment, said=head).in_(language)
    # The link comes early: some providers cut what is long.
    body = "\n".join(filter(None, (lines[0], link, *lines[1:])))
    return Notification(title, body, link, phase)


def _line(one: AlarmNotice, place: NotificationPlace) -> str:
    return f"{_time(one.at, place)} {_said(one).in_(place.language)}"


def _said(one: AlarmNotice) -> Text:
    level = one.severity if one.severity in SEVERITIES else SEVERITIES[-1]
    words = {"level": text(f"level.{level}"), "what": one.text, "who": one.who or "?"}
    return text(f"notification.{one.phase}", **words)


def _time(at: float, place: NotificationPlace) -> str:
    return datetime.fromtimestamp(at, ZoneInfo(place.timezone)).strftime("%Y-%m-%d %H:%M:%S")


def _link(place: NotificationPlace, tab: str, alarm: str) -> str:
    if not place.pages:
        return ""
    address = f"{place.pages.rstrip('/')}/{place.environment}/alarms/{tab}"
    return f"{address}?{urlencode({'alarm': alarm})}" if alarm else address
