"""What a notification says: one alarm in full, several as a list, in the receiver's language."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from omf.alarms.rule_data import SEVERITIES
from omf.analysis.shift_figures import RangeFigures
from omf.analysis.shift_wording import figure_name, value_words
from omf.notifications.decision import AlarmNotice, AlarmPhase
from omf.notifications.shift_notices import REPORT_LATE_S
from omf.texts import Language, Text, text
from omf.texts.figures import took
from omf.texts.translator import Translator

REPORTED = frozenset(
    {
        ("time", "unread"),
        ("time", "gaps"),
        ("orders", "finished"),
        ("orders", "not_finished"),
        ("orders", "per_hour"),
        ("quality", "first_pass_yield"),
        ("factory", "oee"),
        ("alarms", "raised"),
    }
)
"""Figures of a shift that a message names; the others are on the page and on paper."""
MAX_NOTICES_LISTED = 20
"""Alarms named in one notification; of more their number."""


class NotificationPlace(NamedTuple):
    """What a notification is made for."""

    environment: str
    language: Language
    timezone: str = "UTC"
    pages: str = ""
    """Where people reach the pages; "" makes no links."""


class Attachment(NamedTuple):
    """A file that goes along."""

    name: str
    content: bytes


class ReadyReport(NamedTuple):
    """The report of a shift, counted and on paper."""

    shift: str
    """Its id, `2026-05-13/early`."""
    found: RangeFigures
    paper: bytes = b""
    """As PDF; empty where none could be made."""


class Notification(NamedTuple):
    """Ready to be sent."""

    title: str
    body: str
    link: str
    phase: AlarmPhase | None
    """The gravest of what is told: something raised before something over; None: no alarm."""
    attachments: tuple[Attachment, ...] = ()
    """For providers that take files."""


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


def report_notification(
    reports: Sequence[ReadyReport], place: NotificationPlace, at: float
) -> Notification:
    """The words for reports of shifts, oldest first, sent at `at`; there is at least one."""
    say = Translator(place.language)
    names = [_shift_name(one.shift, say) for one in reports]
    if len(reports) == 1:
        head = say("notification.shift_report", shift=names[0])
        lines = list(_shift_lines(reports[0], place, at, say))
    else:
        head = say("notification.shift_reports", count=len(reports))
        lines = []
        for name, one in zip(names, reports, strict=True):
            lines += ["", name, *_shift_lines(one, place, at, say)]
    title = say("notification.title", environment=place.environment, said=head)
    link = _report_link(place, reports[-1].shift)
    files = (Attachment(_file_name(one.shift), one.paper) for one in reports if one.paper)
    body = "\n".join((link, *lines) if link else lines).strip()
    return Notification(title, body, link, None, tuple(files))


def _shift_lines(
    one: ReadyReport, place: NotificationPlace, at: float, say: Translator
) -> Iterator[str]:
    found = one.found
    if at - found.until > REPORT_LATE_S:
        yield say("notification.late", at=_time(found.until, place))
    for figure in found.figures:
        if (figure.group, figure.name) in REPORTED and not figure.subject:
            name = figure_name(figure.group, figure.name, say)
            yield f"{name}: {value_words(figure.value, figure.unit, say)}"
    cost = took(sum(part.cost_s for part in found.disturbances), place.language)
    count = len(found.disturbances)
    if count:
        yield say("notification.disturbances", count=count, cost=cost)


def _shift_name(shift: str, say: Translator) -> str:
    day, _, name = shift.partition("/")
    return f"{day} {say.known('shift', name)}"


def _file_name(shift: str) -> str:
    return re.sub(r"[^\w.-]+", "-", shift) + ".pdf"


def _report_link(place: NotificationPlace, shift: str) -> str:
    if not place.pages:
        return ""
    words = urlencode({"range": shift})
    return f"{place.pages.rstrip('/')}/{place.environment}/report?{words}"


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
