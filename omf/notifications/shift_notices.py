"""Who is to be told how a shift was, once it is over. Pure.

A receiver that asks for it is told of each planned shift that ends from then on, each once.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from omf.analysis.shifts import ShiftCalendar, ShiftSpan
from omf.constants import DAY_S, MINUTE_S
from omf.notifications.receivers import ReceiverNow

REPORT_AFTER_S = 5.0
"""After the end of a shift: what was said in its last second is kept by then."""
REPORTED_BACK_S = 3 * DAY_S
"""Of shifts that ended longer ago nobody is told any more; the page has them."""
REPORT_LATE_S = 15 * MINUTE_S
"""A report that goes out later says so."""
SHIFT_REPORT = "shift-report"


class ShiftNotice(BaseModel):
    """The report of one shift, for one receiver."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    receiver: str
    shift: str
    """Its id, `2026-05-13/early`."""
    since: float
    until: float

    @property
    def told_key(self) -> str:
        """What was told last is kept under this; no id of an alarm is without a colon."""
        return f"{self.receiver}|{SHIFT_REPORT}"

    @property
    def at(self) -> float:
        """When there was something to tell."""
        return self.until

    @property
    def identity(self) -> str:
        """The same for the same shift."""
        return f"{SHIFT_REPORT}|{self.shift}"

    @property
    def about(self) -> str:
        """For a log."""
        return f"the report of {self.shift}"


class DecidedReports(NamedTuple):
    """What follows at a moment."""

    notices: list[ShiftNotice]
    noted: list[ShiftNotice]
    """Of who asks for the first time: the shift before the first one that is told."""
    forgotten: list[str]
    """Keys of `told` of who asks no more."""


def decide_reports(
    calendar: ShiftCalendar,
    told: Mapping[str, ShiftNotice],
    receivers: Iterable[ReceiverNow],
    now: float,
) -> DecidedReports:
    """What is to be told now; `told` is, by `told_key`, of which shift each was told last."""
    asking = [one for one in receivers if one.receiver.shift_report]
    over = [one for one in _over(calendar, now) if calendar.planned(one.since, one.until)]
    last = calendar.before(calendar.at(now - REPORT_AFTER_S))
    notices, noted = list[ShiftNotice](), list[ShiftNotice]()
    for one in asking:
        name = one.receiver.name
        before = told.get(f"{name}|{SHIFT_REPORT}")
        if before is None:
            noted.append(_notice(name, calendar, last))
        elif not one.quiet:
            notices += [_notice(name, calendar, span) for span in over if _after(span, before)]
    known = {f"{one.receiver.name}|{SHIFT_REPORT}" for one in asking}
    return DecidedReports(notices, noted, [key for key in told if key not in known])


def _over(calendar: ShiftCalendar, now: float) -> list[ShiftSpan]:
    ended = now - REPORT_AFTER_S
    found = calendar.between(ended - REPORTED_BACK_S, ended)
    return [one for one in found if ended - REPORTED_BACK_S < one.until <= ended]


def _after(span: ShiftSpan, before: ShiftNotice) -> bool:
    return span.until > before.until


def _notice(receiver: str, calendar: ShiftCalendar, span: ShiftSpan) -> ShiftNotice:
    return ShiftNotice(
        receiver=receiver, shift=calendar.id_of(span), since=span.since, until=span.until
    )
