"""Who is told how a shift was: each planned shift once, from the first one asked for on."""

from datetime import UTC, datetime

from omf.analysis.shift_clock import ShiftClock
from omf.analysis.shift_figures import RangeFigures, shift_figures
from omf.analysis.shifts import ShiftCalendar
from omf.notifications.receivers import QuietHours, Receiver, ReceiverNow
from omf.notifications.shift_notices import REPORT_AFTER_S, ShiftNotice, decide_reports
from omf.notifications.wording import NotificationPlace, ReadyReport, report_notification
from tests.support.shared import recording

CALENDAR = ShiftCalendar.parse(
    """
zone: UTC
shifts:
- {name: early, begin: "06:00", days: [mon, tue, wed, thu, fri]}
- {name: late, begin: "14:00", days: [mon, tue, wed, thu, fri]}
- {name: night, begin: "22:00", days: []}
"""
)
PLACE = NotificationPlace("live", "en", "UTC", "https://omf.example/")


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def one(*, quiet: bool = False, duty: bool = True, report: bool = True) -> ReceiverNow:
    receiver = Receiver.model_validate(
        {"name": "anna", "addresses": [{"name": "a", "url": "u"}], "shift_report": report}
    )
    hours = QuietHours.model_validate({"from": "00:00", "until": "06:00"})
    return ReceiverNow(receiver.model_copy(update={"quiet": hours}), on_duty=duty, quiet=quiet)


def told_of(shift: str) -> dict[str, ShiftNotice]:
    span = CALENDAR.named(shift)
    assert span is not None
    notice = ShiftNotice(receiver="anna", shift=shift, since=span.since, until=span.until)
    return {notice.told_key: notice}


def shifts(receiver: ReceiverNow, told: dict[str, ShiftNotice], now: str) -> list[str]:
    return [n.shift for n in decide_reports(CALENDAR, told, [receiver], at(now)).notices]


def test_who_asks_for_the_first_time_is_told_of_the_next_shift_that_ends() -> None:
    found = decide_reports(CALENDAR, {}, [one()], at("2026-05-13T13:00"))
    assert found.notices == []
    [noted] = found.noted
    told = {noted.told_key: noted}
    assert shifts(one(), told, "2026-05-13T13:59:59") == []
    assert shifts(one(), told, "2026-05-13T14:00:04") == []
    assert shifts(one(), told, "2026-05-13T14:00:06") == ["2026-05-13/early"]


def test_each_shift_is_told_once_and_a_shift_without_planned_work_never() -> None:
    told = told_of("2026-05-13/early")
    assert shifts(one(), told, "2026-05-13T22:00:06") == ["2026-05-13/late"]
    assert shifts(one(), told_of("2026-05-13/late"), "2026-05-14T06:01") == []
    assert shifts(one(), told_of("2026-05-13/late"), "2026-05-14T14:01") == ["2026-05-14/early"]


def test_what_ended_while_nobody_could_be_told_comes_later_as_far_as_three_days_back() -> None:
    told = told_of("2026-05-11/early")
    assert shifts(one(), told, "2026-05-13T15:00") == [
        "2026-05-11/late",
        "2026-05-12/early",
        "2026-05-12/late",
        "2026-05-13/early",
    ]
    assert shifts(one(), told_of("2026-04-01/early"), "2026-05-13T15:00")[0] == "2026-05-11/early"


def test_quiet_hours_hold_it_and_duty_does_not() -> None:
    told = told_of("2026-05-13/early")
    assert shifts(one(quiet=True), told, "2026-05-13T23:00") == []
    assert shifts(one(duty=False), told, "2026-05-13T23:00") == ["2026-05-13/late"]


def test_who_asks_no_more_is_forgotten_and_begins_anew() -> None:
    told = told_of("2026-05-13/early")
    found = decide_reports(CALENDAR, told, [one(report=False)], at("2026-05-13T23:00"))
    assert (found.notices, found.noted, found.forgotten) == ([], [], list(told))


def figures(name: str = "ml-wrb-red-nok_20260807_130729") -> RangeFigures:
    messages = list(recording(name))
    span = messages[0].received_at, messages[-1].received_at
    clock = ShiftClock(None, span[0])
    for message in messages:
        clock.take(message)
    clock.close(span[1])
    return shift_figures(clock, span, [span])


def test_the_message_names_the_figures_and_has_the_report_as_a_file() -> None:
    found = figures()
    said = report_notification(
        [ReadyReport("2026-08-07/early", found, b"%PDF-")], PLACE, found.until + REPORT_AFTER_S
    )
    assert said.title == "OMF live: shift report 2026-08-07 early shift"
    assert said.link == "https://omf.example/live/report?range=2026-08-07%2Fearly"
    assert said.body.startswith(said.link)
    lines = said.body.splitlines()
    assert "First-pass yield: 50.0 %" in lines
    assert any("disturbance" in line for line in lines)
    assert not any("Late" in line for line in lines)
    assert [(one.name, one.content) for one in said.attachments] == [
        ("2026-08-07-early.pdf", b"%PDF-")
    ]
    assert said.phase is None


def test_several_go_as_one_late_ones_say_so_and_odd_names_make_no_odd_files() -> None:
    found = figures()
    ready = [ReadyReport("2026-08-07/a/../b \n", found, b"1"), ReadyReport("2026-08-07/x", found)]
    said = report_notification(ready, PLACE._replace(language="de", pages=""), found.until + 1000)
    assert said.title == "OMF live: 2 Schichtberichte"
    assert said.body.count("Verspätet: die Schicht endete") == 2
    assert said.link == ""
    assert [one.name for one in said.attachments] == ["2026-08-07-a-..-b-.pdf"]
